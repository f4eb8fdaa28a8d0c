import type { Describer } from '../model/description.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { Holders, MAX_SOLE_STEPS } from './holders.ts';
import { type MeaningTree, NO_PARENT } from './meaning-tree.ts';
import { PathShapes } from './path-shapes.ts';

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
 * All different ways in which nodes are held. From each node up, as long as there is only one reference that holds;
 * where there are several, each is a way: the best path to its source, that reference, and down again. Ways are
 * grouped by shape. Linear in the number of references.
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
  const holders = new Holders(graph, tree, nodes);
  const shapes = new PathShapes(tree, describer);
  const groups = new Map<number, Group>();
  for (const node of nodes) {
    const fork = forkAbove(holders, node);
    const references = holders.count(fork);
    for (let index = 0; index < references; index++) {
      const source = holders.source(fork, index);
      let shape = shapes.below(shapes.place(source), source, fork, holders.edge(fork, index));
      shape = shapeBelow(shapes, holders, shape, fork, node);
      const group = groups.get(shape);
      if (!group) groups.set(shape, { objects: 1, last: node, node, fork, index });
      else if (group.last !== node) {
        group.objects++;
        group.last = node;
      }
    }
  }
  const cost = graph.traversal.newCost();
  const ways = [...groups.values()].map((group) => {
    const sample = sampleOf(tree, holders, group);
    let far = 0;
    for (let at = 1; at < sample.length; at++) far += cost(sample[at - 1]!.node, sample[at]!.edge);
    return { objects: group.objects, far, sample };
  });
  return ways.sort((a, b) => b.objects - a.objects || a.far - b.far);
}

interface Group {
  objects: number;
  /** The node counted last. */
  last: number;
  /** The first node held in this way, the fork above it, and which of the fork's references it is. */
  readonly node: number;
  readonly fork: number;
  readonly index: number;
}

/** The nearest thing above a node, or the node itself, that is held in several ways. */
function forkAbove(holders: Holders, node: number): number {
  let fork = node;
  for (let step = 0; step < MAX_SOLE_STEPS && holders.count(fork) === 1; step++) {
    const above = holders.source(fork, 0);
    if (holders.count(above) === 0) break;
    fork = above;
  }
  return fork;
}

/** The nodes from below the fork down to a node, each held only once. */
function chainBelow(holders: Holders, fork: number, node: number): number[] {
  const chain: number[] = [];
  for (let at = node; at !== fork; at = holders.source(at, 0)) chain.push(at);
  return chain.reverse();
}

function shapeBelow(shapes: PathShapes, holders: Holders, place: number, fork: number, node: number): number {
  if (node === fork) return place;
  let shape = place;
  for (const at of chainBelow(holders, fork, node)) {
    shape = shapes.below(shape, holders.source(at, 0), at, holders.edge(at, 0));
  }
  return shape;
}

function sampleOf(tree: MeaningTree, holders: Holders, { node, fork, index }: Group): PathNode[] {
  return [
    ...bestPath(tree, holders.source(fork, index)),
    { node: fork, edge: holders.edge(fork, index) },
    ...chainBelow(holders, fork, node).map((at) => ({ node: at, edge: holders.edge(at, 0) })),
  ];
}
