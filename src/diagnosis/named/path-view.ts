import type { PathStepView } from '../../model/finding.ts';
import { type HeapGraph, handleOf } from '../../model/heap-graph.ts';
import type { NodeStep } from '../node-path.ts';
import { edgeKindOf, nameOfEdge, nodeText } from './owner.ts';
import { kindTextOf } from './tongue.ts';

const MAX_STEPS = 14;

/** A retaining path for people: each step with its reference and whether it was there in the first dump. */
export function pathView(
  graph: HeapGraph,
  path: readonly NodeStep[],
  isOld: Uint8Array | null,
): PathStepView[] {
  const start = firstOwnStep(graph, path);
  const root = path[1];
  const views: PathStepView[] = [
    {
      node: root && kindTextOf(graph, root.node) === 'synthetic' ? nodeText(graph, root.node) : '(roots)',
      via: '',
      leaking: 'no',
      why: start > 2 ? `root; ${start - 2} steps of the runtime left out` : 'root',
    },
  ];
  let via = '';
  let wasLeaking = false;
  for (let at = Math.max(1, start); at < path.length; at++) {
    const { node, edge } = path[at]!;
    const holder = path[at - 1]!.node;
    via += edgeText(graph, holder, edge);
    const isLast = at === path.length - 1;
    if (kindTextOf(graph, node) === 'synthetic') {
      via = '';
      continue;
    }
    if (kindTextOf(graph, node) === 'hidden' && !isLast) continue;
    const old = isOld === null ? null : isOld[node] === 1;
    views.push({
      node: nodeText(graph, node),
      via: via.trim(),
      handle: handleOf(graph, node),
      leaking: old === null ? 'unknown' : old ? 'no' : 'yes',
      why:
        old === null
          ? 'no identity across these dumps'
          : old
            ? 'was there in the first dump'
            : wasLeaking
              ? 'held by the step before'
              : 'new since the first dump',
    });
    wasLeaking ||= old === false;
    via = '';
  }
  if (views.length <= MAX_STEPS) return views;
  const folded: PathStepView = {
    node: `… ${views.length - MAX_STEPS + 1} more steps`,
    via: '',
    leaking: 'unknown',
    why: 'left out here',
  };
  return [...views.slice(0, 3), folded, ...views.slice(-(MAX_STEPS - 4))];
}

/** The last class, module or named root before the members: what stands above it is how the runtime finds that. */
function firstOwnStep(graph: HeapGraph, path: readonly NodeStep[]): number {
  for (let at = path.length - 2; at > 0; at--) {
    const kind = kindTextOf(graph, path[at]!.node);
    if (kind === 'class' || kind === 'module') return at;
    if (kind === 'synthetic') return at + 1;
  }
  return Math.min(2, path.length - 1);
}

function edgeText(graph: HeapGraph, holder: number, edge: number): string {
  const kind = edgeKindOf(graph, edge);
  if (kind === 'element') return '[]';
  if (kind === 'key' || kind === 'value') return `[${kind}]`;
  if (kind === 'property') {
    const name = nameOfEdge(graph, edge);
    return kindTextOf(graph, holder) === 'synthetic' ? name : `.${name}`;
  }
  if (kind === 'context') return ` variable ${nameOfEdge(graph, edge)}`;
  return kind === 'slot' ? ' (unnamed)' : '';
}
