import type { Growth } from '../analysis/growth.ts';
import type { GrowthSite } from '../analysis/growth-sites.ts';
import type { OwnGrowth } from '../analysis/own-growth.ts';
import { gain } from '../base/gain.ts';
import { EDGE_KIND_MASK, type HeapGraph } from '../model/heap-graph.ts';
import type { Dialect, Owner } from './dialect.ts';
import { type NodeStep, nodePath } from './node-path.ts';

/** How many members of a place are looked at one by one. */
const SAMPLES = 48;

/** Growth under one owner: what the rules look at. */
export interface GrowthGroup {
  readonly owner: Owner;
  /** Path from the root to the newest member (or to the grown object itself). */
  readonly path: readonly NodeStep[];
  readonly sites: readonly SampledSite[];
  readonly own: readonly OwnGrowth[];
  /** Entries by dump, old ones included where they can be counted. */
  readonly objects: readonly number[];
  readonly bytes: readonly number[];
  /** Distinct holders in the last dump. */
  readonly holders: readonly number[];
}

export interface SampledSite extends GrowthSite {
  /** Members in the last dump, newest first. */
  readonly samples: readonly number[];
  readonly holderNodes: readonly number[];
}

export interface Grouping {
  readonly groups: readonly GrowthGroup[];
  readonly dialect: Dialect;
}

/** Joins the places of growth by owner. */
export function groupGrowth(growth: Growth, dialect: Dialect): Grouping {
  const { lastMeasured } = growth;
  const drafts = new Map<string, Draft>();
  const draftFor = (owner: Owner, path: readonly NodeStep[]): Draft => {
    // The two ends of a queue inside the runtime are one queue.
    const text = owner.author === 'runtime' ? owner.text.replace(/\.(?:head|tail)\b/, '') : owner.text;
    const key = `${text}|${owner.collectionKind}`;
    let draft = drafts.get(key);
    if (!draft) {
      draft = { owner, path, sites: [], own: [], isWhole: true };
      drafts.set(key, draft);
    }
    return draft;
  };
  for (const site of valuesFirst(sampled(growth))) {
    const newest = site.samples[0];
    if (newest === undefined) continue;
    const path = nodePath(lastMeasured.tree, newest);
    const owner = dialect.ownerOf(holderPath(growth, site, path, dialect));
    draftFor(owner.isNamed ? owner : unnamed(owner, site, growth, dialect), path).sites.push(site);
  }
  for (const own of growth.ownGrowth) {
    const path = nodePath(lastMeasured.tree, own.nodes[0]!);
    if (path.length > 0) draftFor(dialect.ownerOf(path), path).own.push(own);
  }
  // Growth of one holder may be split between groups; its store belongs to the first.
  const claimed = new Set<number>();
  const groups = [...drafts.values()].flatMap(byHandlerFile).map((draft) => finish(draft, growth, claimed));
  groups.sort((a, b) => gain(b.bytes) - gain(a.bytes));
  return { groups, dialect };
}

/** Below a bare root nothing but the class of the members tells one growth from another; in a table they are one. */
function unnamed(owner: Owner, site: GrowthSite, growth: Growth, dialect: Dialect): Owner {
  const told = dialect.unnamed(growth, site.holderPlace);
  if (told !== null) return { ...owner, text: told };
  return growth.census.shapeOf(site.holderPlace).category === 'array'
    ? owner
    : { ...owner, text: `${owner.text} → ${site.shape.text}` };
}

/** Handlers of different files under one owner are different causes; what is no handler stays with the first. */
function byHandlerFile(draft: Draft): Draft[] {
  const files = new Map<string, SampledSite[]>();
  for (const site of draft.sites) {
    if (site.shape.category !== 'closure' || !site.shape.location) continue;
    const { file } = site.shape.location;
    files.set(file, [...(files.get(file) ?? []), site]);
  }
  if (files.size < 2) return [draft];
  const others = draft.sites.filter((site) => ![...files.values()].flat().includes(site));
  return [...files.values()].map((sites, index) => ({
    ...draft,
    sites: index === 0 ? [...sites, ...others] : sites,
    own: index === 0 ? draft.own : [],
    isWhole: false,
  }));
}

/** The path up to what holds the first member; of a chain, up to its first link. */
function holderPath(
  growth: Growth,
  site: GrowthSite,
  path: readonly NodeStep[],
  dialect: Dialect,
): readonly NodeStep[] {
  const { lastMeasured } = growth;
  let end = path.findIndex(
    (step) => lastMeasured.trieOf[step.node] === site.place && growth.isOldInLast?.[step.node] !== 1,
  );
  if (end < 1) end = path.length - 1;
  const member = path[end]!.node;
  const isLink = (at: number) => dialect.isLink(path[at]!.node, member);
  if (!isLink(end - 1)) return path.slice(0, end);
  let first = end - 1;
  while (first > 1 && isLink(first - 1)) first--;
  return path.slice(0, first + 1);
}

interface Draft {
  owner: Owner;
  path: readonly NodeStep[];
  sites: SampledSite[];
  own: OwnGrowth[];
  /** False for a part of what one owner gained. */
  isWhole: boolean;
}

