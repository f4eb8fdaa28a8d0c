import { EDGE_KIND_MASK, type HeapGraph } from '../model/heap-graph.ts';
import { tableOf } from './owner.ts';

/**
 * Entries of a Map, Set, array or object used as a map, as far as they hold heap objects: small integers are no
 * references and leave no trace in a snapshot. Null for other things.
 */
export function entriesOf(graph: HeapGraph, node: number): number | null {
  const name = graph.strings.head(graph.nodeName[node]!, 40);
  if (graph.nodeKinds[graph.nodeKind[node]!] !== 'object') return null;
  if (name === 'Array') return countEdges(graph, node, 'element');
  const table = tableOf(graph, node);
  if (table >= 0) return tableEntries(graph, table);
  if (name === 'Object') return countEdges(graph, node, 'property') - 1;
  return null;
}

function countEdges(graph: HeapGraph, node: number, kind: string): number {
  const wanted = graph.edgeKinds.indexOf(kind);
  let count = 0;
  for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
    if ((graph.edgeKind[edge]! & EDGE_KIND_MASK) === wanted) count++;
  }
  return count;
}

function tableEntries(graph: HeapGraph, table: number): number {
  const describer = graph.newDescriber();
  let keys = 0;
  let values = 0;
  for (let edge = graph.firstEdge[table]!; edge < graph.firstEdge[table + 1]!; edge++) {
    const label = describer.label(table, edge);
    // Holes and undefined are oddballs that all tables share.
    if (graph.nodeKinds[graph.nodeKind[graph.edgeTarget[edge]!]!] === 'hidden') continue;
    if (label === '[key]') keys++;
    else if (label === '[value]') values++;
  }
  return Math.max(keys, values);
}
