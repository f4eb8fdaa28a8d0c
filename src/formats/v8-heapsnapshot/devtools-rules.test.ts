import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distances } from '../../analysis/distances.ts';
import { dominators } from '../../analysis/dominators.ts';
import { bytesSource } from '../../base/byte-source.ts';
import { DRAWN_EDGE_KINDS, type DrawnEdge, type DrawnNode, type HeapDrawing } from '../../model/draw-heap.ts';
import { DIALECTS, snapshotBytes } from './draw-snapshot.ts';
import { readHeapSnapshot } from './read.ts';

/*
 * The rules of Chrome DevTools' heap_snapshot_worker (npm chrome-devtools-frontend 1.0.1705227, HeapSnapshot.ts) once
 * more, as plainly as can be, on small random heaps. `bench/exactness.mjs` compares with DevTools' own code.
 */

interface Heap {
  nodes: DrawnNode[];
  edges: DrawnEdge[];
}

const NODE_KINDS = ['hidden', 'array', 'native', 'synthetic', 'object', 'closure', 'string'];
const NODE_NAMES = [
  'Object',
  'system / NativeContext',
  '(map descriptors)',
  '(Document DOM trees)',
  'system / ExternalStringData',
];
const pairName = (nth: number, table: number, key: string): string =>
  `${nth} / part of key (${key} @3) -> value (V @5) pair in WeakMap (table @${table})`;

const randomHeap: fc.Arbitrary<Heap> = fc.integer({ min: 1, max: 14 }).chain((count) => {
  const nth = fc.integer({ min: 0, max: count - 1 });
  const node = (index: number): fc.Arbitrary<DrawnNode> =>
    fc.record({
      handle: fc.constant(''),
      kind:
        index === 0 ? fc.constantFrom('synthetic', 'synthetic', 'object') : fc.constantFrom(...NODE_KINDS),
      name: fc.oneof({ weight: 2, arbitrary: fc.constant('Object') }, fc.constantFrom(...NODE_NAMES)),
      bytes: fc.integer({ min: 0, max: 1000 }),
      id: fc.constant(2 * index + 1),
      detachedness: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 6 })),
      at: fc.constant(null),
    });
  const internalName = fc.oneof(
    fc.constantFrom('a', 'b', 'sloppy_function_map', '3', '4'),
    fc
      .tuple(fc.integer({ min: 1, max: 2 }), nth, fc.constantFrom('K', 'L', 'K\n'))
      .map(([index, table, key]) => pairName(index, 2 * table + 1, key)),
  );
  const edge = fc
    .record({ from: nth, to: nth, kind: fc.constantFrom(...DRAWN_EDGE_KINDS, 'internal', 'property') })
    .chain((ends) =>
      fc.record({
        from: fc.constant(ends.from),
        to: fc.constant(ends.to),
        kind: fc.constant(ends.kind),
        name:
          ends.kind === 'element' || ends.kind === 'hidden'
            ? (fc.integer({ min: 0, max: 9 }) as fc.Arbitrary<string | number>)
            : internalName,
      }),
    );
  return fc.record({
    nodes: fc.tuple(...Array.from({ length: count }, (_, index) => node(index))),
    edges: fc.array(edge, { maxLength: count * 4 }).map((edges) => edges.toSorted((a, b) => a.from - b.from)),
  });
});

const PAIR =
  /^\d+(?<pair> \/ part of key \(.*? @\d+\) -> value \(.*? @\d+\) pair in WeakMap \(table @(?<table>\d+)\))$/;
const NO_DISTANCE = -5;
const FAR = 100_000_000;

class PlainDevTools {
  readonly state: number[];
  readonly self: number[];
  readonly essential: boolean[];
  private readonly names: string[];

  constructor(private readonly heap: Heap) {
    this.names = heap.nodes.map(({ name }) => name);
    this.state = heap.nodes.map(({ detachedness }) => detachedness & 3);
    this.self = heap.nodes.map(({ bytes }) => bytes);
    this.spreadDetachedness();
    this.essential = this.essentialEdges();
    if (this.edgesOf(0).some(({ to }) => this.isUserRoot(to))) this.moveOwnedSizes();
  }

  private edgesOf(node: number): DrawnEdge[] {
    return this.heap.edges.filter(({ from }) => from === node);
  }

  private isUserRoot(node: number): boolean {
    return this.heap.nodes[node]!.kind !== 'synthetic' || this.names[node] === '(Document DOM trees)';
  }

  private spreadDetachedness(): void {
    const visited = new Set<number>();
    const queues: Record<number, number[]> = { 1: [], 2: [] };
    const process = (node: number, state: number): void => {
      if (visited.has(node)) return;
      visited.add(node);
      if (this.heap.nodes[node]!.kind !== 'native') return;
      this.state[node] = state;
      if (state === 2) this.names[node] = `Detached ${this.names[node]}`;
      queues[state]?.push(node);
    };
    this.state.forEach((state, node) => {
      if (state !== 0) process(node, state);
    });
    for (const state of [1, 2]) {
      for (let node = queues[state]!.pop(); node !== undefined; node = queues[state]!.pop()) {
        if (state === 2 && this.state[node] === 1) continue;
        for (const { to, kind } of this.edgesOf(node))
          if (kind !== 'hidden' && kind !== 'weak') process(to, state);
      }
    }
  }