function finish(draft: Draft, growth: Growth, claimed: Set<number>): GrowthGroup {
  const { sites, own } = draft;
  const dumps = growth.totalBytes.length;
  const stores: (readonly number[])[] = [];
  for (const { holderPlace, storeBytes } of sites) {
    if (claimed.has(holderPlace)) continue;
    claimed.add(holderPlace);
    stores.push(storeBytes);
  }
  const bytes = sum(dumps, [
    ...sites.map((site) => site.bytes),
    ...stores,
    ...own.map((growths) => growths.bytes),
  ]);
  const values = sum(
    dumps,
    sites.filter((site) => site.label !== '[key]').map((site) => site.objects),
  );
  const keys = sum(
    dumps,
    sites.filter((site) => site.label === '[key]').map((site) => site.objects),
  );
  const gained =
    draft.owner.isNamed || sites.length < 2
      ? larger(values, keys)
      : sites.map((site) => site.objects).reduce(larger);
  const holders = withoutStores(growth, [...new Set(sites.flatMap((site) => site.holderNodes))]);
  return {
    ...draft,
    bytes,
    holders,
    objects: (draft.isWhole ? exactEntries(growth, draft.owner, holders) : null) ?? gained,
  };
}

/** An object that serves as a map holds its values itself and its keys in a store: that is one holder. */
function withoutStores({ last, lastMeasured: { tree } }: Growth, holders: readonly number[]): number[] {
  const all = new Set(holders);
  return holders.filter((holder) => {
    if (!all.has(tree.parent[holder]!)) return true;
    const edge = tree.edge[holder]!;
    const isInternal = last.edgeKinds[last.edgeKind[edge]! & EDGE_KIND_MASK] === 'internal';
    return !isInternal || !/^(?:properties|elements)$/.test(last.strings.head(last.edgeName[edge]!, 12));
  });
}

function larger(a: readonly number[], b: readonly number[]): readonly number[] {
  return gain(a) >= gain(b) ? a : b;
}

/** The entries themselves, old ones included, where they could be counted in all holders and in each dump. */
function exactEntries(growth: Growth, owner: Owner, holders: readonly number[]): readonly number[] | null {
  const { last, entries } = growth;
  const idOf = (node: number) => last.nodeId[node]!;
  const own = holders.length <= 1 ? entries.get(idOf(owner.collection)) : undefined;
  const counted = own ? [own] : holders.map((holder) => entries.get(idOf(holder)));
  const dumps = growth.totalBytes.length;
  if (counted.length === 0 || counted.some((counts) => counts?.length !== dumps)) return null;
  const summed = sum(dumps, counted as number[][]);
  // Ruby and Python write sizes down, so that no gain is none; V8's are counted from what is there.
  return gain(summed) > 0 || growth.last.idKind === 'address' ? summed : null;
}

function sum(length: number, series: readonly (readonly number[])[]): number[] {
  return Array.from({ length }, (_, at) => series.reduce((total, values) => total + values[at]!, 0));
}

/** What a Map maps to tells more than its keys, which are mostly strings. */
function valuesFirst(sites: readonly SampledSite[]): SampledSite[] {
  return sites.toSorted((a, b) => Number(a.label === '[key]') - Number(b.label === '[key]'));
}

/** Finds the newest members and the holders of each site in one pass over the last dump. */
function sampled(growth: Growth): SampledSite[] {
  const { last, lastMeasured, sites } = growth;
  const { trieOf, tree } = lastMeasured;
  const at = new Map(sites.map((site, index) => [site.place, index]));
  const members: number[][] = sites.map(() => []);
  const holders = sites.map(() => new Set<number>());
  for (let index = 0; index < tree.order.length; index++) {
    const node = tree.order[index]!;
    const site = at.get(trieOf[node]!);
    if (site === undefined || growth.isOldInLast?.[node] === 1) continue;
    // A folded chain holds itself: only its first link, old or new, has a holder of another kind.
    let holder = tree.parent[node]!;
    while (holder !== 0 && isChained(growth, trieOf[holder]!, trieOf[node]!)) holder = tree.parent[holder]!;
    if (trieOf[holder] !== trieOf[node]) holders[site]!.add(holder);
    members[site]!.push(node);
  }
  return sites.map((site, index) => ({
    ...site,
    samples: newest(last, members[index]!),
    holderNodes: [...holders[index]!],
  }));
}

/** An old link in front of a new one of the same chain. */
function isChained({ census: { trie } }: Growth, oldPlace: number, newPlace: number): boolean {
  return (
    oldPlace !== newPlace &&
    trie.parent[oldPlace] === trie.parent[newPlace] &&
    trie.label[oldPlace] === trie.label[newPlace]
  );
}

/** Newest by id, since later objects have higher ids; spread over the rest so that a mixed lot is seen. */
function newest(graph: HeapGraph, nodes: number[]): number[] {
  nodes.sort((a, b) => graph.nodeId[b]! - graph.nodeId[a]!);
  if (nodes.length <= SAMPLES) return nodes;
  const half = SAMPLES / 2;
  const stride = Math.floor((nodes.length - half) / half);
  return [...nodes.slice(0, half), ...Array.from({ length: half }, (_, at) => nodes[half + at * stride]!)];
}
