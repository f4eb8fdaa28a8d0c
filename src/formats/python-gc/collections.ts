import type { HeapGraph } from '../../model/heap-graph.ts';
import type { Objects } from './objects.ts';

/** What kind of collection an object is, its class being that or derived from it. */
export type PythonCollection = 'dict' | 'list' | 'set' | 'tuple' | 'deque' | 'lru_cache';

const KINDS: ReadonlyMap<string, PythonCollection> = new Map([
  ['dict', 'dict'],
  ['list', 'list'],
  ['set', 'set'],
  ['tuple', 'tuple'],
  ['deque', 'deque'],
  ['lru', 'lru_cache'],
]);
const OBJECTS: WeakMap<Uint8Array, Objects> = new WeakMap();

/** Remembers the classes of a graph's nodes by one of its own arrays, which copies of the graph share. */
export function rememberClasses(nodeKind: Uint8Array, objects: Objects): void {
  OBJECTS.set(nodeKind, objects);
}

/** The kind of collection that a node is; null for what is none, and for graphs of other formats. */
export function pythonCollectionKind(graph: HeapGraph, node: number): PythonCollection | null {
  const objects = OBJECTS.get(graph.nodeKind);
  return (objects && KINDS.get(objects.classes[objects.classOf[node]!]!.family)) ?? null;
}
