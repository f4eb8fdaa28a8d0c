// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of code
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blankHashComments } from './hash-comments.ts';

test.each([
  { language: 'ruby' as const, text: 'a # b\nc', left: 'a    \nc' },
  { language: 'ruby' as const, text: 'x = "a # b" # c', left: 'x = "a # b"    ' },
  { language: 'ruby' as const, text: 'x = "a #{h["#"]} # b" # c', left: 'x = "a #{h["#"]} # b"    ' },
  { language: 'ruby' as const, text: '=begin\na\n=end\nb', left: '      \n \n    \nb' },
  { language: 'ruby' as const, text: 'a\n__END__\nb # c', left: 'a\n       \n     ' },
  { language: 'ruby' as const, text: 's.delete(?#) # no', left: 's.delete(?#)     ' },
  { language: 'python' as const, text: 'a = "#" # b', left: 'a = "#"    ' },
  {
    language: 'python' as const,
    text: 'def f():\n    """CACHE[1] = 2"""\n    g()',
    left: `def f():\n${' '.repeat(22)}\n    g()`,
  },
  { language: 'python' as const, text: 'x = """a # b"""\ny # c', left: 'x = """a # b"""\ny    ' },
])('$language: $text', ({ language, text, left }) => {
  expect(blankHashComments(text, language)).toBe(left);
});

test('nothing but comments is changed, and lines stay where they are', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab#"\'`\n\\{}= ?') }), (text) => {
      for (const language of ['ruby', 'python'] as const) {
        const blanked = blankHashComments(text, language);
        expect(blanked.length).toBe(text.length);
        for (let at = 0; at < text.length; at++) {
          if (blanked[at] !== text[at]) expect(blanked[at]).toBe(' ');
          if (text[at] === '\n') expect(blanked[at]).toBe('\n');
        }
      }
    }),
    { numRuns: 500 },
  );
});
