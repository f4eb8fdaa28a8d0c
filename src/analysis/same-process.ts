import type { HeapGraph } from '../model/heap-graph.ts';
import type { IdIndex } from './id-index.ts';

/** Nodes without their references. */
type NamedNodes = Pick<HeapGraph, 'nodeCount' | 'nodeKinds' | 'nodeKind' | 'nodeName' | 'nodeId' | 'strings'>;

/** Nodes looked at to tell whether two dumps are of one process, and how many of one name count. */
const PROBES = 16_000;
const PROBES_PER_NAME = 3;
/** So few common ids tell nothing yet. */
const FEW_PROBES = 500;

/**
 * Ids mean the same only within one process. Of the ids that two dumps share, those of one process also share kind
 * and name; those of two processes do so by chance only. A thousand instances of one class are no better a proof than
 * a few: two processes of one program have those under the same ids as well.
 */
export function isSameProcess(first: NamedNodes, firstIndex: IdIndex, last: NamedNodes): boolean {
  const stride = Math.max(1, Math.floor(last.nodeCount / PROBES));
  let { common, equal } = compareProbes(first, firstIndex, last, stride);
  if (common < FEW_PROBES && stride > 1) ({ common, equal } = compareProbes(first, firstIndex, last, 1));
  return common > 0 && equal / common > 0.97;
}

function compareProbes(
  first: NamedNodes,
  firstIndex: IdIndex,
  last: NamedNodes,
  stride: number,
): { common: number; equal: number } {
  let common = 0;
  let equal = 0;
  const interesting = new Set(['object', 'closure', 'string', 'native', 'regexp', 'symbol']);
  const isInteresting = last.nodeKinds.map((kind) => interesting.has(kind));
  const probesOf = new Map<number, number>();
  for (let node = 1; node < last.nodeCount && common < PROBES; node += stride) {
    if (!isInteresting[last.nodeKind[node]!]) continue;
    const name = last.nodeName[node]!;
    const probes = probesOf.get(name) ?? 0;
    if (probes === PROBES_PER_NAME) continue;
    const other = firstIndex.get(last.nodeId[node]!);
    if (other < 0) continue;
    probesOf.set(name, probes + 1);
    common++;
    const sameKind = last.nodeKinds[last.nodeKind[node]!] === first.nodeKinds[first.nodeKind[other]!];
    if (sameKind && last.strings.head(name, 64) === first.strings.head(first.nodeName[other]!, 64)) equal++;
  }
  return { common, equal };
}
