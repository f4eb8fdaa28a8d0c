import { BitSet } from '../base/bitset.ts';

/** Odd ids are given one after the other and stay dense; a table of them may be this many times their count. */
const MAX_SPARSENESS = 16;
const SMALL = 1 << 20;

/**
 * Node by id. V8 gives JS objects odd ids in the order in which snapshots first see them (dense), and native
 * objects even ids made from addresses (anywhere).
 */
export class IdIndex {
  /** Highest odd id: later snapshots of the process give higher ones to new objects. */
  readonly maxOddId: number;
  private readonly ids: Uint32Array;
  /** Node + 1 by id >> 1. */
  private readonly dense: Uint32Array;
  private readonly sparse: Map<number, number> = new Map();

  constructor(ids: Uint32Array) {
    this.ids = ids;
    const limit = Math.max(SMALL, ids.length * MAX_SPARSENESS) * 2;
    let max = 0;
    let maxDense = 0;
    for (let node = 0; node < ids.length; node++) {
      const id = ids[node]!;
      if ((id & 1) === 0) continue;
      if (id > max) max = id;
      if (id > maxDense && id < limit) maxDense = id;
    }
    this.maxOddId = max;
    this.dense = new Uint32Array((maxDense >>> 1) + 1);
    for (let node = 0; node < ids.length; node++) {
      const id = ids[node]!;
      if ((id & 1) === 1 && id <= maxDense) this.dense[id >>> 1] = node + 1;
      else this.sparse.set(id, node);
    }
  }

  /** The node with this id, or -1. */
  get(id: number): number {
    if ((id & 1) === 1 && id >>> 1 < this.dense.length) return this.dense[id >>> 1]! - 1;
    return this.sparse.get(id) ?? -1;
  }

  /** Marks by node: 1 where the other dump holds the same id. */
  markCommon(otherIds: Uint32Array): Uint8Array {
    const marks = new Uint8Array(otherIds.length);
    for (let node = 0; node < otherIds.length; node++) if (this.get(otherIds[node]!) >= 0) marks[node] = 1;
    return marks;
  }

  get size(): number {
    return this.ids.length;
  }
}

/** A set of ids, with the same division of odd and even as above. */
export class IdSet {
  size = 0;
  private readonly odd: BitSet;
  private readonly rest: Set<number> = new Set();

  constructor(maxOddId: number, expected: number) {
    this.odd = new BitSet(Math.min(maxOddId >>> 1, Math.max(SMALL, expected * MAX_SPARSENESS)) + 1);
  }

  add(id: number): void {
    this.size++;
    if ((id & 1) === 1 && id >>> 1 < this.odd.size) this.odd.add(id >>> 1);
    else this.rest.add(id);
  }

  has(id: number): boolean {
    if ((id & 1) === 1 && id >>> 1 < this.odd.size) return this.odd.has(id >>> 1);
    return this.rest.has(id);
  }
}
