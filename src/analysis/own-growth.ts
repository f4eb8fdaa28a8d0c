import type { HeapGraph } from '../model/heap-graph.ts';
import type { Census, MeasuredDump } from './census.ts';
import type { IdIndex } from './id-index.ts';

/** An old object whose own size grew by less is not looked at on its own. */
const MIN_OWN_GROWTH_BYTES = 4096;

/** Old objects that grew in their own size (an array's store of numbers, an external string). */
export interface OwnGrowth {
  readonly place: number;
  readonly nodes: readonly number[];
  readonly bytes: readonly number[];
}

export function ownGrowthNodes(
  last: HeapGraph,
  isOld: Uint8Array,
  first: HeapGraph,
  firstIndex: IdIndex,
): number[] {
  const nodes: number[] = [];
  for (let node = 0; node < last.nodeCount; node++) {
    if (isOld[node] === 0 || last.selfBytes[node]! < MIN_OWN_GROWTH_BYTES) continue;
    const before = firstIndex.get(last.nodeId[node]!);
    if (last.selfBytes[node]! - first.selfBytes[before]! >= MIN_OWN_GROWTH_BYTES) nodes.push(node);
  }
  return nodes;
}

export function ownSizes(
  last: HeapGraph,
  nodes: readonly number[],
  graph: HeapGraph,
  index: IdIndex,
): number[] {
  return nodes.map((node) => graph.selfBytes[index.get(last.nodeId[node]!)] ?? 0);
}

export function groupOwnGrowth(
  census: Census,
  last: HeapGraph,
  measured: MeasuredDump,
  nodes: readonly number[],
  bytes: readonly (readonly number[])[],
): OwnGrowth[] {
  const groups = new Map<number, { place: number; nodes: number[]; bytes: number[] }>();
  nodes.forEach((node, at) => {
    const place = census.placeOf(last, measured, node);
    let group = groups.get(place);
    if (!group) {
      group = { place, nodes: [], bytes: bytes.map(() => 0) };
      groups.set(place, group);
    }
    group.nodes.push(node);
    for (let dump = 0; dump < bytes.length; dump++) group.bytes[dump]! += bytes[dump]![at]!;
  });
  return [...groups.values()];
}
