import type { Growth, GrowthSite, OwnGrowth } from '../analysis/growth.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { type ContextPlaces, contextPlaces } from './contexts.ts';
import { entriesOf } from './entries.ts';
import { type NodeStep, nodePath } from './node-path.ts';
import { type Owner, ownerOf } from './owner.ts';

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
  readonly contexts: ContextPlaces;
}

/** Joins the places of growth by owner. */
export function groupGrowth(growth: Growth): Grouping {
  const { last, lastMeasured } = growth;
  const contexts = contextPlaces(last);
  const drafts = new Map<string, Draft>();
  const draftFor = (owner: Owner, path: readonly NodeStep[]): Draft => {
    const key = `${owner.text}|${owner.collectionKind}`;
    let draft = drafts.get(key);
    if (!draft) {
      draft = { owner, path, sites: [], own: [] };
      drafts.set(key, draft);
    }
    return draft;
  };
  for (const site of sampled(growth)) {
    const newest = site.samples[0];
    if (newest === undefined) continue;
    const path = nodePath(lastMeasured.tree, newest);
    draftFor(ownerOf(last, path.slice(0, -1), contexts), path).sites.push(site);
  }
  for (const own of growth.ownGrowth) {
    const path = nodePath(lastMeasured.tree, own.nodes[0]!);
    if (path.length === 0) continue;
    draftFor(ownerOf(last, path, contexts), path).own.push(own);
  }
  const groups = [...drafts.values()].map((draft) => finish(draft, growth));
  groups.sort((a, b) => gain(b.bytes) - gain(a.bytes));
  return { groups, contexts };
}

export function gain(series: readonly number[]): number {
  return series[series.length - 1]! - series[0]!;
}

interface Draft {
  owner: Owner;
  path: readonly NodeStep[];
  sites: SampledSite[];
  own: OwnGrowth[];
}

function finish(draft: Draft, growth: Growth): GrowthGroup {
  const { sites, own } = draft;
  const dumps = growth.totalBytes.length;
  const bytes = sum(dumps, [...sites.map((site) => site.bytes), ...own.map((growths) => growths.bytes)]);
  const values = sum(dumps, sites.filter((site) => site.label !== '[key]').map((site) => site.objects));
  const keys = sum(dumps, sites.filter((site) => site.label === '[key]').map((site) => site.objects));
  const gained = gain(values) >= gain(keys) ? values : keys;
  const holders = [...new Set(sites.flatMap((site) => site.holderNodes))];
  return { ...draft, bytes, holders, objects: withOldEntries(growth.last, draft.owner, holders, gained) };
}

/** Adds the entries that were there all the time, when there is one holder whose entries can be counted. */
function withOldEntries(
  graph: HeapGraph,
  owner: Owner,
  holders: readonly number[],
  gained: readonly number[],
): readonly number[] {
  const counted = holders.length === 1 ? entriesOf(graph, owner.collection) : null;
  const last = gained[gained.length - 1]!;
  if (counted === null || counted < last) return gained;
  return gained.map((count) => counted - (last - count));
}

function sum(length: number, series: readonly (readonly number[])[]): number[] {
  return Array.from({ length }, (_, at) => series.reduce((total, values) => total + values[at]!, 0));
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
    const holder = tree.parent[node]!;
    // A folded chain holds itself: only its first link has a holder of another kind.
    if (trieOf[holder] !== trieOf[node]) holders[site]!.add(holder);
    members[site]!.push(node);
  }
  return sites.map((site, index) => ({
    ...site,
    samples: newest(last, members[index]!),
    holderNodes: [...holders[index]!],
  }));
}

/** Newest by id, since later objects have higher ids; spread over the rest so that a mixed lot is seen. */
function newest(graph: HeapGraph, nodes: number[]): number[] {
  nodes.sort((a, b) => graph.nodeId[b]! - graph.nodeId[a]!);
  if (nodes.length <= SAMPLES) return nodes;
  const half = SAMPLES / 2;
  const stride = Math.floor((nodes.length - half) / half);
  return [...nodes.slice(0, half), ...Array.from({ length: half }, (_, at) => nodes[half + at * stride]!)];
}
