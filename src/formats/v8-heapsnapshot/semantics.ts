import { BitSet } from '../../base/bitset.ts';
import {
  EDGE_EPHEMERON_TABLE,
  EDGE_KIND_MASK,
  EDGE_NOT_RETAINING,
  type HeapGraph,
} from '../../model/heap-graph.ts';
import { ephemeronNames } from './ephemerons.ts';
import { type KindNumbers, kindNumbers } from './kinds.ts';
import { nameTest } from './name-test.ts';
import { DOM_TREES } from './traversal.ts';

/**
 * What V8's references mean, by the rules of Chrome DevTools (npm chrome-devtools-frontend 1.0.1705227,
 * `heap_snapshot_worker/HeapSnapshot.ts`), so that dominators, retained sizes and distances are equal to its own on
 * every node. `docs/formats/v8-heapsnapshot.md` has the rules in words. Changes the graph in place: detachedness,
 * the "not retaining" bit of edges, own sizes.
 */
export function applySemantics(graph: HeapGraph): void {
  const kinds = kindNumbers(graph);
  if (graph.nodeCount === 0) return;
  spreadDetachedness(graph, kinds);
  // One array serves the flood and the owners in turn: with millions of nodes each counts.
  const scratch = new Uint32Array(graph.nodeCount);
  markEdges(graph, kinds, pageOwned(graph, kinds, scratch));
  if (hasUserRoots(graph, kinds)) moveOwnedSizes(graph, kinds, scratch);
}

function isDomTrees(graph: HeapGraph, node: number): boolean {
  return graph.strings.get(graph.nodeName[node]!) === DOM_TREES;
}

/** Seeds win; then attached, then detached floods native nodes, not along hidden, invisible or weak edges. */
function spreadDetachedness(graph: HeapGraph, kinds: KindNumbers): void {
  const { detachedness: state, nodeKind, nodeCount, firstEdge, edgeKind, edgeTarget } = graph;
  const attached: number[] = [];
  const detached: number[] = [];
  const visited = new BitSet(nodeCount);
  const visit = (node: number, value: number): void => {
    if (visited.has(node)) return;
    visited.add(node);
    if (nodeKind[node] !== kinds.native) return;
    state[node] = value;
    if (value === 1) attached.push(node);
    else if (value === 2) detached.push(node);
  };
  for (let node = 0; node < nodeCount; node++) {
    if (state[node] === 0) continue;
    state[node]! &= 3;
    visit(node, state[node]!);
  }
  for (const [queue, value] of [
    [attached, 1],
    [detached, 2],
  ] as const) {
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
      if (value === 2 && state[node] === 1) continue;
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
        const kind = edgeKind[edge]! & EDGE_KIND_MASK;
        if (kind === kinds.hiddenEdge || kind === kinds.invisibleEdge || kind === kinds.weakEdge) continue;
        visit(edgeTarget[edge]!, value);
      }
    }
  }
}

/** Everything that the page's (in Node: the global) objects reach: held on behalf of the program, not of V8. */
function pageOwned(graph: HeapGraph, kinds: KindNumbers, stack: Uint32Array): Uint8Array {
  const { nodeKind, firstEdge, edgeKind, edgeTarget } = graph;
  const owned = new Uint8Array(graph.nodeCount);
  let depth = 0;
  for (let edge = firstEdge[0]!; edge < firstEdge[1]!; edge++) {
    const kind = edgeKind[edge]!;
    const target = edgeTarget[edge]!;
    const starts =
      kind === kinds.shortcutEdge ||
      (kind === kinds.elementEdge && nodeKind[target] === kinds.synthetic && isDomTrees(graph, target));
    if (!starts || owned[target] === 1) continue;
    owned[target] = 1;
    stack[depth++] = target;
  }
  const weak = kinds.weakEdge;
  while (depth > 0) {
    const node = stack[--depth]!;
    const end = firstEdge[node + 1]!;
    for (let edge = firstEdge[node]!; edge < end; edge++) {
      const target = edgeTarget[edge]!;
      if (owned[target] === 1 || edgeKind[edge] === weak) continue;
      owned[target] = 1;
      stack[depth++] = target;
    }
  }
  return owned;
}

