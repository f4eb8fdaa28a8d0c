import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countAllocations } from '../base/count-allocations.ts';
import { bareGraph, drawHeap } from '../model/draw-heap.ts';
import { EDGE_NOT_RETAINING, type HeapGraph } from '../model/heap-graph.ts';
import { dominators } from './dominators.ts';

interface RandomHeap {
  sizes: number[];
  edges: { from: number; to: number; retains: boolean }[];
}

/** Few nodes and many edges, so that joins, loops, doubles, orphans and unreachable rings are all common. */
const randomHeap: fc.Arbitrary<RandomHeap> = fc.integer({ min: 1, max: 24 }).chain((nodeCount) => {
  const node = fc.integer({ min: 0, max: nodeCount - 1 });
  return fc.record({
    sizes: fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: nodeCount, maxLength: nodeCount }),
    edges: fc.array(
      fc.record({
        from: node,
        to: node,
        retains: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.boolean()),
      }),
      { maxLength: nodeCount * 3 },
    ),
  });
});

/** `EDGE_NOT_RETAINING` on self references, as every format sets it. */
function graphOf({ sizes, edges }: RandomHeap): HeapGraph {
  const ordered = edges.toSorted((a, b) => a.from - b.from);
  const firstEdge = new Uint32Array(sizes.length + 1);
  for (const { from } of edges) firstEdge[from + 1]!++;
  for (let node = 0; node < sizes.length; node++) firstEdge[node + 1]! += firstEdge[node]!;
  return bareGraph({
    firstEdge,
    edgeTarget: Uint32Array.from(ordered, ({ to }) => to),
    edgeKind: Uint8Array.from(ordered, ({ from, to, retains }) =>
      retains && from !== to ? 0 : EDGE_NOT_RETAINING,
    ),
    selfBytes: Uint32Array.from(sizes),
  });
}

/**
 * A dominates B when B cannot be reached without A. Nodes that nothing retains count as held by the root; those
 * that even so cannot be reached hang from the root and hold nothing.
 */
function naiveDominators({ sizes, edges }: RandomHeap): { idom: number[]; retained: number[] } {
  const nodes = sizes.map((_, node) => node);
  const retaining = edges.filter(({ from, to, retains }) => retains && from !== to);
  const orphans = nodes.filter((node) => node !== 0 && !retaining.some(({ to }) => to === node));
  const all = [...retaining, ...orphans.map((to) => ({ from: 0, to }))];
  const reachableWithout = (removed: number): Set<number> => {
    const reached = new Set(removed === 0 ? [] : [0]);
    for (let before = -1; before !== reached.size; ) {
      before = reached.size;
      for (const { from, to } of all) if (reached.has(from) && to !== removed) reached.add(to);
    }
    return reached;
  };
  const reachable = reachableWithout(-1);
  const without = nodes.map(reachableWithout);
  const dominatorsOf = nodes.map((node) =>
    reachable.has(node) ? nodes.filter((other) => other !== node && !without[other]!.has(node)) : [0],
  );
  // An unreachable one is "reached" by nobody, with or without others: it cannot be dominated but by the root.
  const idom = nodes.map((node) => {
    const above = dominatorsOf[node]!.filter((other) => reachable.has(other));
    const deepest = above.toSorted((a, b) => dominatorsOf[b]!.length - dominatorsOf[a]!.length)[0];
    return deepest ?? 0;
  });
  const retained = [...sizes];
  for (const node of nodes) {
    for (let above = node; above !== 0; ) {
      above = idom[above]!;
      retained[above]! += sizes[node]!;
    }
  }
  return { idom, retained };
}

test('dominators and retained sizes of random graphs equal those of the definition', () => {
  fc.assert(
    fc.property(randomHeap, (heap) => {
      const { idom, retainedBytes } = dominators(graphOf(heap));
      const naive = naiveDominators(heap);
      expect([...idom]).toEqual(naive.idom);
      expect([...retainedBytes]).toEqual(naive.retained);
    }),
    { numRuns: 3000, seed: 1 },
  );
});

