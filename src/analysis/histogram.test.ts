import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawHeap } from '../model/draw-heap.ts';
import { childrenOf } from './dominated.ts';
import { Heap } from './heap.ts';
import { largest } from './largest.ts';

test('a class retains what its top-most instances retain, counted once', () => {
  const heap = new Heap(
    drawHeap(`
      root -> a:Tree#10 -> b:Tree#10 -> c:Tree#10, d:Leaf#5
      root -> e:Tree#10`),
  );
  const [tree] = heap.classes({ filter: 'Tree' });
  expect(tree).toMatchObject({ objects: 4, selfBytes: 40, retainedBytes: 45 });
});

test('objects without a size of their own are not counted', () => {
  const heap = new Heap(drawHeap('root -> a:Row#10, b:Row#0'));
  expect(heap.classes({ filter: /^Row$/ })).toMatchObject([{ objects: 1 }]);
  expect(heap.countOf('Row')).toBe(1);
});

test('a chain of a hundred thousand objects is no recursion', () => {
  const count = 100_000;
  const idom = Uint32Array.from({ length: count }, (_, node) => Math.max(0, node - 1));
  const { firstChild, children } = childrenOf(idom);
  expect([firstChild[0], firstChild[1], firstChild[count], children[count - 2]]).toEqual([
    0,
    1,
    count - 1,
    count - 1,
  ]);
});

test('the largest are the same as by sorting everything', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 400 }),
      fc.nat(30),
      (values, limit) => {
        const sorted = values
          .map((value, at) => [value, at] as const)
          .sort((a, b) => b[0] - a[0] || a[1] - b[1]);
        const got = largest(values.length, limit, (at) => values[at]!);
        expect(got.map((at) => values[at])).toEqual(sorted.slice(0, limit).map(([value]) => value));
        expect(new Set(got).size).toBe(got.length);
      },
    ),
  );
});
