import type { HeapGraph } from '../model/heap-graph.ts';
import { totalBytes } from '../model/heap-graph.ts';
import { Census, type Counts, type MeasuredDump } from './census.ts';
import { EntryCounts } from './entry-counts.ts';
import { findSites, type GrowthSite } from './growth-sites.ts';
import { IdIndex } from './id-index.ts';
import { groupOwnGrowth, type OwnGrowth, ownGrowthNodes, ownSizes } from './own-growth.ts';
import { isSameProcess } from './same-process.ts';

export interface Growth {
  readonly census: Census;
  readonly last: HeapGraph;
  readonly lastMeasured: MeasuredDump;
  /** True when the dumps are of one process, so that objects were told apart by id. */
  readonly sameProcess: boolean;
  /** Dumps in between, by number, that are of another process than the first and the last: they were left out. */
  readonly strangers: readonly number[];
  /** By dump that was used; so are all series below. */
  readonly totalBytes: readonly number[];
  readonly sites: readonly GrowthSite[];
  readonly ownGrowth: readonly OwnGrowth[];
  /** Counted bytes that belong to no site: engine bookkeeping and small things, by dump. */
  readonly engineBytes: readonly number[];
  readonly otherBytes: readonly number[];
  /** Ids of the objects that live in the first and in the last dump. */
  readonly isOldInLast: Uint8Array | null;
  /** Entries by dump of the old collections that hold new objects, by id of the collection or its table. */
  readonly entries: ReadonlyMap<number, readonly number[]>;
}

export interface GrowthOptions {
  /** Loads dump `index`; each is asked for once. Dumps are in order of time. */
  load(index: number): Promise<HeapGraph>;
  count: number;
  onStep?: (step: string) => Promise<void>;
}

/**
 * Where the heap grew between two or more dumps, by the growth frontier (`docs/how-it-works.md`): objects that live in
 * the first and the last dump are *old* and only hold; all others hang from them and are counted by the shape of
 * their path. A place gathers when its members multiply while their holder does not.
 */
export async function findGrowth(options: GrowthOptions): Promise<Growth> {
  const { load, count } = options;
  const step = options.onStep ?? (async () => undefined);
  const last = await load(count - 1);
  const first = await load(0);
  await step('compare');
  const firstIndex = new IdIndex(first.nodeId);
  const sameProcess = isSameProcess(first, firstIndex, last);
  const isOldInLast = sameProcess ? firstIndex.markCommon(last.nodeId) : null;
  const census = new Census();
  const lastMeasured = census.measure(last, isOldInLast);
  await step('compare');
  const grownNodes = isOldInLast ? ownGrowthNodes(last, isOldInLast, first, firstIndex) : [];
  const lastIndex = new IdIndex(last.nodeId);
  const entries = new EntryCounts(last, lastMeasured.holders);
  const counts: Counts[] = [];
  const totals: number[] = [];
  const ownBytes: number[][] = [];
  const strangers: number[] = [];
  const take = (graph: HeapGraph, index: IdIndex, measured: Counts): void => {
    entries.count(counts.length, graph, index);
    counts.push(measured);
    totals.push(totalBytes(graph));
    ownBytes.push(ownSizes(last, grownNodes, graph, index));
  };
  const firstMarks = sameProcess ? lastIndex.markCommon(first.nodeId) : null;
  take(first, firstIndex, census.measure(first, firstMarks).counts);
  for (let at = 1; at < count - 1; at++) {
    const graph = await load(at);
    await step('compare');
    if (sameProcess && !isSameProcess(first, firstIndex, graph)) {
      strangers.push(at);
      continue;
    }
    const marks = sameProcess ? commonToAll(graph, firstIndex, lastIndex) : null;
    take(graph, new IdIndex(graph.nodeId), census.measure(graph, marks).counts);
  }
  take(last, lastIndex, lastMeasured.counts);
  return {
    census,
    last,
    lastMeasured,
    sameProcess,
    strangers,
    totalBytes: totals,
    isOldInLast,
    entries: entries.byId,
    ownGrowth: groupOwnGrowth(census, last, lastMeasured, grownNodes, ownBytes),
    ...findSites(census, counts),
  };
}

function commonToAll(graph: HeapGraph, first: IdIndex, last: IdIndex): Uint8Array {
  const marks = new Uint8Array(graph.nodeCount);
  for (let node = 0; node < graph.nodeCount; node++) {
    const id = graph.nodeId[node]!;
    if (first.get(id) >= 0 && last.get(id) >= 0) marks[node] = 1;
  }
  return marks;
}
