// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of code
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blankComments } from './source-text.ts';

test.each([
  { name: 'a line comment', text: 'a(); // b()\nc();', left: 'a();       \nc();' },
  {
    name: 'a block comment over lines',
    text: 'a(); /* b()\n c() */ d();',
    left: 'a();       \n        d();',
  },
  { name: 'a block comment that never ends', text: 'a(); /* b()', left: 'a();       ' },
  {
    name: 'a comment in the hole of a template',
    text: 'f(`a ${b /* c */} d`);',
    left: 'f(`a ${b        } d`);',
  },
  { name: 'a comment at the end of the text', text: 'a(); // b', left: 'a();     ' },
])('$name is blanked', ({ text, left }) => {
  expect(blankComments(text)).toBe(left);
});

test.each([
  { name: 'an address in a string', text: "get('http://x/y'); on('a');" },
  { name: 'a block comment in a string', text: 'const glob = "src/**/*.js"; const b = "*/";' },
  { name: 'an escaped quote before slashes', text: "say('it\\'s // not a comment');" },
  { name: 'a division', text: 'const half = all / 2 / b;' },
  { name: 'a string that is not closed on its line', text: "it's\nbus.on('x'); // y".replace(' // y', '') },
  { name: 'an address in a template', text: 'get(`http://${host}/y`); bus.on("a");' },
  { name: 'a template in a template', text: 'f(`a ${b ? `//c ${{ d: 1 }.d}` : "/*"} // e`); g();' },
  { name: 'a pattern with slashes', text: 'if (/^https?:\\/\\//.test(url)) cache.set(url, 1);' },
  { name: 'a template over lines', text: 'const t = `\n// not a comment\n/* nor this */`; f();' },
])('$name stays', ({ text }) => {
  expect(blankComments(text)).toBe(text);
});

test('line breaks and columns stay where they are, whatever the text', () => {
  const piece = fc.constantFrom(
    '/',
    '*',
    '//',
    '/*',
    '*/',
    "'",
    '"',
    '`',
    '\\',
    '\n',
    'a',
    ' ',
    '${',
    '}',
    '(',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('');
      const blanked = blankComments(text);
      expect(blanked.length).toBe(text.length);
      for (let at = 0; at < text.length; at++) {
        if (text[at] === '\n') expect(blanked[at]).toBe('\n');
        else expect([text[at], ' ']).toContain(blanked[at]);
      }
    }),
  );
});
