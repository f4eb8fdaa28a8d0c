import type { Label, Shape } from '../model/description.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { totalBytes } from '../model/heap-graph.ts';
import { Census, type Counts, type MeasuredDump } from './census.ts';
import { IdIndex } from './id-index.ts';

/** Fewer new objects than this at one place are no gathering. */
const MIN_GATHERED = 8;
/** Engine objects that multiply are a place of growth only when they carry the program's objects. */
const MIN_USER_SHARE = 0.3;
/** An old object whose own size grew by less is not looked at on its own. */
const MIN_OWN_GROWTH_BYTES = 4096;

/** One place where growth gathers: the members `label shape` that its holder gains. */
export interface GrowthSite {
  /** Trie node of the members; its parent is the holder's. */
  readonly place: number;
  readonly holderPlace: number;
  readonly label: Label;
  readonly shape: Shape;
  /** Members by dump. */
  readonly objects: readonly number[];
  /** Bytes of the members and of all that hangs from them, by dump. */
  readonly bytes: readonly number[];
  /** Own bytes of the holder where it is new itself (a copied Map and its table), by dump; equal for all sites of a holder. */
  readonly storeBytes: readonly number[];
}

/** Old objects that grew in their own size (an array's store of numbers, an external string). */
export interface OwnGrowth {
  readonly place: number;
  readonly nodes: readonly number[];
  readonly bytes: readonly number[];
}

export interface Growth {
  readonly census: Census;
  readonly last: HeapGraph;
  readonly lastMeasured: MeasuredDump;
  /** True when the dumps are of one process, so that objects were told apart by id. */
  readonly sameProcess: boolean;
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
  entries.count(count - 1, last, lastIndex);
  entries.count(0, first, firstIndex);
  const counts: Counts[] = [];
  const totals: number[] = [];
  const ownBytes: number[][] = [];
  counts[0] = census.measure(first, sameProcess ? lastIndex.markCommon(first.nodeId) : null).counts;
  totals[0] = totalBytes(first);
  ownBytes[0] = ownSizes(last, grownNodes, first, firstIndex);
  for (let index = 1; index < count - 1; index++) {
    const graph = await load(index);
    await step('compare');
    const marks = sameProcess ? commonToAll(graph, firstIndex, lastIndex) : null;
    counts[index] = census.measure(graph, marks).counts;
    totals[index] = totalBytes(graph);
    const graphIndex = new IdIndex(graph.nodeId);
    ownBytes[index] = ownSizes(last, grownNodes, graph, graphIndex);
    entries.count(index, graph, graphIndex);
  }
  counts[count - 1] = lastMeasured.counts;
  totals[count - 1] = totalBytes(last);
  ownBytes[count - 1] = grownNodes.map((node) => last.selfBytes[node]!);
  return {
    census,
    last,
    lastMeasured,
    sameProcess,
    totalBytes: totals,
    isOldInLast,
    entries: entries.byId,
    ownGrowth: groupOwnGrowth(census, last, lastMeasured, grownNodes, ownBytes),
    ...findSites(census, counts),
  };
}

/** Enough for any finding; a heap in which more old objects gained something is not told by their entries. */
const MAX_COUNTED_HOLDERS = 20_000;

