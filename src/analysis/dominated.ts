/** The dominator tree downwards: the children of node `n` are `children[firstChild[n] … firstChild[n + 1] - 1]`. */
export interface DominatedTree {
  readonly firstChild: Uint32Array;
  readonly children: Uint32Array;
}

/** Turns immediate dominators around. The root (node 0) is nobody's child. */
export function childrenOf(idom: Uint32Array): DominatedTree {
  const count = idom.length;
  const firstChild = new Uint32Array(count + 1);
  for (let node = 1; node < count; node++) firstChild[idom[node]! + 1]!++;
  for (let node = 0; node < count; node++) firstChild[node + 1]! += firstChild[node]!;
  const next = firstChild.slice();
  const children = new Uint32Array(Math.max(0, count - 1));
  for (let node = 1; node < count; node++) children[next[idom[node]!]!++] = node;
  return { firstChild, children };
}
