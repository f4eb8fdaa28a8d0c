import { BitSet } from '../base/bitset.ts';
import { EDGE_NOT_RETAINING, type HeapGraph } from '../model/heap-graph.ts';

/** Who keeps whom alive, by node. */
export interface DominatorTree {
  /** Immediate dominator of each node; the root's is itself. */
  readonly idom: Uint32Array;
  /** Bytes that would be freed with the node: its own and those of all nodes it dominates. */
  readonly retainedBytes: Float64Array;
}

/**
 * Dominators and retained sizes over the retaining edges.
 *
 * SNCA (Georgiadis, "Linear-Time Algorithms for Dominators and Related Problems", 2005, ch. 2): semidominators with
 * path compression, then nearest common ancestors by walking the tree that is already built. No recursion; five
 * 32-bit numbers a node and one a retaining reference beside the graph, since arrays that are done with are used
 * again. Labels hold semidominator numbers directly, and the tree edge of the depth-first search is left out of the
 * predecessor lists, since the parent is known.
 *
 * Nodes that nothing retains hang from the root; nodes that only an unreachable cycle retains do so one by one, and
 * their references count for nothing (DevTools' rules).
 *
 * @example
 * import { dominators, openFile, readHeapSnapshot } from 'stanch';
 *
 * const graph = await readHeapSnapshot(openFile('C.heapsnapshot'));
 * const { idom, retainedBytes } = dominators(graph);
 * process.stdout.write(`the root keeps ${retainedBytes[0]} bytes; node 5 hangs from node ${idom[5]}\n`);
 */
export function dominators(graph: HeapGraph): DominatorTree {
  // In a function of its own, so that its arrays are free before the sizes are added up.
  return inNodeOrder(graph, numberedTree(graph));
}

/** The dominator tree in preorder numbers: `tree[w]` is the immediate dominator of vertex `w`, 1 is the root. */
interface NumberedTree {
  readonly vertex: Uint32Array;
  readonly tree: Uint32Array;
  readonly reached: number;
  /** An array of at least nodeCount numbers that is free for the result. */
  readonly spare: Uint32Array;
}

function numberedTree(graph: HeapGraph): NumberedTree {
  const { nodeCount } = graph;
  const number = new Uint32Array(nodeCount + 1);
  const vertex = new Uint32Array(nodeCount + 1);
  const parent = new Uint32Array(nodeCount + 1);
  const scratch = new Uint32Array(nodeCount + 2);
  const reached = depthFirst(graph, number, vertex, parent, scratch);
  const semi = semidominators(graph, { number, parent, scratch, reached });
  const tree = parent;
  for (let w = 2; w <= reached; w++) {
    const limit = semi[w + 1]!;
    let candidate = tree[w]!;
    while (candidate > limit) candidate = tree[candidate]!;
    tree[w] = candidate;
  }
  return { vertex, tree, reached, spare: semi };
}

/** Numbers the nodes in preorder from 1; `cursor` holds the next edge of each node on the current path. */
function depthFirst(
  graph: HeapGraph,
  number: Uint32Array,
  vertex: Uint32Array,
  parent: Uint32Array,
  cursor: Uint32Array,
): number {
  const { nodeCount, firstEdge, edgeKind, edgeTarget } = graph;
  if (nodeCount === 0) return 0;
  let reached = 0;
  const walk = (start: number, above: number): void => {
    let current = ++reached;
    number[start] = current;
    vertex[current] = start;
    parent[current] = above;
    cursor[current] = firstEdge[start]!;
    while (current !== above) {
      const end = firstEdge[vertex[current]! + 1]!;
      let edge = cursor[current]!;
      let child = -1;
      while (edge < end) {
        const target = edgeTarget[edge]!;
        if (number[target] === 0 && (edgeKind[edge]! & EDGE_NOT_RETAINING) === 0) {
          child = target;
          break;
        }
        edge++;
      }
      if (child < 0) {
        current = parent[current]!;
        continue;
      }
      cursor[current] = edge + 1;
      reached++;
      number[child] = reached;
      vertex[reached] = child;
      parent[reached] = current;
      cursor[reached] = firstEdge[child]!;
      current = reached;
    }
  };
  walk(0, 0);
  if (reached < nodeCount) {
    const retained = retainedByUnreached(graph, number);
    for (let node = 0; node < nodeCount; node++) {
      if (number[node] === 0 && !retained.has(node)) walk(node, 1);
    }
  }
  return reached;
}

