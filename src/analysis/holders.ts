import { EDGE_KIND_MASK, type HeapGraph } from '../model/heap-graph.ts';
import { type MeaningTree, NO_PARENT } from './meaning-tree.ts';
import { type IncomingEdges, incomingEdges } from './retainers.ts';
import { TreeIntervals } from './tree-intervals.ts';

/** So far up a node is followed through things that are held only once. */
export const MAX_SOLE_STEPS = 16;

/**
 * The references that hold each of some nodes, and those above them that are held only once. References from below
 * a node itself hold nothing, nor do weak ones, nor those from what is unreachable. Typed arrays by level: there may
 * be millions of nodes.
 */
export class Holders {
  private readonly levels: IncomingEdges[] = [];
  /** Level + 1 of a node, 0 for nodes that were not asked for, and the node's place in it. */
  private readonly levelOf: Uint8Array;
  private readonly placeOf: Uint32Array;

  /** @param nodes ascending */
  constructor(graph: HeapGraph, tree: MeaningTree, nodes: Uint32Array) {
    this.levelOf = new Uint8Array(graph.nodeCount);
    this.placeOf = new Uint32Array(graph.nodeCount);
    const below = new TreeIntervals(tree);
    const cost = graph.traversal.newCost();
    const holds = (source: number, edge: number, node: number): boolean =>
      tree.parent[source] !== NO_PARENT && cost(source, edge) > 0 && !below.isBelow(source, node);
    const ownerOf = storeOwners(graph, tree);
    let wanted = nodes;
    while (this.levels.length <= MAX_SOLE_STEPS && wanted.length > 0) {
      wanted = this.addLevel(onlyHolding(incomingEdges(graph, wanted), holds, ownerOf));
    }
  }

  /** How many references hold a node; 0 also for nodes that were not followed. */
  count(node: number): number {
    const level = this.levels[this.levelOf[node]! - 1];
    if (!level) return 0;
    const place = this.placeOf[node]!;
    return level.first[place + 1]! - level.first[place]!;
  }

  /** The source and the edge of the reference `index` that holds a node. */
  source(node: number, index: number): number {
    const { source, first } = this.levels[this.levelOf[node]! - 1]!;
    return source[first[this.placeOf[node]!]! + index]!;
  }

  edge(node: number, index: number): number {
    const { edge, first } = this.levels[this.levelOf[node]! - 1]!;
    return edge[first[this.placeOf[node]!]! + index]!;
  }

  /** Keeps a level and gives the nodes of the next: the sole holders of this one's, ascending, each once. */
  private addLevel(level: IncomingEdges): Uint32Array {
    const { targets, first, source } = level;
    this.levels.push(level);
    for (let at = 0; at < targets.length; at++) {
      this.levelOf[targets[at]!] = this.levels.length;
      this.placeOf[targets[at]!] = at;
    }
    let count = 0;
    const next = new Uint32Array(targets.length);
    for (let at = 0; at < targets.length; at++) {
      const holder = source[first[at]!]!;
      if (first[at + 1]! - first[at]! !== 1 || holder === 0 || this.levelOf[holder] !== 0) continue;
      // Marked at once, so that a holder of many is taken once; its level comes with the next call.
      this.levelOf[holder] = this.levels.length + 1;
      next[count++] = holder;
    }
    return next.slice(0, count).sort();
  }
}

/** Drops, in place, the references that hold nothing, and those of a store whose owner refers to the node itself. */
function onlyHolding(
  incoming: IncomingEdges,
  holds: (source: number, edge: number, node: number) => boolean,
  ownerOf: (store: number) => number,
): IncomingEdges {
  const { targets, first, source, edge } = incoming;
  const sources = new Set<number>();
  let kept = 0;
  let from = 0;
  for (let at = 0; at < targets.length; at++) {
    const to = first[at + 1]!;
    first[at] = kept;
    sources.clear();
    if (to - from > 1) for (let index = from; index < to; index++) sources.add(source[index]!);
    for (let index = from; index < to; index++) {
      if (!holds(source[index]!, edge[index]!, targets[at]!)) continue;
      if (to - from > 1 && sources.has(ownerOf(source[index]!))) continue;
      source[kept] = source[index]!;
      edge[kept++] = edge[index]!;
    }
    from = to;
  }
  first[targets.length] = kept;
  return { targets, first, source: source.subarray(0, kept), edge: edge.subarray(0, kept) };
}

const NOT_A_STORE = -1;

/**
 * V8 writes what an array or object refers to twice: from the object itself and from the store behind it, to which a
 * reference called `elements` or `properties` leads. Gives the object of a store.
 */
function storeOwners(graph: HeapGraph, tree: MeaningTree): (store: number) => number {
  const internal = graph.edgeKinds.indexOf('internal');
  const isStoreName = new Map<number, boolean>();
  return (store) => {
    const edge = tree.edge[store]!;
    if ((graph.edgeKind[edge]! & EDGE_KIND_MASK) !== internal) return NOT_A_STORE;
    const name = graph.edgeName[edge]!;
    let known = isStoreName.get(name);
    if (known === undefined) {
      known = STORES.has(graph.strings.head(name, 12));
      isStoreName.set(name, known);
    }
    return known ? tree.parent[store]! : NOT_A_STORE;
  };
}

const STORES = new Set(['elements', 'properties']);
