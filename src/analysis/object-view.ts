import { EDGE_NOT_RETAINING, type HeapGraph, handleOf, sourceOf } from '../model/heap-graph.ts';
import type { ClassNames } from './class-names.ts';
import { SYSTEM_DISTANCE } from './distances.ts';
import type { DominatorTree } from './dominators.ts';
import type {
  AllocationFrame,
  ObjectDetails,
  ObjectReference,
  ObjectSummary,
  PathStep,
} from './heap-views.ts';
import type { ObjectNames } from './object-names.ts';
import type { PathNode } from './paths.ts';
import { incomingEdges } from './retainers.ts';

/** What is known of a heap for describing its objects. */
export interface ViewParts {
  readonly graph: HeapGraph;
  readonly classes: ClassNames;
  readonly tree: DominatorTree;
  readonly distance: Int32Array;
  readonly names: ObjectNames;
}

/** Steps shown at either end of a path that is longer than both. */
const PATH_ENDS = 50;

export function summaryOf(parts: ViewParts, node: number): ObjectSummary {
  const { graph, classes, tree, names } = parts;
  const distance = parts.distance[node]!;
  const name = names.object(node);
  const className = classes.names[classes.classOf[node]!]!;
  return {
    handle: handleOf(graph, node),
    // Of a plain object its properties say more than that it is one.
    name: name === 'Object' ? className : name,
    class: className,
    location: sourceOf(graph, node),
    selfBytes: graph.selfBytes[node]!,
    retainedBytes: tree.retainedBytes[node]!,
    distance: distance >= 0 && distance < SYSTEM_DISTANCE ? distance : null,
  };
}

/** @param limit of references and of retainers */
export function detailsOf(parts: ViewParts, node: number, limit: number): ObjectDetails {
  const { graph, tree } = parts;
  const outgoing: Edge[] = [];
  for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
    outgoing.push({ source: node, edge, other: graph.edgeTarget[edge]! });
  }
  const incoming = [...incomingOf(graph, node)];
  const retains = (edge: Edge): number => ((graph.edgeKind[edge.edge]! & EDGE_NOT_RETAINING) === 0 ? 1 : 0);
  const far = (edge: Edge): number => {
    const distance = parts.distance[edge.other]!;
    return distance < 0 ? Number.MAX_SAFE_INTEGER : distance;
  };
  const retained = (edge: Edge): number => tree.retainedBytes[edge.other]!;
  outgoing.sort((a, b) => retains(b) - retains(a) || retained(b) - retained(a) || a.edge - b.edge);
  incoming.sort((a, b) => retains(b) - retains(a) || far(a) - far(b) || a.edge - b.edge);
  const view = (edge: Edge): ObjectReference => ({
    via: parts.names.reference(edge.source, edge.edge),
    retains: retains(edge) === 1,
    object: summaryOf(parts, edge.other),
  });
  const detachedness = graph.detachedness[node]!;
  return {
    ...summaryOf(parts, node),
    kind: graph.nodeKinds[graph.nodeKind[node]!]!,
    id: graph.nodeId[node]!,
    entries: graph.newDescriber().entries(node),
    detached: detachedness === 0 ? null : detachedness === 2,
    dominator: node === 0 ? null : summaryOf(parts, tree.idom[node]!),
    references: outgoing.slice(0, limit).map(view),
    referenceCount: outgoing.length,
    retainers: incoming.slice(0, limit).map(view),
    retainerCount: incoming.length,
    allocatedBy: allocationOf(graph, node),
  };
}

export function stepsOf(parts: ViewParts, path: readonly PathNode[]): PathStep[] {
  const shown =
    path.length <= 2 * PATH_ENDS ? path : [...path.slice(0, PATH_ENDS), ...path.slice(-PATH_ENDS)];
  return shown.map(({ node, edge }, at) => ({
    ...summaryOf(parts, node),
    via: edge < 0 ? '' : parts.names.reference(stepBefore(path, shown, at), edge),
    skipped: at === PATH_ENDS && shown !== path ? path.length - shown.length : 0,
  }));
}

/** The node before in the whole path, also where steps between are left out. */
function stepBefore(path: readonly PathNode[], shown: readonly PathNode[], at: number): number {
  const place = at < PATH_ENDS ? at : path.length - shown.length + at;
  return path[place - 1]!.node;
}

interface Edge {
  readonly source: number;
  readonly edge: number;
  readonly other: number;
}

function* incomingOf(graph: HeapGraph, node: number): Generator<Edge> {
  const { source, edge } = incomingEdges(graph, Uint32Array.of(node));
  for (let at = 0; at < edge.length; at++) yield { source: source[at]!, edge: edge[at]!, other: source[at]! };
}

function allocationOf(graph: HeapGraph, node: number): AllocationFrame[] | null {
  const { allocations, strings } = graph;
  if (!allocations || allocations.traceOfNode.length === 0) return null;
  const { parent, functionOf, functions, functionStride } = allocations;
  const frames: AllocationFrame[] = [];
  // A damaged tree may lead in a circle; no stack is longer than the tree.
  for (
    let at = allocations.traceOfNode[node]!;
    at !== 0 && frames.length < parent.length;
    at = parent[at] ?? 0
  ) {
    const info = (functionOf[at] ?? 0) * functionStride;
    if (info + 5 >= functions.length) break;
    const name = strings.head(functions[info + 1]!, 120);
    const file = strings.head(functions[info + 2]!, 500).replace(/^file:\/\//, '');
    frames.push({
      function: name || '(anonymous)',
      file: file === '' ? null : file,
      line: functions[info + 4]!,
      column: functions[info + 5]!,
    });
  }
  return frames.length === 0 ? null : frames;
}