/** The nodes that unreached nodes retain; an unreached node that is none of them is retained by nothing at all. */
function retainedByUnreached(graph: HeapGraph, number: Uint32Array): BitSet {
  const { nodeCount, firstEdge, edgeKind, edgeTarget } = graph;
  const retained = new BitSet(nodeCount);
  for (let node = 0; node < nodeCount; node++) {
    if (number[node] !== 0) continue;
    for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
      if ((edgeKind[edge]! & EDGE_NOT_RETAINING) === 0) retained.add(edgeTarget[edge]!);
    }
  }
  return retained;
}

interface Numbered {
  readonly number: Uint32Array;
  readonly parent: Uint32Array;
  readonly scratch: Uint32Array;
  readonly reached: number;
}

/**
 * Semidominators of the vertices: that of `w` at index w + 1 of the result, which is `scratch`. Until a vertex is done
 * its place there holds the end of its predecessor list; `number` becomes the labels once the lists are made.
 */
function semidominators(graph: HeapGraph, state: Numbered): Uint32Array {
  const { parent, scratch: firstPredecessor, reached } = state;
  const predecessors = predecessorLists(graph, state);
  const ancestor = new Uint32Array(parent);
  const label = state.number;
  const semi = firstPredecessor;
  for (let w = 1; w <= reached; w++) label[w] = w;
  let stack = new Uint32Array(1024);
  for (let w = reached; w >= 2; w--) {
    let best = parent[w]!;
    const lastLinked = w + 1;
    const end = firstPredecessor[w + 1]!;
    for (let at = firstPredecessor[w]!; at < end; at++) {
      let v = predecessors[at]!;
      if (ancestor[v]! >= lastLinked) {
        let depth = 0;
        do {
          if (depth === stack.length) {
            const grown = new Uint32Array(depth * 2);
            grown.set(stack);
            stack = grown;
          }
          stack[depth++] = v;
          v = ancestor[v]!;
        } while (ancestor[v]! >= lastLinked);
        const top = ancestor[v]!;
        let smallest = label[v]!;
        while (depth > 0) {
          v = stack[--depth]!;
          ancestor[v] = top;
          if (smallest < label[v]!) label[v] = smallest;
          else smallest = label[v]!;
        }
      }
      if (label[v]! < best) best = label[v]!;
    }
    semi[w + 1] = best;
    label[w] = best;
  }
  return semi;
}

/**
 * Retaining references by target in preorder numbers, without those from the target's own parent in the search
 * tree. Fills `scratch` (reached + 2 entries) with their starts.
 */
function predecessorLists(graph: HeapGraph, state: Numbered): Uint32Array {
  const { nodeCount, firstEdge, edgeKind, edgeTarget } = graph;
  const { number, parent, scratch: first, reached } = state;
  first.fill(0);
  for (let node = 0; node < nodeCount; node++) {
    const source = number[node]!;
    if (source === 0) continue;
    const end = firstEdge[node + 1]!;
    for (let edge = firstEdge[node]!; edge < end; edge++) {
      if ((edgeKind[edge]! & EDGE_NOT_RETAINING) !== 0) continue;
      const target = number[edgeTarget[edge]!]!;
      if (parent[target] !== source) first[target]!++;
    }
  }
  let sum = 0;
  for (let w = 1; w <= reached; w++) {
    sum += first[w]!;
    first[w] = sum;
  }
  first[reached + 1] = sum;
  const lists = new Uint32Array(sum);
  for (let node = nodeCount - 1; node >= 0; node--) {
    const source = number[node]!;
    if (source === 0) continue;
    const end = firstEdge[node + 1]!;
    for (let edge = firstEdge[node]!; edge < end; edge++) {
      if ((edgeKind[edge]! & EDGE_NOT_RETAINING) !== 0) continue;
      const target = number[edgeTarget[edge]!]!;
      if (parent[target] !== source) lists[--first[target]!] = source;
    }
  }
  return lists;
}

function inNodeOrder(graph: HeapGraph, { vertex, tree, reached, spare }: NumberedTree): DominatorTree {
  const { nodeCount } = graph;
  const retainedBytes = new Float64Array(graph.selfBytes);
  const idom = spare.subarray(0, nodeCount);
  idom.fill(0);
  for (let w = reached; w >= 2; w--) {
    const node = vertex[w]!;
    const above = vertex[tree[w]!]!;
    idom[node] = above;
    retainedBytes[above]! += retainedBytes[node]!;
  }
  if (reached < nodeCount) {
    // Left over: only unreachable cycles hold them. They hang from the root, one by one.
    const seen = new BitSet(nodeCount);
    for (let w = 1; w <= reached; w++) seen.add(vertex[w]!);
    for (let node = 0; node < nodeCount; node++)
      if (!seen.has(node)) retainedBytes[0]! += retainedBytes[node]!;
  }
  return { idom, retainedBytes };
}