class EntryCounts {
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

/** Nodes without their references. */
type NamedNodes = Pick<HeapGraph, 'nodeCount' | 'nodeKinds' | 'nodeKind' | 'nodeName' | 'nodeId' | 'strings'>;

/** Nodes looked at to tell whether two dumps are of one process, and how many of one name count. */
const PROBES = 16_000;
const PROBES_PER_NAME = 3;
/** So few common ids tell nothing yet. */
const FEW_PROBES = 500;

/**
 * Ids mean the same only within one process. Of the ids that two dumps share, those of one process also share kind
 * and name; those of two processes do so by chance only. A thousand instances of one class are no better a proof than
 * a few: two processes of one program have those under the same ids as well.
 */
export function isSameProcess(first: NamedNodes, firstIndex: IdIndex, last: NamedNodes): boolean {
  const stride = Math.max(1, Math.floor(last.nodeCount / PROBES));
  let { common, equal } = compareProbes(first, firstIndex, last, stride);
  if (common < FEW_PROBES && stride > 1) ({ common, equal } = compareProbes(first, firstIndex, last, 1));
  return common > 0 && equal / common > 0.97;
}

function compareProbes(
  first: NamedNodes,
  firstIndex: IdIndex,
  last: NamedNodes,
  stride: number,
): { common: number; equal: number } {
  let common = 0;
  let equal = 0;
  const interesting = new Set(['object', 'closure', 'string', 'native', 'regexp', 'symbol']);
  const isInteresting = last.nodeKinds.map((kind) => interesting.has(kind));
  const probesOf = new Map<number, number>();
  for (let node = 1; node < last.nodeCount && common < PROBES; node += stride) {
    if (!isInteresting[last.nodeKind[node]!]) continue;
    const name = last.nodeName[node]!;
    const probes = probesOf.get(name) ?? 0;
    if (probes === PROBES_PER_NAME) continue;
    const other = firstIndex.get(last.nodeId[node]!);
    if (other < 0) continue;
    probesOf.set(name, probes + 1);
    common++;
    const sameKind = last.nodeKinds[last.nodeKind[node]!] === first.nodeKinds[first.nodeKind[other]!];
    if (sameKind && last.strings.head(name, 64) === first.strings.head(first.nodeName[other]!, 64)) equal++;
  }
  return { common, equal };
}

function commonToAll(graph: HeapGraph, first: IdIndex, last: IdIndex): Uint8Array {
  const marks = new Uint8Array(graph.nodeCount);
  for (let node = 0; node < graph.nodeCount; node++) {
    const id = graph.nodeId[node]!;
    if (first.get(id) >= 0 && last.get(id) >= 0) marks[node] = 1;
  }
  return marks;
}

function ownGrowthNodes(last: HeapGraph, isOld: Uint8Array, first: HeapGraph, firstIndex: IdIndex): number[] {
  const nodes: number[] = [];
  for (let node = 0; node < last.nodeCount; node++) {
    if (isOld[node] === 0 || last.selfBytes[node]! < MIN_OWN_GROWTH_BYTES) continue;
    const before = firstIndex.get(last.nodeId[node]!);
    if (last.selfBytes[node]! - first.selfBytes[before]! >= MIN_OWN_GROWTH_BYTES) nodes.push(node);
  }
  return nodes;
}

function ownSizes(last: HeapGraph, nodes: readonly number[], graph: HeapGraph, index: IdIndex): number[] {
  return nodes.map((node) => graph.selfBytes[index.get(last.nodeId[node]!)] ?? 0);
}

function groupOwnGrowth(
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

function findSites(
  census: Census,
  counts: readonly Counts[],
): Pick<Growth, 'sites' | 'engineBytes' | 'otherBytes'> {
  const { trie } = census;
  const dumps = counts.length;
  const objects = counts.map((count) => padded(count.objects, trie.length));
  const subtree = counts.map((count) => padded(count.bytes, trie.length).slice());
  for (const bytes of subtree) {
    for (let node = trie.length - 1; node > 0; node--) bytes[trie.parent[node]!]! += bytes[node]!;
  }
  const gained = (node: number): number => objects[dumps - 1]![node]! - objects[0]![node]!;
  const userShare = userShareOfGrowth(
    census,
    counts[0]!,
    counts[dumps - 1]!,
    subtree[0]!,
    subtree[dumps - 1]!,
  );
  const siteOf = new Uint32Array(trie.length);
  const sites: GrowthSite[] = [];
  const engineBytes = new Array<number>(dumps).fill(0);
  const otherBytes = new Array<number>(dumps).fill(0);
  for (let node = 1; node < trie.length; node++) {
    const parent = trie.parent[node]!;
    const shape = census.shapeOf(node);
    if (siteOf[parent] !== 0) {
      siteOf[node] = siteOf[parent]!;
      continue;
    }
    const growth = gained(node);
    const multiplies = growth >= MIN_GATHERED && growth >= 2 * Math.max(0, gained(parent));
    if (multiplies && (!isEngine(shape) || userShare(node) >= MIN_USER_SHARE)) {
      siteOf[node] = node;
      sites.push({
        place: node,
        holderPlace: parent,
        label: census.labelOf(node),
        shape,
        objects: objects.map((count) => count[node]!),
        bytes: subtree.map((bytes) => bytes[node]!),
        storeBytes: [],
      });
    }
  }
  // What is left belongs to the holders themselves, to the engine, or is small.
  const stores = new Map<number, number[]>();
  for (const site of sites) {
    for (const place of storePlaces(census, site.holderPlace))
      stores.set(place, new Array<number>(dumps).fill(0));
  }
  for (let node = 1; node < trie.length; node++) {
    if (siteOf[node] !== 0) continue;
    const rest = stores.get(node) ?? (isEngine(census.shapeOf(node)) ? engineBytes : otherBytes);
    for (let dump = 0; dump < dumps; dump++) rest[dump]! += counts[dump]!.bytes[node] ?? 0;
  }
  const claimed = new Set<number>();
  const storeOf = new Map<number, number[]>();
  for (const { holderPlace } of sites) {
    if (storeOf.has(holderPlace)) continue;
    const places = storePlaces(census, holderPlace).filter((place) => !claimed.has(place));
    for (const place of places) claimed.add(place);
    storeOf.set(
      holderPlace,
      Array.from({ length: dumps }, (_, dump) =>
        places.reduce((sum, place) => sum + stores.get(place)![dump]!, 0),
      ),
    );
  }
  const withStores = sites.map((site) => ({ ...site, storeBytes: storeOf.get(site.holderPlace)! }));
  return { sites: withStores, engineBytes, otherBytes };
}

/** The trie nodes that make up one collection: a table or store, and the object that it serves. */
function storePlaces(census: Census, holderPlace: number): number[] {
  const label = census.labelOf(holderPlace);
  return label === '#table' || label === '#elements' || label === '#properties'
    ? [holderPlace, census.trie.parent[holderPlace]!]
    : [holderPlace];
}

/** What part of the growth below a trie node is the program's own objects rather than the engine's bookkeeping. */
function userShareOfGrowth(
  census: Census,
  first: Counts,
  last: Counts,
  firstSubtree: Float64Array,
  lastSubtree: Float64Array,
): (node: number) => number {
  const { trie } = census;
  const user = new Float64Array(trie.length);
  for (let node = trie.length - 1; node > 0; node--) {
    if (!isEngine(census.shapeOf(node))) user[node]! += (last.bytes[node] ?? 0) - (first.bytes[node] ?? 0);
    user[trie.parent[node]!]! += user[node]!;
  }
  return (node) => {
    const all = lastSubtree[node]! - firstSubtree[node]!;
    return all <= 0 ? 0 : user[node]! / all;
  };
}

function isEngine(shape: Shape): boolean {
  return shape.category === 'engine' || shape.category === 'root';
}

function padded(array: Float64Array, length: number): Float64Array {
  if (array.length >= length) return array.subarray(0, length);
  const longer = new Float64Array(length);
  longer.set(array);
  return longer;
}
