import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawHeap } from '../model/draw-heap.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { compareHeaps, compareTallies } from './compare.ts';
import { Heap } from './heap.ts';
import { tallyOf } from './tally.ts';

const compare = (before: string, after: string) =>
  compareHeaps(new Heap(drawHeap(before)), new Heap(drawHeap(after)));

test('new, gone and surviving objects are told apart by id', () => {
  const diff = compare(
    'root -> app:App#40@11, a:Session#100@13, b:Session#100@15',
    'root -> app:App#56@11, b:Session#100@15, c*3:Session#100@17',
  );
  expect(diff).toMatchObject({
    sameProcess: true,
    objects: [3, 5],
    bytes: [240, 456],
    new: { objects: 3, bytes: 300 },
    gone: { objects: 1, bytes: 100 },
    surviving: { objects: 2, bytes: 156, grownBytes: 16 },
  });
  expect(diff.classes).toMatchObject([
    {
      name: 'Session',
      objects: [2, 4],
      bytes: [200, 400],
      grown: { objects: 2, bytes: 200 },
      new: { objects: 3 },
      gone: { objects: 1 },
      newest: 'n-21',
    },
    { name: 'App', grown: { objects: 0, bytes: 16 } },
  ]);
});

test('what grew is what is new less what is gone, and what grew in place', () => {
  const heap = fc.uniqueArray(
    fc.record({ id: fc.integer({ min: 2, max: 30 }), bytes: fc.integer({ min: 0, max: 99 }) }),
    { selector: ({ id }) => id },
  );
  const graph = (objects: { id: number; bytes: number }[]): HeapGraph =>
    drawHeap(objects.map(({ id, bytes }) => `root -> o${id}:Thing#${bytes}@${2 * id + 1}`).join('\n'));
  fc.assert(
    fc.property(heap, heap, (before, after) => {
      // One object in both, so that it is one process.
      const diff = compareHeaps(
        new Heap(graph([{ id: 1, bytes: 1 }, ...before])),
        new Heap(graph([{ id: 1, bytes: 1 }, ...after])),
      );
      const grown = diff.bytes[1]! - diff.bytes[0]!;
      expect(diff.new!.bytes - diff.gone!.bytes + diff.surviving!.grownBytes).toBe(grown);
      expect(diff.classes.reduce((sum, row) => sum + row.grown.bytes, 0)).toBe(grown);
    }),
  );
});

test('dumps of different processes are compared by class only', () => {
  const many = (name: string): string =>
    Array.from({ length: 50 }, (_, at) => `root -> ${name}${at}:${name}${at}@${2 * at + 11}`).join('\n');
  const diff = compare(many('A'), many('B'));
  expect(diff).toMatchObject({ sameProcess: false, new: null, gone: null, surviving: null });
  expect(diff.classes).toHaveLength(100);
  expect(diff.classes[0]).toMatchObject({ new: null, newest: null });
});

test('several dumps give a series; plain objects are called the same in all of them', () => {
  const dump = (count: number): HeapGraph =>
    drawHeap(`root -> list:Array@11 -[]-> o*${count}:Object@101\no -.id-> s:string@13`);
  const last = tallyOf(dump(4));
  const tallies = [dump(1), dump(2)].map((graph) => tallyOf(graph, last.classes.interfaces));
  const diff = compareTallies([...tallies, last]);
  expect(diff.classes).toMatchObject([{ name: '{id}', objects: [1, 2, 4] }]);
});
