import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wantsColours } from '../output.ts';
import { cutBeforePlace, table } from './table.ts';
import { line, paint, printable, span } from './text.ts';
import { endCut, middleCut, wrap } from './wrap.ts';

describe('painted text', () => {
  test('has colours only when wanted', () => {
    const lines = [line(span('bad', 'bad-strong'), ' news')];
    expect(paint(lines, false)).toBe('bad news\n');
    expect(paint(lines, true)).toBe('\u001b[1m\u001b[31mbad\u001b[39m\u001b[22m news\n');
  });

  test('never passes on what a terminal would obey', () => {
    expect(printable('a\u001b[2Jb\r\n\u202ec\u0007')).toBe('a\\x1b[2Jb\\x0d\\x0a\\u202ec\\x07');
    expect(paint([line(span('\u001b[31m', 'dim'))], true)).toBe('\u001b[2m\\x1b[31m\u001b[22m\n');
  });

  test('has no blanks at the ends of lines', () => {
    expect(paint([line('a', span('   ', 'dim')), line('   ')], false)).toBe('a\n\n');
  });
});

describe('wrapping', () => {
  test('breaks at blanks, in paths behind slashes, and indents what follows', () => {
    const wrapped = wrap(line('held by ', span('/srv/app/src/services/presence.service.js:57')), 24, 4);
    expect(paint(wrapped, false)).toBe('held by /srv/app/src/\n    services/presence.\n    service.js:57\n');
  });

  test('loses nothing but blanks, and is never too wide', () => {
    const words = fc.array(
      fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom(' ', '  ', '/a/b/c', '.x')),
      {
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(
        words,
        fc.integer({ min: 10, max: 60 }),
        fc.integer({ min: 0, max: 6 }),
        (texts, width, indent) => {
          const lines = wrap(
            texts.map((text) => span(text)),
            width,
            indent,
          );
          const kept = lines.flatMap((spans) => spans.map(({ text }) => text)).join('');
          expect(kept.replaceAll(' ', '')).toBe(texts.join('').replaceAll(' ', ''));
          for (const spans of lines) {
            expect(
              spans
                .map(({ text }) => text)
                .join('')
                .trimEnd().length,
            ).toBeLessThanOrEqual(width);
          }
        },
      ),
    );
  });
});

describe('tables', () => {
  test('are as wide as they must be', () => {
    const lines = table(
      [
        { title: 'objects', align: 'right' },
        { title: 'class', flexible: true },
      ],
      [line('12', 'Map'), line('3,456', 'Session')],
      100,
      2,
    );
    expect(paint(lines, false)).toBe('  objects  class\n       12  Map\n    3,456  Session\n');
  });

  test('are never wider than allowed', () => {
    const rows = fc.array(
      fc.tuple(fc.string({ maxLength: 80 }), fc.string({ maxLength: 80 }), fc.string({ maxLength: 80 })),
    );
    fc.assert(
      fc.property(rows, fc.integer({ min: 40, max: 100 }), (cells, width) => {
        const columns = [
          { title: 'a' },
          { title: 'b', flexible: true, cut: cutBeforePlace },
          { title: 'c', cut: middleCut },
        ];
        for (const spans of table(
          columns,
          cells.map((row) => line(...row)),
          width,
          2,
        )) {
          expect(spans.map(({ text }) => text).join('').length).toBeLessThanOrEqual(width);
        }
      }),
    );
  });
});

test('texts that are too long give way at the end, in the middle, or before the place', () => {
  expect(endCut('abcdefgh', 5)).toBe('abcd…');
  expect(middleCut('abcdefgh', 5)).toBe('ab…gh');
  expect(cutBeforePlace('heartbeatHandler()  …/src/presence.js:12', 30)).toBe(
    'heartbeatHand…  presence.js:12',
  );
  expect(cutBeforePlace('heartbeatHandler()', 10)).toBe('heartbeat…');
});

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
  [false, { FORCE_COLOR: '1' }, true],
  [true, { FORCE_COLOR: '0' }, false],
  [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
])('terminal %s with %j: colours %s', (isTerminal, env, wanted) => {
  expect(wantsColours(isTerminal, env)).toBe(wanted);
});
