import type { HeapGraph } from '../../model/heap-graph.ts';

/** Numbers of the node and edge kinds that the rules speak of; -1, which matches nothing, where a V8 lacks one. */
export function kindNumbers(graph: Pick<HeapGraph, 'nodeKinds' | 'edgeKinds'>): KindNumbers {
  const node = (name: string) => graph.nodeKinds.indexOf(name);
  const edge = (name: string) => graph.edgeKinds.indexOf(name);
  return {
    hidden: node('hidden'),
    array: node('array'),
    native: node('native'),
    synthetic: node('synthetic'),
    weakEdge: edge('weak'),
    shortcutEdge: edge('shortcut'),
    internalEdge: edge('internal'),
    elementEdge: edge('element'),
    hiddenEdge: edge('hidden'),
    invisibleEdge: edge('invisible'),
  };
}

export interface KindNumbers {
  hidden: number;
  array: number;
  native: number;
  synthetic: number;
  weakEdge: number;
  shortcutEdge: number;
  internalEdge: number;
  elementEdge: number;
  hiddenEdge: number;
  invisibleEdge: number;
}
