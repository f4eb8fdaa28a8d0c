import type { PathStepView } from '../../model/finding.ts';
import { type HeapGraph, handleOf } from '../../model/heap-graph.ts';
import type { NodeStep } from '../node-path.ts';
import { rootStep, shortened, stepLabels } from '../path-steps.ts';
import { edgeKindOf, nameOfEdge, nodeText } from './owner.ts';
import { kindTextOf } from './tongue.ts';

/** A retaining path for people: each step with its reference and whether it was there in the first dump. */
export function pathView(
  graph: HeapGraph,
  path: readonly NodeStep[],
  isOld: Uint8Array | null,
): PathStepView[] {
  const start = firstOwnStep(graph, path);
  const root = path[1];
  const isRoot = root && kindTextOf(graph, root.node) === 'synthetic';
  const views = [rootStep(isRoot ? nodeText(graph, root.node) : '(roots)', start)];
  const labelsOf = stepLabels(isOld);
  let via = '';
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
    views.push({
      node: nodeText(graph, node),
      via: via.trim(),
      handle: handleOf(graph, node),
      ...labelsOf(node),
    });
    via = '';
  }
  return shortened(views);
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
