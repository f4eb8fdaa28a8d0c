import type { Label, Shape } from '../model/description.ts';
import type { Census, Counts } from './census.ts';

/** Fewer new objects than this at one place are no gathering. */
const MIN_GATHERED = 8;
/** Engine objects that multiply are a place of growth only when they carry the program's objects. */
const MIN_USER_SHARE = 0.3;
/** A text or array that is made anew with more in it (`text += line`) is told from this growth on. */
const MIN_SWOLLEN_BYTES = 16_384;
/** More of them at one place are things of many sizes. */
const MAX_SWOLLEN = 4;

/** A place whose few objects are as many as ever, and larger in each dump. */
export interface SwollenPlace {
  readonly place: number;
  readonly bytes: readonly number[];
}

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

export function findSites(
  census: Census,
  counts: readonly Counts[],
): { sites: GrowthSite[]; swollen: SwollenPlace[]; engineBytes: number[]; otherBytes: number[] } {
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
  const swollen: SwollenPlace[] = [];
  for (let node = 1; node < trie.length; node++) {
    if (siteOf[node] !== 0) continue;
    if (!stores.has(node) && isSwollen(census, counts, node)) {
      swollen.push({ place: node, bytes: counts.map((count) => count.bytes[node] ?? 0) });
      continue;
    }
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
  return { sites: withStores, swollen, engineBytes, otherBytes };
}

/** Only what can be made anew in place of itself: a text that is added to is another object, at another address. */
function isSwollen(census: Census, counts: readonly Counts[], node: number): boolean {
  const { category } = census.shapeOf(node);
  if (category !== 'string' && category !== 'object') return false;
  const objects = counts[0]!.objects[node] ?? 0;
  if (objects < 1 || objects > MAX_SWOLLEN) return false;
  for (let dump = 1; dump < counts.length; dump++) {
    if (counts[dump]!.objects[node] !== objects) return false;
    if (counts[dump]!.bytes[node]! <= counts[dump - 1]!.bytes[node]!) return false;
  }
  return counts[counts.length - 1]!.bytes[node]! - counts[0]!.bytes[node]! >= MIN_SWOLLEN_BYTES;
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
