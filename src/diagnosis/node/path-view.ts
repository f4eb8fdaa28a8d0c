import type { PathStepView } from '../../model/finding.ts';
import { EDGE_KIND_MASK, type HeapGraph, handleOf, sourceOf } from '../../model/heap-graph.ts';
import { authorOf, shortFile } from '../authorship.ts';
import type { NodeStep } from '../node-path.ts';
import { rootStep, shortened, stepLabels } from '../path-steps.ts';
import type { ContextPlaces } from './contexts.ts';
import { nodeText } from './owner.ts';

/** Steps that tell a reader nothing: how the runtime builds Maps, arrays, closures and modules. */
const FOLDED_NODES =
  /^system \/ (?:Cell|SourceTextModule|ModuleWrap|PropertyCell|Context)|^\(?(?:object elements|object properties|array|internal array)\)?$|^Context$|^Generator$/;

/** A retaining path for people: runtime steps at its start folded, each step labelled. */
export function pathView(
  graph: HeapGraph,
  path: readonly NodeStep[],
  isOld: Uint8Array | null,
  contexts: ContextPlaces,
): PathStepView[] {
  const start = firstOwnStep(graph, path, contexts);
  const first = path[1];
  const isRoot = first && graph.nodeKinds[graph.nodeKind[first.node]!] === 'synthetic';
  const views = [rootStep(isRoot ? nodeText(graph, first.node) : '(GC roots)', start)];
  const labelsOf = stepLabels(isOld);
  let via = '';
  for (let at = Math.max(1, start); at < path.length; at++) {
    const { node, edge } = path[at]!;
    via += edge < 0 ? '' : edgeText(graph, path[at - 1]!.node, edge, contexts);
    const text = nodeText(graph, node);
    // A module's own code is held by what runs modules: the variable in it says more.
    if (FOLDED_NODES.test(text) && at < path.length - 1) continue;
    const source = sourceOf(graph, node);
    const where =
      source && authorOf(source.file) !== 'runtime' ? ` @ ${shortFile(source.file)}:${source.line}` : '';
    views.push({
      node: `${text}${where}`,
      via: via.trim(),
      handle: handleOf(graph, node),
      ...labelsOf(node),
    });
    via = '';
  }
  return shortened(views);
}

/** The first step that user or library code wrote; the step before it when that names it. */
function firstOwnStep(graph: HeapGraph, path: readonly NodeStep[], contexts: ContextPlaces): number {
  for (let at = 1; at < path.length; at++) {
    const { node, edge } = path[at]!;
    const holder = path[at - 1]!.node;
    const kind = edge < 0 ? '' : graph.edgeKinds[graph.edgeKind[edge]! & EDGE_KIND_MASK];
    if (kind === 'context' && authorOf(contexts.fileOf(holder)) !== 'runtime') return at;
    const source = sourceOf(graph, node);
    if (source && authorOf(source.file) !== 'runtime') return at;
  }
  return Math.min(2, path.length - 1);
}

function edgeText(graph: HeapGraph, holder: number, edge: number, contexts: ContextPlaces): string {
  const kind = graph.edgeKinds[graph.edgeKind[edge]! & EDGE_KIND_MASK];
  if (kind === 'element') return `[${graph.edgeName[edge]}]`;
  if (kind === 'hidden' || kind === 'shortcut') return '';
  const name = graph.strings.head(graph.edgeName[edge]!, 60);
  if (kind === 'context') {
    const file = contexts.fileOf(holder);
    return ` variable ${name}${file !== null && authorOf(file) !== 'runtime' ? ` in ${shortFile(file)}` : ''}`;
  }
  if (kind === 'property') {
    if (/^\d+$/.test(name)) return `[${name}]`;
    if (name.startsWith('<symbol ')) return `[${name.slice(8, -1)}]`;
    return /^#?[\w$]+$/.test(name) ? `.${name}` : '[key]';
  }
  return name === 'table' ||
    name === 'elements' ||
    name === 'properties' ||
    name === 'context' ||
    name === 'extension' ||
    /^\d+$/.test(name)
    ? ''
    : ` (${name})`;
}
