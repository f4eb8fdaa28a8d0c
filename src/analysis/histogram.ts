import type { HeapGraph } from '../model/heap-graph.ts';
import type { SourceLocation } from '../model/source-location.ts';
import type { ClassNames } from './class-names.ts';
import { childrenOf } from './dominated.ts';
import type { DominatorTree } from './dominators.ts';

/** One class of objects in one heap. */
export interface HeapClass {
  /** As Chrome DevTools names it: `Session`, `{id, name}`, `Function`, `(string)`, `(compiled code)`. */
  readonly name: string;
  /** Where the class is written, when the dump tells; lines and columns count from 1. */
  readonly location: SourceLocation | null;
  /** Objects that have a size of their own. */
  readonly objects: number;
  /** Bytes of the objects themselves. */
  readonly selfBytes: number;
  /**
   * Bytes that would be freed if all objects of the class went: the sum over those that no other object of the class
   * dominates. Classes hold each other's objects, so these do not add up over classes.
   */
  readonly retainedBytes: number;
}

/** Objects, own bytes and retained bytes by class number. Objects without a size of their own are not counted. */
export interface Histogram {
  readonly objects: Float64Array;
  readonly selfBytes: Float64Array;
  readonly retainedBytes: Float64Array;
}

/** Counts a heap by class (Chrome DevTools' `buildAggregates` and `calculateClassesRetainedSize`). Linear. */
export function histogram(graph: HeapGraph, classes: ClassNames, tree: DominatorTree): Histogram {
  const { objects, selfBytes } = ownCounts(graph, classes);
  return { objects, selfBytes, retainedBytes: retainedByClass(graph, classes, tree) };
}

/** The part of the histogram that needs no dominators. */
export function ownCounts(
  graph: HeapGraph,
  classes: Pick<ClassNames, 'classOf' | 'names'>,
): Pick<Histogram, 'objects' | 'selfBytes'> {
  const objects = new Float64Array(classes.names.length);
  const selfBytes = new Float64Array(classes.names.length);
  for (let node = 0; node < graph.nodeCount; node++) {
    const bytes = graph.selfBytes[node]!;
    if (bytes === 0) continue;
    const at = classes.classOf[node]!;
    objects[at]!++;
    selfBytes[at]! += bytes;
  }
  return { objects, selfBytes };
}

/** Walks the dominator tree and adds up the objects that stand below no other object of their class. */
function retainedByClass(graph: HeapGraph, classes: ClassNames, tree: DominatorTree): Float64Array {
  const { selfBytes } = graph;
  const { classOf, names } = classes;
  const retained = new Float64Array(names.length);
  if (graph.nodeCount === 0) return retained;
  const { firstChild, children } = childrenOf(tree.idom);
  // The nodes from the root to where the walk is, and the next child of each.
  const path = new Uint32Array(graph.nodeCount);
  const cursor = new Uint32Array(graph.nodeCount);
  const open = new Uint8Array(names.length);
  const opened = new Uint8Array(graph.nodeCount);
  const enter = (depth: number, node: number): void => {
    path[depth] = node;
    cursor[depth] = firstChild[node]!;
    const at = classOf[node]!;
    opened[depth] = 0;
    if (open[at] === 1 || selfBytes[node] === 0) return;
    retained[at]! += tree.retainedBytes[node]!;
    open[at] = 1;
    opened[depth] = 1;
  };
  enter(0, 0);
  for (let depth = 0; depth >= 0; ) {
    const node = path[depth]!;
    const next = cursor[depth]!;
    if (next < firstChild[node + 1]!) {
      cursor[depth] = next + 1;
      enter(++depth, children[next]!);
      continue;
    }
    if (opened[depth] === 1) open[classOf[node]!] = 0;
    depth--;
  }
  return retained;
}
