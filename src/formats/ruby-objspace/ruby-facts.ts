import type { HeapGraph } from '../../model/heap-graph.ts';

/** What the reader knows of a Ruby dump beyond the common graph. */
export interface RubyFacts {
  /** T_… of each node, by `TYPE`. */
  readonly type: Uint8Array;
  /** Names of Set and the classes that inherit from it. */
  readonly setNames: ReadonlySet<number>;
  /** Nodes whose line tells their entries (Hash, Array), ascending, and how many. */
  readonly sizedNode: Uint32Array;
  readonly sizedEntries: Uint32Array;
  /** Bytes that a String has room for and does not use yet, of the few where that is much. */
  readonly spareBytes: ReadonlyMap<number, number>;
  /** Class and module nodes by name, for the positions of instances. */
  readonly classByName: ReadonlyMap<number, number>;
  readonly modules: ReadonlySet<number>;
}

export interface RubyHeapGraph extends HeapGraph {
  readonly ruby: RubyFacts;
}

/** Entries that the line of a node tells; -1 when it tells none. */
export function entriesTold(
  { sizedNode, sizedEntries }: Pick<RubyFacts, 'sizedNode' | 'sizedEntries'>,
  node: number,
): number {
  let low = 0;
  let high = sizedNode.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sizedNode[middle]! < node) low = middle + 1;
    else high = middle;
  }
  return low < sizedNode.length && sizedNode[low] === node ? sizedEntries[low]! : -1;
}
