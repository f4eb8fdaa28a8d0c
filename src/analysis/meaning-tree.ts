import type { HeapGraph } from '../model/heap-graph.ts';

export interface MeaningTree {
  /** Nodes reached, parents before children. */
  readonly order: Uint32Array;
  /** The node before, on the best path from the root; the root's is itself. Unreached nodes have `NO_PARENT`. */
  readonly parent: Uint32Array;
  /** The edge by which the parent holds the node. */
  readonly edge: Uint32Array;
}

export const NO_PARENT = 0xffffffff;
/** More than any edge costs: up to 63 by the runtime's traversal, and `BACK_TO_OLD`. */
const BUCKETS = 256;
/**
 * What it costs to come back from a new object to an old one: more than a whole path of the runtime's own. A request in
 * flight refers to half of the service by short names; what the service keeps does not hang from whichever request, timer
 * or socket is there at the moment of the dump.
 */
const BACK_TO_OLD = 128;

/**
 * One path from the root to each node: the shortest by meaning, where an edge costs what the runtime's traversal
 * says (1 for a named reference, up to 63 for engine bookkeeping). Dijkstra with a ring of buckets (Dial 1969), linear in
 * the number of edges.
 *
 * @param isOld marks by node: objects that were there before, whose paths stay among themselves where they can
 */
export function meaningTree(graph: HeapGraph, isOld: Uint8Array | null = null): MeaningTree {
  const { nodeCount, firstEdge, edgeTarget } = graph;
  const cost = graph.traversal.newCost();
  const parent = new Uint32Array(nodeCount).fill(NO_PARENT);
  const edgeTo = new Uint32Array(nodeCount);
  const distance = new Uint32Array(nodeCount).fill(0xffffffff);
  const order = new Uint32Array(nodeCount);
  const settled = new Uint8Array(nodeCount);
  const ring = Array.from({ length: BUCKETS }, () => new Bucket());
  let reached = 0;
  let waiting = 0;
  if (nodeCount > 0) {
    distance[0] = 0;
    parent[0] = 0;
    ring[0]!.push(0);
    waiting = 1;
  }
  for (let level = 0; waiting > 0; level++) {
    const bucket = ring[level % BUCKETS]!;
    // Costs are at least 1, so nothing is added to this bucket while it is emptied.
    for (let at = 0; at < bucket.length; at++) {
      const node = bucket.items[at]!;
      if (settled[node] === 1) continue;
      settled[node] = 1;
      order[reached++] = node;
      const end = firstEdge[node + 1]!;
      const isNew = isOld !== null && node !== 0 && isOld[node] === 0;
      for (let edge = firstEdge[node]!; edge < end; edge++) {
        const target = edgeTarget[edge]!;
        if (settled[target] === 1) continue;
        const step = cost(node, edge);
        if (step === 0) continue;
        const far = level + step + (isNew && isOld[target] === 1 ? BACK_TO_OLD : 0);
        if (far >= distance[target]!) continue;
        distance[target] = far;
        parent[target] = node;
        edgeTo[target] = edge;
        ring[far % BUCKETS]!.push(target);
        waiting++;
      }
    }
    waiting -= bucket.length;
    bucket.length = 0;
  }
  return { order: order.subarray(0, reached), parent, edge: edgeTo };
}

class Bucket {
  items: Uint32Array = new Uint32Array(256);
  length = 0;

  push(node: number): void {
    if (this.length === this.items.length) {
      const grown = new Uint32Array(this.length * 2);
      grown.set(this.items);
      this.items = grown;
    }
    this.items[this.length++] = node;
  }
}
