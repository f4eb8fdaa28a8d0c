import { EDGE_NOT_RETAINING, type HeapGraph, totalBytes } from '../model/heap-graph.ts';
import { Census, type Counts, type MeasuredDump } from './census.ts';
import { EntryCounts } from './entry-counts.ts';
import { findSites, type GrowthSite, type SwollenPlace } from './growth-sites.ts';
import { type IdIndex, indexIds } from './id-index.ts';
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
  /** By dump that was used; so are all series below. Without garbage where the dump was taken with it. */
  readonly totalBytes: readonly number[];
  readonly sites: readonly GrowthSite[];
  readonly ownGrowth: readonly OwnGrowth[];
  /** Counted bytes that belong to no site: engine bookkeeping and small things, by dump. */
  readonly engineBytes: readonly number[];
  readonly otherBytes: readonly number[];
  /** What no root reached, by dump: garbage. */
  readonly garbageBytes: readonly number[];
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
  const firstIndex = indexIds(first.nodeId);
  const sameProcess = isSameProcess(first, firstIndex, last);
  const lastIndex = indexIds(last.nodeId);
  const [firstMarks, isOldInLast] = sameProcess
    ? oldInBoth(
        { graph: first, index: firstIndex, marks: lastIndex.markCommon(first.nodeId) },
        { graph: last, index: lastIndex, marks: firstIndex.markCommon(last.nodeId) },
      )
    : [null, null];
  const census = new Census();
  const lastMeasured = census.measure(last, isOldInLast);
  await step('compare');
  const grownNodes = isOldInLast ? ownGrowthNodes(last, isOldInLast, first, firstIndex) : [];
  // Ruby and Python write down how many entries there are; V8's are only those that are objects.
  const entries = new EntryCounts(
    last,
    last.idKind === 'address' ? [...grownNodes, ...lastMeasured.holders] : lastMeasured.holders,
  );
  const counts: Counts[] = [];
  const totals: number[] = [];
  // A dump of Ruby or Python is taken without a collection before it: what nothing holds is no part of the heap that leaks.
  const isAddressed = last.idKind === 'address';
  const ownBytes: number[][] = [];
  const strangers: number[] = [];
  const take = (graph: HeapGraph, index: IdIndex, measured: Counts): void => {
    entries.count(counts.length, graph, index);
    counts.push(measured);
    totals.push(totalBytes(graph) - (isAddressed ? measured.unreachedBytes : 0));
    ownBytes.push(ownSizes(last, grownNodes, graph, index));
  };
  take(first, firstIndex, census.measure(first, firstMarks).counts);
  for (let at = 1; at < count - 1; at++) {
    const graph = await load(at);
    await step('compare');
    if (sameProcess && !isSameProcess(first, firstIndex, graph)) {
      strangers.push(at);
      continue;
    }
    const marks = isOldInLast ? oldIn(graph, commonToAll(graph, lastIndex, isOldInLast)) : null;
    take(graph, indexIds(graph.nodeId), census.measure(graph, marks).counts);
  }
  take(last, lastIndex, lastMeasured.counts);
  const { swollen, ...found } = findSites(census, counts);
  return {
    census,
    last,
    lastMeasured,
    sameProcess,
    strangers,
    totalBytes: totals,
    isOldInLast,
    entries: entries.byId,
    ownGrowth: [
      ...groupOwnGrowth(census, last, lastMeasured, grownNodes, ownBytes),
      ...ofSwollen(swollen, lastMeasured),
    ],
    garbageBytes: counts.map(({ unreachedBytes }) => (isAddressed ? 0 : unreachedBytes)),
    ...found,
  };
}

/** Texts and arrays that were made anew with more in them, as if they had grown in place. */
function ofSwollen(swollen: readonly SwollenPlace[], { trieOf, tree }: MeasuredDump): OwnGrowth[] {
  if (swollen.length === 0) return [];
  const nodes = new Map<number, number[]>(swollen.map(({ place }) => [place, []]));
  for (const node of tree.order) nodes.get(trieOf[node]!)?.push(node);
  return swollen.map(({ place, bytes }) => ({ place, bytes, nodes: nodes.get(place)! }));
}

/**
 * Where addresses are given again, an object that only new objects refer to is no old one: another of its class took its
 * place. (Of 3,000 leaked Ruby strings 496 stood where a string had stood before.) What is wrongly taken for new by this,
 * things that moved to another holder, is so in both dumps and cancels out.
 */
function oldIn(graph: HeapGraph, marks: Uint8Array): Uint8Array {
  if (graph.idKind === 'serial') return marks;
  const { firstEdge, edgeTarget, edgeKind } = graph;
  const isOld = new Uint8Array(graph.nodeCount);
  const queue = new Uint32Array(graph.nodeCount);
  let tail = 1;
  isOld[0] = 1;
  for (let head = 0; head < tail; head++) {
    const node = queue[head]!;
    for (let edge = firstEdge[node]!, end = firstEdge[node + 1]!; edge < end; edge++) {
      const target = edgeTarget[edge]!;
      if (isOld[target] === 1 || marks[target] === 0 || (edgeKind[edge]! & EDGE_NOT_RETAINING) !== 0)
        continue;
      isOld[target] = 1;
      queue[tail++] = target;
    }
  }
  return isOld;
}

interface MarkedDump {
  readonly graph: HeapGraph;
  readonly index: IdIndex;
  readonly marks: Uint8Array;
}

/** What is old in one of two dumps is so in the other, or what is replaced one for one would not cancel out. */
function oldInBoth(first: MarkedDump, last: MarkedDump): [Uint8Array, Uint8Array] {
  const [inFirst, inLast] = [oldIn(first.graph, first.marks), oldIn(last.graph, last.marks)];
  if (last.graph.idKind === 'address') {
    onlyOldIn(inFirst, first.graph, last.index, inLast);
    onlyOldIn(inLast, last.graph, first.index, inFirst);
  }
  return [inFirst, inLast];
}

function onlyOldIn(isOld: Uint8Array, graph: HeapGraph, other: IdIndex, isOldInOther: Uint8Array): void {
  for (let node = 1; node < graph.nodeCount; node++) {
    if (isOld[node] === 0) continue;
    const counterpart = other.get(graph.nodeId[node]!);
    if (counterpart >= 0 && isOldInOther[counterpart] === 0) isOld[node] = 0;
  }
}

/** Of a dump in between, what is old in the last one, which is what lives in the first one as well. */
function commonToAll(graph: HeapGraph, last: IdIndex, isOldInLast: Uint8Array): Uint8Array {
  const marks = new Uint8Array(graph.nodeCount);
  for (let node = 0; node < graph.nodeCount; node++) {
    const counterpart = last.get(graph.nodeId[node]!);
    if (counterpart >= 0 && isOldInLast[counterpart] === 1) marks[node] = 1;
  }
  return marks;
}
