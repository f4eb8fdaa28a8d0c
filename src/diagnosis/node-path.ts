import { type MeaningTree, NO_PARENT } from '../analysis/meaning-tree.ts';

/** One step of a path: `node`, held by the step before through `edge` (-1 for the first). */
export interface NodeStep {
  readonly node: number;
  readonly edge: number;
}

/** The best path by meaning from the root to a node, both included. Empty when nothing holds the node. */
export function nodePath(tree: MeaningTree, node: number): NodeStep[] {
  if (tree.parent[node] === NO_PARENT) return [];
  const steps: NodeStep[] = [];
  let at = node;
  while (at !== 0) {
    steps.push({ node: at, edge: tree.edge[at]! });
    at = tree.parent[at]!;
  }
  steps.push({ node: 0, edge: -1 });
  return steps.reverse();
}
