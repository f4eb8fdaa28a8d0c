import type { Label } from '../../model/description.ts';
import { EDGE_KIND_MASK, type HeapGraph } from '../../model/heap-graph.ts';

/** Tells the role of a reference of a table. */
export interface TableLayout {
  roleOf(edge: number): Label | null;
}

/** So many references tell how a table is laid out. */
const TABLE_PROBES = 64;

/**
 * The backing table of a Map or Set is an OrderedHashTable: counters, buckets, then entries of key, value and chain
 * (Map) or key and chain (Set); chains are no references. Source: V8 `src/objects/ordered-hash-table.h`. So a Set's
 * references are an even number of slots apart, and a Map's fall into two neighbouring classes modulo three, of which
 * the first holds the keys. Where only one class is seen, all are called values.
 */
export function layoutOfTable(
  graph: Omit<HeapGraph, 'newDescriber'>,
  node: number,
  internal: number,
  slotOf: (edge: number) => number,
): TableLayout | null {
  const { firstEdge, edgeKind, edgeTarget, nodeKind } = graph;
  if (graph.nodeKinds[nodeKind[node]!] !== 'array') return null;
  const hidden = graph.nodeKinds.indexOf('hidden');
  const slots: number[] = [];
  for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]! && slots.length < TABLE_PROBES; edge++) {
    // Deleted entries and undefined are oddballs that say nothing.
    if ((edgeKind[edge]! & EDGE_KIND_MASK) !== internal || nodeKind[edgeTarget[edge]!] === hidden) continue;
    const slot = slotOf(edge);
    if (Number.isInteger(slot)) slots.push(slot);
  }
  if (slots.length === 0) return null;
  const first = slots[0]!;
  if (slots.every((slot) => (slot - first) % 2 === 0)) return { roleOf: () => '[value]' };
  const classes = [0, 1, 2].filter((residue) => slots.some((slot) => slot % 3 === residue));
  if (classes.length === 1) return { roleOf: () => '[value]' };
  if (classes.length !== 2) return null;
  const keys = classes[0]! === 0 && classes[1]! === 2 ? 2 : classes[0]!;
  return { roleOf: (edge) => (slotOf(edge) % 3 === keys ? '[key]' : '[value]') };
}
