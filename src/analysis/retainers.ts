import type { HeapGraph } from '../model/heap-graph.ts';

/** References into a set of nodes, by target: those to `targets[i]` are at `first[i] … first[i + 1] - 1`. */
export interface IncomingEdges {
  readonly targets: Uint32Array;
  readonly first: Uint32Array;
  readonly source: Uint32Array;
  readonly edge: Uint32Array;
}

/**
 * Finds all references to the given nodes, weak ones too, by two passes over all references: nothing as large as the
 * graph is kept, unlike with an index of all retainers.
 *
 * @param targets nodes, ascending
 */
export function incomingEdges(graph: HeapGraph, targets: Uint32Array): IncomingEdges {
  const { nodeCount, firstEdge, edgeTarget } = graph;
  const at = new Uint32Array(nodeCount);
  for (let index = 0; index < targets.length; index++) at[targets[index]!] = index + 1;
  const first = new Uint32Array(targets.length + 1);
  for (let edge = 0; edge < edgeTarget.length; edge++) {
    const index = at[edgeTarget[edge]!]!;
    if (index !== 0) first[index]!++;
  }
  for (let index = 0; index < targets.length; index++) first[index + 1]! += first[index]!;
  const next = first.slice();
  const source = new Uint32Array(first[targets.length]!);
  const edges = new Uint32Array(source.length);
  for (let node = 0; node < nodeCount; node++) {
    const end = firstEdge[node + 1]!;
    for (let edge = firstEdge[node]!; edge < end; edge++) {
      const index = at[edgeTarget[edge]!]!;
      if (index === 0) continue;
      const place = next[index - 1]!++;
      source[place] = node;
      edges[place] = edge;
    }
  }
  return { targets, first, source, edge: edges };
}
