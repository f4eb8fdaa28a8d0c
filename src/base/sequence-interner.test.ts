import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SequenceInterner } from './sequence-interner.ts';

const sequences = fc.array(fc.array(fc.nat(3), { maxLength: 4 }), { maxLength: 600 });

test('equal sequences get one number, others get other numbers, counted from 0 in order of first sight', () => {
  fc.assert(
    fc.property(sequences, (all) => {
      const interner = new SequenceInterner();
      const known = new Map<string, number>();
      for (const sequence of all) {
        const key = sequence.join();
        if (!known.has(key)) known.set(key, known.size);
        expect(interner.intern(Uint32Array.from(sequence))).toBe(known.get(key));
      }
      expect(interner.count).toBe(known.size);
      const firsts = interner.firsts();
      const items = Array.from(interner.all());
      for (const [key, id] of known) expect(items.slice(firsts[id], firsts[id + 1]).join()).toBe(key);
    }),
  );
});

test('thousands of sequences survive the growth of the tables', () => {
  const interner = new SequenceInterner();
  for (let at = 0; at < 5000; at++) expect(interner.intern(new Uint32Array([at, ~at]))).toBe(at);
  for (let at = 0; at < 5000; at++) expect(interner.intern(new Uint32Array([7, at, ~at]), 2, 1)).toBe(at);
});
