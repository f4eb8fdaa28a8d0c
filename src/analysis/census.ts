import type { Describer, Label, Shape } from '../model/description.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { type MeaningTree, meaningTree, NO_PARENT } from './meaning-tree.ts';
import { ShapeTrie } from './shape-trie.ts';

/** Objects and bytes by trie node in one dump. Bytes are own sizes; `subtree` adds up what hangs below. */
export interface Counts {
  readonly objects: Float64Array;
  readonly bytes: Float64Array;
  /** Bytes of what no root reaches: garbage that was not collected yet. */
  readonly unreachedBytes: number;
}

/** One dump, measured into a census. */
export interface MeasuredDump {
  readonly counts: Counts;
  readonly tree: MeaningTree;
  /** Trie node of each counted node and of each holder on the way; 0 where none was needed. */
  readonly trieOf: Uint32Array;
  /** The old nodes that hold counted nodes directly. */
  readonly holders: readonly number[];
}

/**
 * Counts the objects of several dumps of one program by the shape of the path that holds them. In each dump the
 * nodes marked *old* only serve as holders and are not counted; all others are, each exactly once.
 */
export class Census {
  readonly trie: ShapeTrie = new ShapeTrie();
  private readonly labels: Label[] = [];
  private readonly labelIds = new Map<Label, number>();
  private readonly shapes: Shape[] = [];
  private readonly shapeIds = new Map<string, number>();
  /** Where an old node hangs is decided once, in the dump that is measured first. */
  private readonly placeOfOldId = new Map<number, number>();

  labelOf(trieNode: number): Label {
    return this.labels[this.trie.label[trieNode]!] ?? '';
  }

  shapeOf(trieNode: number): Shape {
    return this.shapes[this.trie.shape[trieNode]! >> 1] ?? ROOT_SHAPE;
  }

  /** @param isOld marks by node; null counts every node (dumps without common identity) */
  measure(graph: HeapGraph, isOld: Uint8Array | null): MeasuredDump {
    const tree = meaningTree(graph, isOld);
    const { parent, edge, order } = tree;
    const { selfBytes, nodeId } = graph;
    const describer = graph.newDescriber();
    const shapeId = this.shapeInterner(describer);
    const labelId = this.labelInterner(describer);
    const trieOf = new Uint32Array(graph.nodeCount);
    const holderSeen = new Uint8Array(graph.nodeCount);
    const holders: number[] = [];
    const { trie, placeOfOldId } = this;
    let objects = new Float64Array(Math.max(4096, trie.length * 2));
    let bytes = new Float64Array(objects.length);

    const below = (place: number, node: number): number => {
      const label = labelId(parent[node]!, edge[node]!);
      const shape = shapeId(node);
      if (isOld?.[node] === 1) return trie.child(place, label, step(shape, tellsOld(graph)));
      // A new link behind an old one of its chain: it belongs to what holds the chain.
      const isLink = trie.label[place] === label && trie.shape[place] === step(shape, true);
      return trie.child(isLink ? trie.parent[place]! : place, label, step(shape, false));
    };

    const placeOfOld = (node: number): number => {
      const chain: number[] = [];
      let at = node;
      while (at !== 0 && trieOf[at] === 0) {
        const known = placeOfOldId.get(nodeId[at]!);
        if (known !== undefined) {
          trieOf[at] = known;
          break;
        }
        chain.push(at);
        at = parent[at]!;
      }
      let place = at === 0 ? 0 : trieOf[at]!;
      for (let next = chain.pop(); next !== undefined; next = chain.pop()) {
        place = below(place, next);
        trieOf[next] = place;
        placeOfOldId.set(nodeId[next]!, place);
      }
      return place;
    };

    for (let at = 0; at < order.length; at++) {
      const node = order[at]!;
      if (node === 0 || (isOld !== null && isOld[node] === 1)) continue;
      const holder = parent[node]!;
      let place: number;
      if (holder !== 0 && isOld !== null && isOld[holder] === 1) {
        place = placeOfOld(holder);
        if (holderSeen[holder] === 0) {
          holderSeen[holder] = 1;
          holders.push(holder);
        }
      } else {
        place = trieOf[holder]!;
      }
      const own = below(place, node);
      trieOf[node] = own;
      if (own >= objects.length) {
        objects = grown(objects, own);
        bytes = grown(bytes, own);
      }
      objects[own]!++;
      bytes[own]! += selfBytes[node]!;
    }
    let unreachedBytes = 0;
    for (let node = 1; node < graph.nodeCount; node++)
      if (parent[node] === NO_PARENT) unreachedBytes += selfBytes[node]!;
    return { counts: { objects, bytes, unreachedBytes }, tree, trieOf, holders };
  }

  /** The trie node at which an old node hangs in a dump that was measured. */
  placeOf(graph: HeapGraph, measured: MeasuredDump, node: number): number {
    const describer = graph.newDescriber();
    const shapeId = this.shapeInterner(describer);
    const labelId = this.labelInterner(describer);
    const { parent, edge } = measured.tree;
    const chain: number[] = [];
    let at = node;
    while (at !== 0 && measured.trieOf[at] === 0 && parent[at] !== NO_PARENT) {
      chain.push(at);
      at = parent[at]!;
    }
    let place = measured.trieOf[at]!;
    for (let next = chain.pop(); next !== undefined; next = chain.pop()) {
      place = this.trie.child(
        place,
        labelId(parent[next]!, edge[next]!),
        step(shapeId(next), tellsOld(graph)),
      );
      measured.trieOf[next] = place;
    }
    return place;
  }

  private shapeInterner(describer: Describer): (node: number) => number {
    const known: number[] = [];
    return (node) => {
      const key = describer.shapeKey(node);
      let id = known[key];
      if (id === undefined) {
        const shape = describer.shape(node);
        const { location } = shape;
        const text = `${shape.category}|${shape.text}|${location ? `${location.file}:${location.line}:${location.column}` : ''}`;
        id = this.shapeIds.get(text) ?? this.shapes.push(shape) - 1;
        this.shapeIds.set(text, id);
        known[key] = id;
      }
      return id;
    };
  }

  private labelInterner(describer: Describer): (source: number, edge: number) => number {
    const known: number[] = [];
    return (source, edge) => {
      const key = describer.labelKey(source, edge);
      let id = known[key];
      if (id === undefined) {
        const label = sideless(describer.label(source, edge));
        id = this.labelIds.get(label) ?? this.labels.push(label) - 1;
        this.labelIds.set(label, id);
        known[key] = id;
      }
      return id;
    };
  }
}

const ROOT_SHAPE: Shape = { text: '(root)', category: 'root', location: null };

/**
 * An old object and a new one are different steps, however alike: what an old timer holds must not count as held by the
 * timers that gather beside it.
 */
function step(shapeId: number, isOld: boolean): number {
  return shapeId * 2 + Number(isOld);
}

/** Addresses are given again: what stands at an old one may be as new as what stands beside it, and is the same step. */
function tellsOld({ idKind }: HeapGraph): boolean {
  return idKind !== 'address';
}

/** A ring is entered from both sides: which of the two references a path takes is chance. */
function sideless(label: Label): Label {
  return label === '._idlePrev' ? '._idleNext' : label;
}

function grown(array: Float64Array<ArrayBuffer>, index: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(index + 1, array.length * 2));
  larger.set(array);
  return larger;
}
