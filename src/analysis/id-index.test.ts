import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressId } from '../model/heap-graph.ts';
import { indexIds } from './id-index.ts';

/** Odd and dense as V8 gives them to JS objects, even and anywhere as it gives them to native ones, and any other. */
const serial = fc.oneof(
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
/** Slots of 40 bytes in pages of 64 kB, as Ruby has them, with one byte to tell classes apart. */
const address = fc
  .tuple(fc.nat(40), fc.nat(1600), fc.nat(255))
  .map(([page, slot, fingerprint]) => addressId(0x7f1200000000 + page * 65536 + slot * 40, fingerprint));
const kinds = [
  { name: 'serial numbers', id: serial, array: (ids: number[]) => Uint32Array.from(ids) },
  { name: 'addresses', id: address, array: (ids: number[]) => Float64Array.from(ids) },
];

for (const { name, id, array } of kinds) {
  const ids = fc.uniqueArray(id, { maxLength: 60 });

  test(`of ${name}, each is found where a Map finds it`, () => {
    fc.assert(
      fc.property(ids, fc.array(id, { maxLength: 30 }), (own, asked) => {
        const plain = new Map(own.map((value, node) => [value, node]));
        const index = indexIds(array(own));
        for (const value of [...own, ...asked]) expect(index.get(value)).toBe(plain.get(value) ?? -1);
        expect(index.size).toBe(own.length);
      }),
      { numRuns: 300 },
    );
  });

  test(`of ${name}, what two dumps have in common is marked in the second`, () => {
    fc.assert(
      fc.property(ids, ids, (own, other) => {
        const marks = indexIds(array(own)).markCommon(array(other));
        expect([...marks]).toEqual(other.map((value) => (own.includes(value) ? 1 : 0)));
      }),
      { numRuns: 300 },
    );
  });
}

test('ids all over the place do not make the table larger than the dump', () => {
  const index = indexIds(Uint32Array.of(1, 0xffffffff, 0x7fffffff, 3));
  const { dense } = index as unknown as { dense: Uint32Array };
  expect(dense.length).toBeLessThan(2 ** 21);
  expect([0xffffffff, 0x7fffffff, 3, 5].map((value) => index.get(value))).toEqual([1, 2, 3, -1]);
});

test('a million neighbouring addresses are found without long searches', () => {
  const count = 1_000_000;
  const ids = Float64Array.from({ length: count }, (_, at) => addressId(0x7f0000000000 + at * 40, at % 7));
  const index = indexIds(ids);
  let missed = 0;
  for (let node = 0; node < count; node++) if (index.get(ids[node]!) !== node) missed++;
  expect(missed).toBe(0);
  expect(index.get(addressId(0x7f0000000000, 9))).toBe(-1);
});