  private essentialEdges(): boolean[] {
    const { nodes, edges } = this.heap;
    const owned = new Set(
      this.edgesOf(0)
        .filter(
          ({ to, kind }) =>
            kind === 'shortcut' ||
            (kind === 'element' &&
              nodes[to]!.kind === 'synthetic' &&
              this.names[to] === '(Document DOM trees)'),
        )
        .map(({ to }) => to),
    );
    for (let before = -1; before !== owned.size; ) {
      before = owned.size;
      for (const { from, to, kind } of edges) if (owned.has(from) && kind !== 'weak') owned.add(to);
    }
    return edges.map(({ from, to, kind, name }) => {
      const pair = kind === 'internal' ? PAIR.exec(String(name)) : null;
      if (pair && nodes[from]!.id === Number(pair.groups!['table'])) return false;
      if (kind === 'weak' || from === to) return false;
      return from === 0 || (kind !== 'shortcut' && (!owned.has(to) || owned.has(from)));
    });
  }

  private moveOwnedSizes(): void {
    const { nodes } = this.heap;
    const ownable = nodes.map(
      ({ kind }, node) =>
        kind === 'hidden' ||
        kind === 'array' ||
        (kind === 'native' && this.names[node] === 'system / ExternalStringData'),
    );
    const owner: (number | 'nobody' | 'many')[] = nodes.map((_, node) => (ownable[node] ? 'nobody' : node));
    for (let changed = true; changed; ) {
      changed = false;
      for (const { from, to, kind } of this.heap.edges) {
        if (kind === 'weak' || !ownable[to] || owner[from] === 'nobody' || owner[to] === 'many') continue;
        const next = owner[to] === 'nobody' || owner[to] === owner[from] ? owner[from]! : 'many';
        changed ||= next !== owner[to];
        owner[to] = next;
      }
    }
    owner.forEach((to, node) => {
      if (typeof to !== 'number' || to === node || to === 0 || nodes[to]!.kind === 'synthetic') return;
      this.self[to]! += this.self[node]!;
      this.self[node] = 0;
    });
  }

  distances(): number[] {
    const { nodes } = this.heap;
    const distance = nodes.map(() => NO_DISTANCE);
    const pending = new Set<string>();
    const mayPass = ({ from, kind, name }: DrawnEdge): boolean => {
      const source = nodes[from]!;
      const text = String(name);
      if (
        source.kind === 'hidden' &&
        text === 'sloppy_function_map' &&
        this.names[from] === 'system / NativeContext'
      ) {
        return false;
      }
      if (source.kind === 'array' && this.names[from] === '(map descriptors)') {
        const index = Number.parseInt(text, 10);
        return index < 2 || index % 3 !== 1;
      }
      const pair = kind === 'internal' ? PAIR.exec(text)?.groups?.['pair'] : undefined;
      if (pair === undefined || pending.delete(pair)) return true;
      pending.add(pair);
      return false;
    };
    const walk = (queue: number[]): void => {
      for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
        const next = distance[node]! + 1;
        for (const edge of this.edgesOf(node)) {
          if (edge.kind === 'weak' || distance[edge.to] !== NO_DISTANCE || !mayPass(edge)) continue;
          distance[edge.to] = next;
          queue.push(edge.to);
        }
      }
    };
    const roots = this.edgesOf(0)
      .map(({ to }) => to)
      .filter((to) => this.isUserRoot(to));
    for (const root of roots) distance[root] = 1;
    walk([...roots]);
    distance[0] = roots.length > 0 ? FAR : 0;
    walk([0]);
    return distance;
  }
}

const drawingOf = (heap: Heap): HeapDrawing => ({ ...heap, of: () => [] });

test('own sizes, detachedness, retaining references and distances follow the rules on random heaps', async () => {
  await fc.assert(
    fc.asyncProperty(randomHeap, fc.constantFrom(...Object.values(DIALECTS)), async (heap, dialect) => {
      const graph = await readHeapSnapshot(bytesSource(snapshotBytes(drawingOf(heap), dialect)));
      const plain = new PlainDevTools(heap);
      expect([...graph.detachedness]).toEqual(plain.state);
      expect([...graph.selfBytes]).toEqual(plain.self);
      expect([...graph.edgeKind].map((kind) => kind < 0x80)).toEqual(plain.essential);
      expect([...distances(graph)]).toEqual(plain.distances());
      expect(dominators(graph).retainedBytes[0]).toBe(plain.self.reduce((sum, bytes) => sum + bytes, 0));
    }),
    { numRuns: 2000, seed: 1 },
  );
}, 60_000);
