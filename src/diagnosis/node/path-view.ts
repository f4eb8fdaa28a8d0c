import type { PathStepView } from '../../model/finding.ts';
import { EDGE_KIND_MASK, type HeapGraph, handleOf } from '../../model/heap-graph.ts';
import { authorOf, shortFile } from '../authorship.ts';
import type { NodeStep } from '../node-path.ts';
import { type ContextPlaces, sourceOf } from './contexts.ts';
import { nodeText } from './owner.ts';

/** Steps that tell a reader nothing: how the runtime builds Maps, arrays, closures and modules. */
const FOLDED_NODES =
  /^system \/ (?:Cell|SourceTextModule|ModuleWrap|PropertyCell|Context)|^\(?(?:object elements|object properties|array|internal array)\)?$|^Context$|^Generator$/;
const MAX_STEPS = 14;

/** A retaining path for people: runtime steps at its start folded, each step labelled. */
export function pathView(
  graph: HeapGraph,
  path: readonly NodeStep[],
  isOld: Uint8Array | null,
  contexts: ContextPlaces,
): PathStepView[] {
  const views: PathStepView[] = [];
  const start = firstOwnStep(graph, path, contexts);
  const first = path[1];
  views.push({
    node:
      first && graph.nodeKinds[graph.nodeKind[first.node]!] === 'synthetic'
        ? nodeText(graph, first.node)
        : '(GC roots)',
    via: '',
    leaking: 'no',
    why: start > 2 ? `root; ${start - 2} steps of the runtime left out` : 'root',
  });
  let via = '';
  let wasLeaking = false;
  for (let at = Math.max(1, start); at < path.length; at++) {
    const { node, edge } = path[at]!;
    via += edge < 0 ? '' : edgeText(graph, path[at - 1]!.node, edge, contexts);
    const text = nodeText(graph, node);
    // A module's own code is held by what runs modules: the variable in it says more.
    if (FOLDED_NODES.test(text) && at < path.length - 1) continue;
    const old = isOld === null ? null : isOld[node] === 1;
    const leaking = old === null ? 'unknown' : old ? 'no' : 'yes';
    const why =
      old === null
        ? 'no identity across these dumps'
        : old
          ? 'was there in the first dump'
          : wasLeaking
            ? 'held by the step before'
            : 'new since the first dump';
    const source = sourceOf(graph, node);
    const where =
      source && authorOf(source.file) !== 'runtime' ? ` @ ${shortFile(source.file)}:${source.line}` : '';
    views.push({ node: `${text}${where}`, via: via.trim(), handle: handleOf(graph, node), leaking, why });
    wasLeaking ||= old === false;
    via = '';
  }
  return views.length > MAX_STEPS
    ? [...views.slice(0, 3), folded(views), ...views.slice(-(MAX_STEPS - 4))]
    : views;
}

function folded(views: readonly PathStepView[]): PathStepView {
  return {
    node: `… ${views.length - MAX_STEPS + 1} more steps`,
    via: '',
    leaking: 'unknown',
    why: 'left out here',
  };
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
