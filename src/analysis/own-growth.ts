import type { HeapGraph } from '../model/heap-graph.ts';
import type { Census, MeasuredDump } from './census.ts';
import type { IdIndex } from './id-index.ts';

/** An old object whose own size grew by less is not looked at on its own. */
const MIN_OWN_GROWTH_BYTES = 4096;

/** Old objects that grew in their own size (an array's store of numbers, an external string). */
export interface OwnGrowth {
  readonly place: number;
  readonly nodes: readonly number[];
  /** By dump; of what takes room in steps the part that is in use, if the dump tells. */
  readonly bytes: readonly number[];
}

export function ownGrowthNodes(
  last: HeapGraph,
  isOld: Uint8Array,
  first: HeapGraph,
  firstIndex: IdIndex,
): number[] {
  const nodes: number[] = [];
  const inLast = newUsedBytes(last);
  const inFirst = newUsedBytes(first);
  for (let node = 0; node < last.nodeCount; node++) {
    if (isOld[node] === 0 || last.selfBytes[node]! < MIN_OWN_GROWTH_BYTES) continue;
    const before = firstIndex.get(last.nodeId[node]!);
    const grew =
      last.selfBytes[node]! - first.selfBytes[before]! >= MIN_OWN_GROWTH_BYTES ||
      inLast(node) - inFirst(before) >= MIN_OWN_GROWTH_BYTES;
    if (grew) nodes.push(node);
  }
  return nodes;
}

function newUsedBytes(graph: HeapGraph): (node: number) => number {
  const describer = graph.newDescriber();
  return (node) => describer.usedBytes?.(node) ?? graph.selfBytes[node]!;
}

export function ownSizes(
  last: HeapGraph,
  nodes: readonly number[],
  graph: HeapGraph,
  index: IdIndex,
): number[] {
  const usedBytes = newUsedBytes(graph);
  return nodes.map((node) => {
    const here = index.get(last.nodeId[node]!);
    return here < 0 ? 0 : usedBytes(here);
  });
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
