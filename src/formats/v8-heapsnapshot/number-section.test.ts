import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FormatError } from '../../base/errors.ts';
import type { Input } from './input.ts';
import { NumberSection } from './number-section.ts';

const STRIDE = 3;

interface Reading {
  values: number[];
  error: FormatError | null;
  done: boolean;
}

/** Feeds a section in pieces; the consumer calls a number bad when told so. */
function read(
  text: string,
  pieces: () => number,
  isBad: (value: number) => boolean = () => false,
  prefix = 0,
): Reading {
  const bytes = new TextEncoder().encode(text);
  const input: Input = { file: 'test', chunkOffset: 0 };
  const values: number[] = [];
  const section = new NumberSection(input, 'nodes', STRIDE, {
    take(block, count, wides) {
      for (let index = 0; index < count; index++) {
        const value = wides.find((wide) => wide.index === index)?.value ?? block[index]!;
        if (isBad(value)) return { index, expected: 'a better number' };
        values.push(value);
      }
      return null;
    },
  });
  let error: FormatError | null = null;
  try {
    for (let at = 0; at < bytes.length && !section.done; ) {
      const length = pieces();
      // A section often begins in the middle of a chunk.
      const chunk = new Uint8Array(prefix + length).fill(0x37);
      chunk.set(bytes.subarray(at, at + length), prefix);
      const used = chunk.subarray(0, prefix + Math.min(length, bytes.length - at));
      input.chunkOffset = at - prefix;
      section.feed(used, prefix);
      at += length;
    }
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown;
    error = thrown;
  }
  return { values, error, done: section.done };
}

const number = fc.oneof(
  fc.nat({ max: 9 }),
  fc.nat({ max: 99_999 }),
  fc.nat({ max: 99_999_999 }),
  fc.integer({ min: 99_999_990, max: 1_000_000_010 }),
  fc.constantFrom(2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 1e12),
);
const record = fc.tuple(number, number, number);
const separator = fc.constantFrom(',', ',', '\n,', '\n,', ' , ', '\r\n,\t');
const section = fc.array(fc.tuple(record, separator), { maxLength: 60 }).map((records) => ({
  numbers: records.flatMap(([values]) => values),
  text: `${records.map(([values, before], nth) => `${nth === 0 ? '' : before}${values.join(',')}`).join('')}]`,
}));

test('numbers are read as they are written, wherever the chunks end', () => {
  fc.assert(
    fc.property(
      section,
      fc.integer({ min: 1, max: 40 }),
      fc.nat({ max: 5 }),
      ({ numbers, text }, piece, prefix) => {
        const { values, error, done } = read(text, () => piece, undefined, prefix);
        expect(error).toBe(null);
        expect(done).toBe(true);
        expect(values).toEqual(numbers);
      },
    ),
    { numRuns: 3000, seed: 1 },
  );
});

test('a bad number is told with its very place, and everything before it was taken', () => {
  fc.assert(
    fc.property(
      section.filter(({ numbers }) => numbers.length > 0),
      fc.nat(),
      fc.integer({ min: 1, max: 60 }),
      fc.nat({ max: 5 }),
      ({ numbers, text }, pick, piece, prefix) => {
        const nth = pick % numbers.length;
        // A number that stands nowhere else takes the place of one of them.
        const places = [...text.matchAll(/\d+/g)];
        const bad = 77_777_777;
        const at = places[nth]!.index;
        const spoiled = `${text.slice(0, at)}${bad}${text.slice(at + places[nth]![0].length)}`;
        const before = numbers.indexOf(bad);
        if (before >= 0) return;
        const { values, error } = read(
          spoiled,
          () => piece,
          (value) => value === bad,
          prefix,
        );
        expect(error?.offset).toBe(at);
        expect(values).toEqual(numbers.slice(0, nth));
      },
    ),
    { numRuns: 3000, seed: 2 },
  );
});

test('places are right in sections of many blocks, too', () => {
  const records = Array.from(
    { length: 5000 },
    (_, nth) => `${nth},${nth * 7919},${nth === 4321 ? 'BAD' : 3}`,
  );
  const text = `${records.join('\n,')}]`;
  const spoiled = text.replace('BAD', '77777777');
  for (const piece of [7, 4096, 65_536, 1 << 20]) {
    const { error } = read(
      spoiled,
      () => piece,
      (value) => value === 77_777_777,
    );
    expect(error?.offset).toBe(text.indexOf('BAD'));
  }
});

test.each([
  ['', '1,2,3,]', 6, 'a number'],
  ['', '1,2 3]', 4, "',' or ']'"],
  ['', '1,,2]', 2, 'a number'],
  ['', ',1,2,3]', 0, 'a number'],
  ['', '1,-2,3]', 2, 'a number'],
  ['', '1,2.5,3]', 3, "',' or ']'"],
  ['', '1,2e5,3]', 3, "',' or ']'"],
  ['', '1,"2",3]', 2, 'a number'],
  ['', '1,null,3]', 2, 'a number'],
  ['', '1,[2],3]', 2, 'a number'],
  ['', '1,2,3}', 5, "',' or ']'"],
  ['', '1,2,3,4]', 7, 'whole records of 3'],
  ['', '1234567890123,2,3/4]', 17, "',' or ']'"],
  ['', '11111111:2222]', 8, "',' or ']'"],
  ['', '1234:567,2,3]', 4, "',' or ']'"],
])('%s%s is an error at byte %i', (_, text, offset, expected) => {
  for (const piece of [1, 2, 3, 100]) {
    const { error } = read(text, () => piece);
    expect(error?.offset).toBe(offset);
    expect(error?.message).toContain(
      `expected ${expected.startsWith('whole') ? `"nodes" to hold ${expected}` : expected}`,
    );
  }
});

test('every byte that is no digit ends a number, whatever stands beside it', () => {
  for (let byte = 0; byte < 256; byte++) {
    if (byte >= 0x30 && byte <= 0x39) continue;
    const separates = [0x2c, 0x20, 0x0a, 0x0d, 0x09, 0x5d].includes(byte);
    for (let digits = 1; digits <= 9; digits++) {
      const bytes = new TextEncoder().encode(`${'5'.repeat(digits)}#7,9,9,9,9,9,9,9,9,9,9]`);
      bytes[digits] = byte;
      const input: Input = { file: 'test', chunkOffset: 0 };
      const section = new NumberSection(input, 'nodes', 1, { take: () => null });
      // Behind a comma the fast loop is at work.
      section.feed(new TextEncoder().encode('1,'), 0);
      if (separates && byte !== 0x2c && byte !== 0x5d) {
        expect(() => section.feed(bytes, 0)).toThrow(`at byte ${digits + 1}:`);
      } else if (separates) {
        section.feed(bytes, 0);
        expect(section.done).toBe(true);
      } else {
        expect(() => section.feed(bytes, 0)).toThrow(`at byte ${digits}:`);
      }
    }
  }
});

test('what was read before the end can be flushed', () => {
  const input: Input = { file: 'test', chunkOffset: 0 };
  const taken: number[] = [];
  const section = new NumberSection(input, 'nodes', STRIDE, {
    take(values, count) {
      taken.push(...values.subarray(0, count));
      return null;
    },
  });
  const text = new TextEncoder().encode('1,2,3,4,5,6,7,8x');
  expect(() => section.feed(text, 0)).toThrow(FormatError);
  section.flush();
  expect(taken).toEqual([1, 2, 3, 4, 5, 6]);
});
