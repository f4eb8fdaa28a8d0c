import type { Label } from '../../model/description.ts';
import { EDGE_EPHEMERON_TABLE, EDGE_KIND_MASK, type HeapGraph } from '../../model/heap-graph.ts';

type Parts = Omit<HeapGraph, 'newDescriber'>;

/**
 * Entries of a Map, Set, array, object used as a map, or of the table of one of these. Small integers are no
 * references and leave no trace in a snapshot, so entries of nothing else are not counted.
 */
export function entriesOf(
  graph: Parts,
  node: number,
  label: (source: number, edge: number) => Label,
): number | null {
  const kind = graph.nodeKinds[graph.nodeKind[node]!];
  if (kind === 'array') return tableEntries(graph, node, label);
  if (kind !== 'object') return null;
  const name = graph.strings.head(graph.nodeName[node]!, 8);
  if (name === 'Array') return edgesOfKind(graph, node, 'element');
  const table = tableOf(graph, node);
  if (table >= 0) return tableEntries(graph, table, label);
  return name === 'Object' ? Math.max(0, edgesOfKind(graph, node, 'property') - 1) : null;
}

/** The hash table of a Map or Set, also of their subclasses; -1 for other objects. */
function tableOf(graph: Parts, node: number): number {
  const internal = graph.edgeKinds.indexOf('internal');
  for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
    if ((graph.edgeKind[edge]! & EDGE_KIND_MASK) !== internal) continue;
    if (graph.strings.head(graph.edgeName[edge]!, 8) === 'table') return graph.edgeTarget[edge]!;
  }
  return -1;
}

function edgesOfKind(graph: Parts, node: number, kind: string): number {
  const wanted = graph.edgeKinds.indexOf(kind);
  let count = 0;
  for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
    if ((graph.edgeKind[edge]! & EDGE_KIND_MASK) === wanted) count++;
  }
  return count;
}

function tableEntries(graph: Parts, table: number, label: (source: number, edge: number) => Label): number {
  const hidden = graph.nodeKinds.indexOf('hidden');
  const weak = graph.edgeKinds.indexOf('weak');
  let keys = 0;
  let values = 0;
  for (let edge = graph.firstEdge[table]!; edge < graph.firstEdge[table + 1]!; edge++) {
    // Deleted entries, holes and undefined are oddballs that all tables share.
    if (
      graph.nodeKind[graph.edgeTarget[edge]!] === hidden ||
      (graph.edgeKind[edge]! & EDGE_EPHEMERON_TABLE) !== 0
    )
      continue;
    if ((graph.edgeKind[edge]! & EDGE_KIND_MASK) === weak) continue;
    if (label(table, edge) === '[key]') keys++;
    else values++;
  }
  return Math.max(keys, values);
}