test('the order of references does not change anything', () => {
  const shuffled = randomHeap.chain((heap) =>
    fc.tuple(
      fc.constant(heap),
      fc.shuffledSubarray(heap.edges, { minLength: heap.edges.length, maxLength: heap.edges.length }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([heap, edges]) => {
      expect(dominators(graphOf({ ...heap, edges })).idom).toEqual(dominators(graphOf(heap)).idom);
    }),
    { numRuns: 500, seed: 2 },
  );
});

test('the root retains everything, whether it reaches it or not', () => {
  fc.assert(
    fc.property(randomHeap, (heap) => {
      const total = heap.sizes.reduce((sum, size) => sum + size, 0);
      expect(dominators(graphOf(heap)).retainedBytes[0]).toBe(total);
    }),
    { numRuns: 300, seed: 3 },
  );
});

const idomOf = (text: string, handle: string): string => {
  const graph = drawHeap(`${text}\n`);
  const handles = ['root', ...new Set(text.match(/\b[a-z]\b/g)?.filter((word) => word !== 'root'))];
  return handles[dominators(graph).idom[handles.indexOf(handle)]!]!;
};

test('an orphan counts as held by the root, so it shares what it refers to', () => {
  // b is held by a; d is held by nobody and refers to c too.
  expect(idomOf('root -> a -> b -> c\nd -> c', 'c')).toBe('root');
  expect(idomOf('root -> a -> b -> c\nd -> e', 'e')).toBe('d');
});

test('a ring that nobody holds hangs from the root one by one, and what it refers to is not its own', () => {
  const text = 'root -> a -> b\nc -> d -> c\nd -> e -> f\nd -> b';
  for (const node of ['c', 'd', 'e', 'f']) expect(idomOf(text, node)).toBe('root');
  expect(idomOf(text, 'b')).toBe('a');
});

test('weak references and self references hold nothing', () => {
  expect(idomOf('root -> a -> b -> b\nroot -?w-> b', 'b')).toBe('a');
});

test('a graph without nodes and one with the root alone have their trees', () => {
  const empty = dominators(bareGraph({ firstEdge: new Uint32Array(1), edgeTarget: new Uint32Array(0) }));
  expect(empty.idom.length).toBe(0);
  const one = dominators(bareGraph({ firstEdge: new Uint32Array(2), edgeTarget: new Uint32Array(0) }));
  expect([...one.idom, ...one.retainedBytes]).toEqual([0, 1]);
});

test('retained sizes above 2^32 and 2^53 - 1 bytes of own size stay exact', () => {
  const graph = bareGraph({
    firstEdge: Uint32Array.of(0, 1, 2, 2),
    edgeTarget: Uint32Array.of(1, 2),
    selfBytes: Float64Array.of(0, 2 ** 40, 2 ** 52),
  });
  expect([...dominators(graph).retainedBytes]).toEqual([2 ** 52 + 2 ** 40, 2 ** 52 + 2 ** 40, 2 ** 52]);
});

const DEEP = 10_000_000;
/** Five 32-bit numbers a node and the retained size; one more for each reference that is not in the search tree. */
const BYTES_PER_NODE = 5 * 4 + 8;

test('a chain of ten million objects neither recurses nor takes more than its budget', async () => {
  const firstEdge = new Uint32Array(DEEP + 1).map((_, node) => Math.min(node, DEEP - 1));
  const edgeTarget = new Uint32Array(DEEP - 1).map((_, edge) => edge + 1);
  const graph = bareGraph({ firstEdge, edgeTarget });
  const { result, bytes } = await countAllocations(() => dominators(graph));
  expect(bytes).toBeLessThanOrEqual(DEEP * BYTES_PER_NODE + 10_000);
  expect(result.idom.every((above, node) => above === Math.max(0, node - 1))).toBe(true);
  expect(result.retainedBytes.every((retained, node) => retained === DEEP - node)).toBe(true);
}, 60_000);

test('a chain of a million objects, each of which refers back to all quarters of it, is solved at once', () => {
  // Long paths to compress, again and again.
  const count = 1_000_000;
  const firstEdge = new Uint32Array(count + 1).map((_, node) => node * 3);
  const edgeTarget = new Uint32Array(count * 3).map((_, edge) => {
    const node = Math.floor(edge / 3);
    const back = Math.max(1, node >>> (edge % 3));
    return edge % 3 === 0 ? Math.min(node + 1, count - 1) : back;
  });
  const edgeKind = new Uint8Array(count * 3);
  const { idom } = dominators(bareGraph({ firstEdge, edgeTarget, edgeKind }));
  expect(idom.every((above, node) => above === Math.max(0, node - 1))).toBe(true);
}, 30_000);

test('a fan of a million objects that share one is held by the root each', () => {
  const count = 1_000_000;
  const shared = count + 1;
  const firstEdge = new Uint32Array(count + 3).map((_, node) =>
    node === 0 ? 0 : Math.min(count + node - 1, 2 * count),
  );
  const edgeTarget = new Uint32Array(2 * count).map((_, edge) => (edge < count ? edge + 1 : shared));
  const { idom, retainedBytes } = dominators(bareGraph({ firstEdge, edgeTarget }));
  expect(idom.every((above) => above === 0)).toBe(true);
  expect(retainedBytes[0]).toBe(count + 2);
  expect(retainedBytes[shared]).toBe(1);
});

test('two million objects that only unreachable ones hold are told from orphans at once', () => {
  const count = 2_000_000;
  // Node 1 is an orphan; it holds half of the rest, the other half are orphans too.
  const half = count / 2;
  const firstEdge = new Uint32Array(count + 1).fill(half, 2);
  const edgeTarget = new Uint32Array(half).map((_, edge) => edge + 2);
  const { idom } = dominators(bareGraph({ firstEdge, edgeTarget }));
  expect(idom.every((above, node) => above === (node >= 2 && node < half + 2 ? 1 : 0))).toBe(true);
});
