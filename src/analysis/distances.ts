import { EDGE_KIND_MASK, type HeapGraph } from '../model/heap-graph.ts';

/** Nodes reached only through the engine's own roots count from here. */
export const SYSTEM_DISTANCE = 100_000_000;
export const UNREACHED = -5;

/**
 * Number of references from the program's roots to each node, by breadth-first search with the runtime's own rules:
 * 1 for the roots themselves, `SYSTEM_DISTANCE` and more for what only the engine holds, -5 for what nothing reaches.
 *
 * @example
 * import { distances, openFile, readHeapSnapshot } from 'stanch';
 *
 * const graph = await readHeapSnapshot(openFile('C.heapsnapshot'));
 * process.stdout.write(`node 5 is ${distances(graph)[5]} references away\n`);
 */
export function distances(graph: HeapGraph): Int32Array {
  const { nodeCount, firstEdge, edgeKind, edgeTarget, traversal } = graph;
  const distance = new Int32Array(nodeCount).fill(UNREACHED);
  if (nodeCount === 0) return distance;
  const queue = new Uint32Array(nodeCount);
  const weak = graph.edgeKinds.indexOf('weak');
  const filter = traversal.newFilter();
  let tail = 0;

  const scan = (node: number): void => {
    const next = distance[node]! + 1;
    const end = firstEdge[node + 1]!;
    for (let edge = firstEdge[node]!; edge < end; edge++) {
      const target = edgeTarget[edge]!;
      if (
        distance[target] !== UNREACHED ||
        (edgeKind[edge]! & EDGE_KIND_MASK) === weak ||
        !filter(node, edge)
      )
        continue;
      distance[target] = next;
      queue[tail++] = target;
    }
  };

  const roots: number[] = [];
  for (let edge = firstEdge[0]!; edge < firstEdge[1]!; edge++) {
    const target = edgeTarget[edge]!;
    if (!traversal.isUserRoot(target)) continue;
    distance[target] = 1;
    // A root that is listed twice is scanned twice: the filter's state depends on it.
    roots.push(target);
  }
  let head = 0;
  for (const root of roots) scan(root);
  while (head < tail) scan(queue[head++]!);

  distance[0] = roots.length > 0 ? SYSTEM_DISTANCE : 0;
  head = 0;
  tail = 0;
  scan(0);
  while (head < tail) scan(queue[head++]!);
  return distance;
}
