import type { Describer } from '../model/description.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { type MeaningTree, NO_PARENT } from './meaning-tree.ts';
import { incomingEdges } from './retainers.ts';
import { ShapeTrie } from './shape-trie.ts';
import { TreeIntervals } from './tree-intervals.ts';

/** One step of a retaining path: `node`, held by the step before through `edge` (-1 for the root). */
export interface PathNode {
  readonly node: number;
  readonly edge: number;
}

/** The best path by meaning from the root to a node, both included; empty when nothing holds the node. */
export function bestPath(tree: MeaningTree, node: number): PathNode[] {
  if (node >= tree.parent.length || tree.parent[node] === NO_PARENT) return [];
  const steps: PathNode[] = [];
  for (let at = node; at !== 0; at = tree.parent[at]!) steps.push({ node: at, edge: tree.edge[at]! });
  steps.push({ node: 0, edge: -1 });
  return steps.reverse();
}

/** One way of being held: a shape of path that several objects share. */
export interface Way {
  /** Objects held in this way; an object that is held in several is counted in each. */
  readonly objects: number;
  /** The path of one of them. */
  readonly sample: readonly PathNode[];
}

/**
 * All different ways in which nodes are held: for every reference to one of them, the best path to its source and
 * that reference, grouped by shape. References from below the node itself (a child that knows its parent) hold
 * nothing and are left out. Linear in the number of references.
 *
 * @param nodes ascending
 * @returns most objects first; of equal ones the shorter path
 */
export function waysOfHolding(
  graph: HeapGraph,
  tree: MeaningTree,
  describer: Describer,
  nodes: Uint32Array,
): Way[] {
  const incoming = incomingEdges(graph, nodes);
  const below = new TreeIntervals(tree);
  const cost = graph.traversal.newCost();
  const shapes = new PathShapes(tree, describer);
  const groups = new Map<
    number,
    { objects: number; last: number; source: number; edge: number; node: number }
  >();
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at]!;
    for (let index = incoming.first[at]!; index < incoming.first[at + 1]!; index++) {
      const source = incoming.source[index]!;
      const edge = incoming.edge[index]!;
      if (tree.parent[source] === NO_PARENT || cost(source, edge) === 0 || below.isBelow(source, node))
        continue;
      const shape = shapes.below(source, edge, node);
      const group = groups.get(shape);
      if (!group) groups.set(shape, { objects: 1, last: node, source, edge, node });
      else if (group.last !== node) {
        group.objects++;
        group.last = node;
      }
    }
  }
  const ways = [...groups.values()].map(({ objects, source, edge, node }) => ({
    objects,
    sample: [...bestPath(tree, source), { node, edge }],
  }));
  return ways.sort((a, b) => b.objects - a.objects || a.sample.length - b.sample.length);
}

/** Numbers the shapes of best paths; equal numbers are paths of equal steps. */
class PathShapes {
  private readonly trie = new ShapeTrie();
  /** Trie node + 1 of each node's own path; 0 where it was not needed yet. */
  private readonly placeOf: Uint32Array;

  constructor(
    private readonly tree: MeaningTree,
    private readonly describer: Describer,
  ) {
    this.placeOf = new Uint32Array(tree.parent.length);
    this.placeOf[0] = 1;
  }

  below(source: number, edge: number, node: number): number {
    return this.step(this.place(source), source, edge, node);
  }

  private place(node: number): number {
    const { placeOf, tree } = this;
    const waiting: number[] = [];
    let at = node;
    for (; placeOf[at] === 0; at = tree.parent[at]!) waiting.push(at);
    let place = placeOf[at]! - 1;
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      place = this.step(place, tree.parent[next]!, tree.edge[next]!, next);
      placeOf[next] = place + 1;
    }
    return place;
  }

  private step(place: number, source: number, edge: number, node: number): number {
    return this.trie.child(place, this.describer.labelKey(source, edge), this.describer.shapeKey(node));
  }
}
