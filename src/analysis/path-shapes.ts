import type { Describer } from '../model/description.ts';
import type { MeaningTree } from './meaning-tree.ts';
import { ShapeTrie } from './shape-trie.ts';

/** Numbers the shapes of paths; equal numbers are paths of equal steps. */
export class PathShapes {
  private readonly trie = new ShapeTrie();
  /** Trie node + 1 of each node's own best path; 0 where it was not needed yet. */
  private readonly placeOf: Uint32Array;

  constructor(
    private readonly tree: MeaningTree,
    private readonly describer: Describer,
  ) {
    this.placeOf = new Uint32Array(tree.parent.length);
    this.placeOf[0] = 1;
  }

  /** The shape of a node's best path. The node must be reached. */
  place(node: number): number {
    const { placeOf, tree } = this;
    const waiting: number[] = [];
    let at = node;
    for (; placeOf[at] === 0; at = tree.parent[at]!) waiting.push(at);
    let place = placeOf[at]! - 1;
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      place = this.below(place, tree.parent[next]!, next, tree.edge[next]!);
      placeOf[next] = place + 1;
    }
    return place;
  }

  /** The shape with one step more: `source` holds `node` through `edge`. */
  below(place: number, source: number, node: number, edge: number): number {
    return this.trie.child(place, this.describer.labelKey(source, edge), this.describer.shapeKey(node));
  }
}
