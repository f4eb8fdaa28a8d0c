import type { HeapGraph } from '../model/heap-graph.ts';
import type { IdIndex } from './id-index.ts';

/** Enough for any finding; a heap in which more old objects gained something is not told by their entries. */
const MAX_COUNTED_HOLDERS = 20_000;

export class EntryCounts {
  readonly byId: Map<number, number[]> = new Map();

  constructor(last: HeapGraph, holders: readonly number[]) {
    for (const holder of holders.slice(0, MAX_COUNTED_HOLDERS)) this.byId.set(last.nodeId[holder]!, []);
  }

  count(dump: number, graph: HeapGraph, index: IdIndex): void {
    const describer = graph.newDescriber();
    for (const [id, counts] of this.byId) {
      const node = index.get(id);
      const entries = node < 0 ? null : describer.entries(node);
      if (entries === null) this.byId.delete(id);
      else counts[dump] = entries;
    }
  }
}
