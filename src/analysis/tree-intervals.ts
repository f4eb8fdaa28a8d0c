import { type MeaningTree, NO_PARENT } from './meaning-tree.ts';

/** Tells in constant time whether one node hangs below another in a tree of paths. */
export class TreeIntervals {
  private readonly begin: Uint32Array;
  /** Number of the last node below, the node itself included. */
  private readonly end: Uint32Array;

  constructor(tree: MeaningTree) {
    const { order, parent } = tree;
    const count = parent.length;
    // Sizes of the subtrees from the leaves up, then numbers from the root down: no walk, no recursion.
    const size = new Uint32Array(count).fill(1);
    for (let at = order.length - 1; at > 0; at--) size[parent[order[at]!]!]! += size[order[at]!]!;
    const begin = new Uint32Array(count);
    const next = new Uint32Array(count);
    for (let at = 0; at < order.length; at++) {
      const node = order[at]!;
      if (at > 0) {
        const above = parent[node]!;
        begin[node] = next[above]!;
        next[above]! += size[node]!;
      }
      next[node] = begin[node]! + 1;
    }
    for (let node = 0; node < count; node++) {
      if (parent[node] === NO_PARENT) size[node] = 0;
      else size[node]! += begin[node]! - 1;
    }
    this.begin = begin;
    this.end = size;
  }

  /** True when `node` is `above` or hangs below it. Both must be reached by the tree. */
  isBelow(node: number, above: number): boolean {
    return this.begin[node]! >= this.begin[above]! && this.begin[node]! <= this.end[above]!;
  }
}
