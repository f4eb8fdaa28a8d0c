import type { HeapGraph } from '../model/heap-graph.ts';
import type { IdIndex } from './id-index.ts';

/** Nodes without their references. */
export type IdentifiedNodes = Pick<
  HeapGraph,
  'nodeCount' | 'nodeKinds' | 'nodeKind' | 'nodeName' | 'nodeId' | 'idKind' | 'process' | 'strings'
>;

/** Nodes looked at to tell whether two dumps are of one process, and how many of one name count. */
const PROBES = 16_000;
const PROBES_PER_NAME = 3;
/** So few common ids tell nothing yet. */
const FEW_PROBES = 500;
/** Classes live as long as the process. Code that is reloaded brings new ones, but not this many. */
const MIN_COMMON_CLASSES = 0.5;

/** Ids mean the same only within one process. */
export function isSameProcess(first: IdentifiedNodes, firstIndex: IdIndex, last: IdentifiedNodes): boolean {
  const [firstPid, lastPid] = [first.process?.pid, last.process?.pid];
  if (firstPid != null && lastPid != null && firstPid !== lastPid) return false;
  return last.idKind === 'address'
    ? haveCommonClasses(firstIndex, first, last)
    : haveCommonNames(first, firstIndex, last);
}

/**
 * Of the ids that two dumps share, those of one process also share kind and name; those of two processes do so by
 * chance only. A thousand instances of one class are no better a proof than a few: two processes of one program have
 * those under the same ids as well.
 */
function haveCommonNames(first: IdentifiedNodes, firstIndex: IdIndex, last: IdentifiedNodes): boolean {
  const stride = Math.max(1, Math.floor(last.nodeCount / PROBES));
  let { common, equal } = compareProbes(first, firstIndex, last, stride);
  if (common < FEW_PROBES && stride > 1) ({ common, equal } = compareProbes(first, firstIndex, last, 1));
  return common > 0 && equal / common > 0.97;
}

/**
 * An address says more than a number, since class and address are one id; but chance makes some equal. The classes of
 * the first dump are still there in the last, unless it is another process or all objects were moved together.
 */
function haveCommonClasses(firstIndex: IdIndex, first: IdentifiedNodes, last: IdentifiedNodes): boolean {
  const ofClasses = (nodes: IdentifiedNodes): number[] => {
    const kind = nodes.nodeKinds.indexOf('class');
    const ids: number[] = [];
    for (let node = 1; node < nodes.nodeCount; node++) {
      if (nodes.nodeKind[node] === kind) ids.push(nodes.nodeId[node]!);
    }
    return ids;
  };
  const ids = ofClasses(last);
  const common = ids.filter((id) => firstIndex.get(id) >= 0).length;
  const fewer = Math.min(ids.length, ofClasses(first).length);
  return fewer > 0 && common / fewer >= MIN_COMMON_CLASSES;
}

function compareProbes(
  first: IdentifiedNodes,
  firstIndex: IdIndex,
  last: IdentifiedNodes,
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
