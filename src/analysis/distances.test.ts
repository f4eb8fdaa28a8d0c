import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bareGraph, drawHeap } from '../model/draw-heap.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { distances, SYSTEM_DISTANCE, UNREACHED } from './distances.ts';

const WEAK = 1;

interface RandomHeap {
  userRoots: boolean[];
  edges: { from: number; to: number; weak: boolean }[];
}

const randomHeap: fc.Arbitrary<RandomHeap> = fc.integer({ min: 1, max: 16 }).chain((nodeCount) => {
  const node = fc.integer({ min: 0, max: nodeCount - 1 });
  return fc.record({
    userRoots: fc.array(fc.boolean(), { minLength: nodeCount, maxLength: nodeCount }),
    edges: fc.array(fc.record({ from: node, to: node, weak: fc.nat(5).map((n) => n === 0) }), {
      maxLength: nodeCount * 3,
    }),
  });
});

/** Refuses each third edge that it is asked about, so that the order and number of questions show in the result. */
function countingFilter(): () => boolean {
  let asked = 0;
  return () => ++asked % 3 !== 0;
}

function graphOf({ userRoots, edges }: RandomHeap): HeapGraph {
  const ordered = edges.toSorted((a, b) => a.from - b.from);
  const firstEdge = new Uint32Array(userRoots.length + 1);
  for (const { from } of edges) firstEdge[from + 1]!++;
  for (let node = 0; node < userRoots.length; node++) firstEdge[node + 1]! += firstEdge[node]!;
  return bareGraph({
    firstEdge,
    edgeTarget: Uint32Array.from(ordered, ({ to }) => to),
    edgeKind: Uint8Array.from(ordered, ({ weak }) => (weak ? WEAK : 0)),
    traversal: {
      isUserRoot: (node) => userRoots[node]!,
      newFilter: countingFilter,
      newCost: () => () => 1,
    },
  });
}

/** DevTools' two passes, word for word: from the user roots, then from the root itself, far away. */
function naiveDistances({ userRoots, edges }: RandomHeap): number[] {
  const distance = userRoots.map(() => UNREACHED);
  const edgesOf = (node: number) => edges.filter(({ from }) => from === node);
  const mayPass = countingFilter();
  const walk = (queue: number[]): void => {
    for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
      for (const { to, weak } of edgesOf(node)) {
        if (weak || distance[to] !== UNREACHED || !mayPass()) continue;
        distance[to] = distance[node]! + 1;
        queue.push(to);
      }
    }
  };
  const roots = edgesOf(0)
    .map(({ to }) => to)
    .filter((to) => userRoots[to]);
  for (const root of roots) distance[root] = 1;
  walk([...roots]);
  distance[0] = roots.length > 0 ? SYSTEM_DISTANCE : 0;
  walk([0]);
  return distance;
}

test('distances of random graphs equal those of the rules, with a filter that remembers', () => {
  fc.assert(
    fc.property(randomHeap, (heap) => {
      expect([...distances(graphOf(heap))]).toEqual(naiveDistances(heap));
    }),
    { numRuns: 3000, seed: 1 },
  );
});

test('what only the engine holds is far away, what nothing holds has no distance', () => {
  const graph = drawHeap(`
    root -!global-> g -> a -> b
    root -[1]-> roots:synthetic -> c -> d
    d -> b
    e -> f
    root -?x-> w
  `);
  expect([...distances(graph)]).toEqual([
    SYSTEM_DISTANCE,
    ...[1, 2, 3],
    ...[SYSTEM_DISTANCE + 1, SYSTEM_DISTANCE + 2, SYSTEM_DISTANCE + 3],
    ...[UNREACHED, UNREACHED],
    1,
  ]);
});

test('a heap without user roots counts from the root', () => {
  expect([...distances(drawHeap('root -[1]-> roots:synthetic -> a'))]).toEqual([0, 1, 2]);
});

test('a chain of ten million objects is walked without recursion', () => {
  const count = 10_000_000;
  const firstEdge = new Uint32Array(count + 1).map((_, node) => Math.min(node, count - 1));
  const edgeTarget = new Uint32Array(count - 1).map((_, edge) => edge + 1);
  const distance = distances(bareGraph({ firstEdge, edgeTarget }));
  expect(distance[count - 1]).toBe(count - 1);
}, 30_000);

test('an empty graph has no distances', () => {
  expect(distances(bareGraph({ firstEdge: new Uint32Array(1), edgeTarget: new Uint32Array(0) })).length).toBe(
    0,
  );
});
