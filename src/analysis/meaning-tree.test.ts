import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bareGraph } from '../model/draw-heap.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { meaningTree, NO_PARENT } from './meaning-tree.ts';

interface Edge {
  from: number;
  to: number;
  cost: number;
}

function graphOf(nodeCount: number, edges: readonly Edge[]): HeapGraph {
  const sorted = edges.toSorted((a, b) => a.from - b.from);
  const firstEdge = new Uint32Array(nodeCount + 1);
  for (const { from } of edges) firstEdge[from + 1]!++;
  for (let node = 0; node < nodeCount; node++) firstEdge[node + 1]! += firstEdge[node]!;
  return bareGraph({
    firstEdge,
    edgeTarget: Uint32Array.from(sorted, ({ to }) => to),
    traversal: {
      isUserRoot: () => true,
      newFilter: () => () => true,
      newCost: () => (_source, edge) => sorted[edge]!.cost,
    },
  });
}

/** Bellman and Ford: slow and plain. */
function plainDistances(nodeCount: number, edges: readonly Edge[]): number[] {
  const distance = new Array<number>(nodeCount).fill(Number.POSITIVE_INFINITY);
  if (nodeCount > 0) distance[0] = 0;
  for (let round = 0; round < nodeCount; round++) {
    for (const { from, to, cost } of edges) {
      if (cost > 0) distance[to] = Math.min(distance[to]!, distance[from]! + cost);
    }
  }
  return distance;
}

const heap = fc.integer({ min: 1, max: 25 }).chain((nodeCount) =>
  fc.record({
    nodeCount: fc.constant(nodeCount),
    edges: fc.array(
      fc.record({
        from: fc.nat(nodeCount - 1),
        to: fc.nat(nodeCount - 1),
        cost: fc.oneof(fc.constantFrom(0, 1, 62, 63), fc.integer({ min: 1, max: 63 })),
      }),
      { maxLength: nodeCount * 4 },
    ),
  }),
);

test('each path is the cheapest there is', () => {
  fc.assert(
    fc.property(heap, ({ nodeCount, edges }) => {
      const graph = graphOf(nodeCount, edges);
      const cost = graph.traversal.newCost();
      const { parent, edge, order } = meaningTree(graph);
      const expected = plainDistances(nodeCount, edges);
      expect([...order].toSorted((a, b) => a - b)).toEqual(
        expected.flatMap((distance, node) => (Number.isFinite(distance) ? [node] : [])),
      );
      const found = new Map<number, number>();
      for (const node of order) {
        if (node === 0) {
          found.set(0, 0);
          continue;
        }
        // A parent comes before its children, and holds them by the edge that is told.
        const before = found.get(parent[node]!);
        expect(before).toBeDefined();
        expect(graph.edgeTarget[edge[node]!]).toBe(node);
        expect(edge[node]!).toBeGreaterThanOrEqual(graph.firstEdge[parent[node]!]!);
        expect(edge[node]!).toBeLessThan(graph.firstEdge[parent[node]! + 1]!);
        found.set(node, before! + cost(parent[node]!, edge[node]!));
        expect(found.get(node)).toBe(expected[node]);
      }
      for (let node = 0; node < nodeCount; node++) if (!found.has(node)) expect(parent[node]).toBe(NO_PARENT);
    }),
    { numRuns: 500 },
  );
});

test('a long chain needs no stack', () => {
  const length = 300_000;
  const edges = Array.from({ length: length - 1 }, (_, node) => ({
    from: node,
    to: node + 1,
    cost: (node % 63) + 1,
  }));
  const { order, parent } = meaningTree(graphOf(length, edges));
  expect(order.length).toBe(length);
  expect(parent[length - 1]).toBe(length - 2);
});

test('a graph without nodes has an empty tree', () => {
  expect(meaningTree(graphOf(0, [])).order.length).toBe(0);
});
