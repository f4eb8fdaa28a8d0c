import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdIndex, IdSet } from './id-index.ts';

/** Odd and dense as V8 gives them to JS objects, even and anywhere as it gives them to native ones, and any other. */
const id = fc.oneof(
  fc.nat(500).map((nth) => 2 * nth + 1),
  fc.nat(2 ** 31 - 1).map((nth) => 2 * nth),
  fc.nat(2 ** 31 - 1).map((nth) => 2 * nth + 1),
  fc.constantFrom(
    0,
    1,
    2,
    0xfffffffe,
    0xffffffff,
    2 ** 21 - 1,
    2 ** 21,
    2 ** 21 + 1,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 31 + 1,
  ),
);
const ids = fc.uniqueArray(id, { maxLength: 60 });

test('an id is found where a Map finds it', () => {
  fc.assert(
    fc.property(ids, fc.array(id, { maxLength: 30 }), (own, asked) => {
      const plain = new Map(own.map((value, node) => [value, node]));
      const index = new IdIndex(Uint32Array.from(own));
      for (const value of [...own, ...asked]) expect(index.get(value)).toBe(plain.get(value) ?? -1);
      expect(index.size).toBe(own.length);
      expect(index.maxOddId).toBe(Math.max(0, ...own.filter((value) => value % 2 === 1)));
    }),
    { numRuns: 300 },
  );
});

test('what two dumps have in common is marked in the second', () => {
  fc.assert(
    fc.property(ids, ids, (own, other) => {
      const marks = new IdIndex(Uint32Array.from(own)).markCommon(Uint32Array.from(other));
      expect([...marks]).toEqual(other.map((value) => (own.includes(value) ? 1 : 0)));
    }),
    { numRuns: 300 },
  );
});

test('a set has what was added and nothing else', () => {
  fc.assert(
    fc.property(ids, fc.array(id, { maxLength: 30 }), fc.nat(2 ** 32 - 1), (own, asked, maxOddId) => {
      const set = new IdSet(maxOddId, own.length);
      for (const value of own) set.add(value);
      for (const value of [...own, ...asked]) expect(set.has(value)).toBe(own.includes(value));
      expect(set.size).toBe(own.length);
    }),
    { numRuns: 300 },
  );
});

test('ids all over the place do not make the table larger than the dump', () => {
  const index = new IdIndex(Uint32Array.of(1, 0xffffffff, 0x7fffffff, 3));
  const { dense } = index as unknown as { dense: Uint32Array };
  expect(dense.length).toBeLessThan(2 ** 21);
  expect([0xffffffff, 0x7fffffff, 3, 5].map((value) => index.get(value))).toEqual([1, 2, 3, -1]);
});
