/** Node by id within one dump. */
export interface IdIndex {
  readonly size: number;
  /** The node with this id, or -1. */
  get(id: number): number;
  /** Marks by node of the other dump: 1 where this one holds the same id. */
  markCommon(otherIds: Uint32Array | Float64Array): Uint8Array;
}

/** Serial numbers and addresses are spread so differently that each has an index of its own. */
export function indexIds(ids: Uint32Array | Float64Array): IdIndex {
  return ids instanceof Uint32Array ? new SerialIndex(ids) : new AddressIndex(ids);
}

/** Odd ids are given one after the other and stay dense; a table of them may be this many times their count. */
const MAX_SPARSENESS = 16;
const SMALL = 1 << 20;

/**
 * V8 gives JS objects odd ids in the order in which snapshots first see them (dense), and native objects even ids
 * made from addresses (anywhere).
 */
class SerialIndex implements IdIndex {
  private readonly ids: Uint32Array;
  /** Node + 1 by id >> 1. */
  private readonly dense: Uint32Array;
  private readonly sparse: Map<number, number> = new Map();

  constructor(ids: Uint32Array) {
    this.ids = ids;
    const limit = Math.max(SMALL, ids.length * MAX_SPARSENESS) * 2;
    let maxDense = 0;
    for (let node = 0; node < ids.length; node++) {
      const id = ids[node]!;
      if ((id & 1) === 1 && id > maxDense && id < limit) maxDense = id;
    }
    this.dense = new Uint32Array((maxDense >>> 1) + 1);
    for (let node = 0; node < ids.length; node++) {
      const id = ids[node]!;
      if ((id & 1) === 1 && id <= maxDense) this.dense[id >>> 1] = node + 1;
      else this.sparse.set(id, node);
    }
  }

  get(id: number): number {
    if ((id & 1) === 1 && id >>> 1 < this.dense.length) return this.dense[id >>> 1]! - 1;
    return this.sparse.get(id) ?? -1;
  }

  markCommon(otherIds: Uint32Array | Float64Array): Uint8Array {
    return marksOf(this, otherIds);
  }

  get size(): number {
    return this.ids.length;
  }
}

/** Slots for each id: at most three in four are taken, so that a search ends soon. */
const MAX_LOAD = 0.75;
const MULTIPLIER = 0x9e3779b1;

/** Open addressing over doubles: 12 bytes a slot, where a Map takes some 50 an entry. */
class AddressIndex implements IdIndex {
  readonly size: number;
  private readonly ids: Float64Array;
  /** Node + 1 by slot. */
  private readonly slots: Uint32Array;
  private readonly mask: number;

  constructor(ids: Float64Array) {
    this.ids = ids;
    this.size = ids.length;
    let slots = 16;
    while (slots * MAX_LOAD < ids.length) slots *= 2;
    this.slots = new Uint32Array(slots);
    this.mask = slots - 1;
    for (let node = 0; node < ids.length; node++) {
      let slot = this.slotFor(ids[node]!);
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = node + 1;
    }
  }

  get(id: number): number {
    for (let slot = this.slotFor(id); ; slot = (slot + 1) & this.mask) {
      const node = this.slots[slot]! - 1;
      if (node < 0 || this.ids[node] === id) return node;
    }
  }

  markCommon(otherIds: Uint32Array | Float64Array): Uint8Array {
    return marksOf(this, otherIds);
  }

  /** Multiplicative hashing (Knuth, TAOCP 3, 6.4) of both halves of the number. */
  private slotFor(id: number): number {
    const high = Math.floor(id / 0x100000000);
    const hash = Math.imul((id >>> 0) ^ Math.imul(high, 0x85ebca6b), MULTIPLIER);
    return (hash ^ (hash >>> 15)) & this.mask;
  }
}

function marksOf(index: IdIndex, otherIds: Uint32Array | Float64Array): Uint8Array {
  const marks = new Uint8Array(otherIds.length);
  for (let node = 0; node < otherIds.length; node++) if (index.get(otherIds[node]!) >= 0) marks[node] = 1;
  return marks;
}
