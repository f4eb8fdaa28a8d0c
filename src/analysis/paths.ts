import type { Describer } from '../model/description.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { type MeaningTree, NO_PARENT } from './meaning-tree.ts';
import { PathShapes } from './path-shapes.ts';
import { incomingEdges } from './retainers.ts';
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

/** So far up an object is followed through things that are held only once. */
const MAX_SOLE_STEPS = 16;

interface Reference {
  readonly source: number;
  readonly edge: number;
}

/**
 * All different ways in which nodes are held. From each node up, as long as there is only one reference that holds;
 * where there are several, each is a way: the best path to its source, that reference, and down again. Ways are
 * grouped by shape. References from below the thing itself (a child that knows its parent) hold nothing. Linear in
 * the number of references.
 *
 * @param nodes ascending
 * @returns most objects first; of equal ones the path that means more
 */
export function waysOfHolding(
  graph: HeapGraph,
  tree: MeaningTree,
  describer: Describer,
  nodes: Uint32Array,
): Way[] {
  const held = followUp(graph, tree, nodes);
  const shapes = new PathShapes(tree, describer);
  const groups = new Map<number, { objects: number; last: number; sample: Reference; chain: PathNode[] }>();
  for (const node of nodes) {
    const { references, chain } = forkAbove(held, node);
    for (const reference of references) {
      let shape = shapes.below(
        shapes.place(reference.source),
        reference.source,
        chain[0]!.node,
        reference.edge,
      );
      for (let at = 1; at < chain.length; at++) {
        shape = shapes.below(shape, chain[at - 1]!.node, chain[at]!.node, chain[at]!.edge);
      }
      const group = groups.get(shape);
      if (!group) groups.set(shape, { objects: 1, last: node, sample: reference, chain });
      else if (group.last !== node) {
        group.objects++;
        group.last = node;
      }
    }
  }
  const cost = graph.traversal.newCost();
  const ways = [...groups.values()].map(({ objects, sample: { source, edge }, chain: [fork, ...below] }) => {
    const sample = [...bestPath(tree, source), { node: fork!.node, edge }, ...below];
    let far = 0;
    for (let at = 1; at < sample.length; at++) far += cost(sample[at - 1]!.node, sample[at]!.edge);
    return { objects, far, sample };
  });
  return ways.sort((a, b) => b.objects - a.objects || a.far - b.far);
}

/** The references that hold each of the nodes, and those above them that are held only once. */
function followUp(graph: HeapGraph, tree: MeaningTree, nodes: Uint32Array): Map<number, Reference[]> {
  const below = new TreeIntervals(tree);
  const cost = graph.traversal.newCost();
  const held = new Map<number, Reference[]>();
  let level = nodes;
  for (let step = 0; step <= MAX_SOLE_STEPS && level.length > 0; step++) {
    const { first, source: sources, edge: edges } = incomingEdges(graph, level);
    const above = new Set<number>();
    for (let at = 0; at < level.length; at++) {
      const node = level[at]!;
      const references: Reference[] = [];
      for (let index = first[at]!; index < first[at + 1]!; index++) {
        const source = sources[index]!;
        const edge = edges[index]!;
        if (tree.parent[source] === NO_PARENT || cost(source, edge) === 0 || below.isBelow(source, node))
          continue;
        references.push({ source, edge });
      }
      held.set(node, references);
      const [only] = references;
      if (references.length === 1 && only!.source !== 0 && !held.has(only!.source)) above.add(only!.source);
    }
    level = Uint32Array.from(above).sort();
  }
  return held;
}

/** The nearest thing above a node (or the node itself) that is held in several ways, and the steps from it down. */
function forkAbove(
  held: ReadonlyMap<number, readonly Reference[]>,
  node: number,
): { references: readonly Reference[]; chain: PathNode[] } {
  const chain: PathNode[] = [{ node, edge: -1 }];
  let references = held.get(node) ?? [];
  while (references.length === 1 && chain.length <= MAX_SOLE_STEPS) {
    const { source, edge } = references[0]!;
    const above = held.get(source);
    if (above === undefined || above.length === 0) break;
    chain[0] = { node: chain[0]!.node, edge };
    chain.unshift({ node: source, edge: -1 });
    references = above;
  }
  return { references, chain };
}