/** Sets the "not retaining" bit of each edge that does not count for dominators. */
function markEdges(graph: HeapGraph, kinds: KindNumbers, owned: Uint8Array): void {
  const { nodeCount, nodeId, firstEdge, edgeKind, edgeName, edgeTarget } = graph;
  const { weakEdge, internalEdge, shortcutEdge } = kinds;
  const ephemeronOf = ephemeronNames(graph.strings);
  for (let node = 0; node < nodeCount; node++) {
    const end = firstEdge[node + 1]!;
    const isRoot = node === 0;
    const mayEnterPage = isRoot || owned[node] === 1;
    for (let edge = firstEdge[node]!; edge < end; edge++) {
      const kind = edgeKind[edge]!;
      const target = edgeTarget[edge]!;
      if (kind === internalEdge && ephemeronOf(edgeName[edge]!)?.tableId === nodeId[node]) {
        edgeKind[edge] = kind | EDGE_NOT_RETAINING | EDGE_EPHEMERON_TABLE;
      } else if (
        kind === weakEdge ||
        target === node ||
        (kind === shortcutEdge && !isRoot) ||
        (!mayEnterPage && owned[target] === 1)
      ) {
        edgeKind[edge] = kind | EDGE_NOT_RETAINING;
      }
    }
  }
}

function hasUserRoots(graph: HeapGraph, kinds: KindNumbers): boolean {
  for (let edge = graph.firstEdge[0]!; edge < graph.firstEdge[1]!; edge++) {
    const target = graph.edgeTarget[edge]!;
    if (graph.nodeKind[target] !== kinds.synthetic || isDomTrees(graph, target)) return true;
  }
  return false;
}

/**
 * An engine-internal array, hidden object or external string's data belongs to the one object that it serves: its
 * own size moves there. Two owners, or an owner that is synthetic or the root: it keeps its size.
 */
function moveOwnedSizes(graph: HeapGraph, kinds: KindNumbers, owner: Uint32Array): void {
  const { nodeCount, nodeKind, nodeName, firstEdge, edgeKind, edgeTarget, selfBytes } = graph;
  const UNVISITED = 0xffffffff;
  const SHARED = 0xfffffffe;
  const externalData = nameTest(graph.strings, 'system / ExternalStringData');
  const work: number[] = [];
  for (let node = 0; node < nodeCount; node++) {
    const kind = nodeKind[node]!;
    const ownable =
      kind === kinds.hidden ||
      kind === kinds.array ||
      (kind === kinds.native && graph.detachedness[node] !== 2 && externalData(nodeName[node]!));
    owner[node] = ownable ? UNVISITED : node;
  }
  const give = (node: number): void => {
    const from = owner[node]!;
    const end = firstEdge[node + 1]!;
    for (let edge = firstEdge[node]!; edge < end; edge++) {
      const target = edgeTarget[edge]!;
      const current = owner[target]!;
      if (current === target || current === from || current === SHARED) continue;
      if ((edgeKind[edge]! & EDGE_KIND_MASK) === kinds.weakEdge) continue;
      owner[target] = current === UNVISITED ? from : SHARED;
      work.push(target);
    }
  };
  for (let node = 0; node < nodeCount; node++) {
    if (owner[node] === node) give(node);
    for (let next = work.pop(); next !== undefined; next = work.pop()) give(next);
  }
  for (let node = 0; node < nodeCount; node++) {
    const to = owner[node]!;
    if (to === node || to === UNVISITED || to === SHARED || to === 0 || nodeKind[to] === kinds.synthetic)
      continue;
    selfBytes[to]! += selfBytes[node]!;
    selfBytes[node] = 0;
  }
}
