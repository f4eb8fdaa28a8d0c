/** Not a node. */
export const NOWHERE = 0xffffffff;

/**
 * Nodes by address. Open addressing; the place is the page's hash plus the offset in the page (Ruby's heap pages are 64 KB),
 * since objects that stand together in the dump and refer to each other are found together in memory then.
 */
export class AddressIndex {
  /** Addresses that came twice, which only damaged dumps have; the first node keeps them. */
  readonly duplicates: number[] = [];
  private readonly slots: Uint32Array;
  private readonly mask: number;

  /** @param addressOf address by node; NaN for nodes without one. Kept, not copied. */
  constructor(
    private readonly addressOf: Float64Array,
    count: number,
  ) {
    let capacity = 1024;
    while (capacity < count * 1.6) capacity *= 2;
    this.mask = capacity - 1;
    this.slots = new Uint32Array(capacity);
    const { slots, mask, duplicates } = this;
    for (let node = 0; node < count; node++) {
      const address = addressOf[node]!;
      if (!(address > 0)) continue;
      let slot = slotOf(address) & mask;
      while (slots[slot] !== 0 && addressOf[slots[slot]! - 1] !== address) slot = (slot + 1) & mask;
      if (slots[slot] === 0) slots[slot] = node + 1;
      else duplicates.push(node);
    }
  }

  /** Node at an address, `NOWHERE` when there is none. */
  find(address: number): number {
    const { slots, mask, addressOf } = this;
    let slot = slotOf(address) & mask;
    for (;;) {
      const entry = slots[slot]!;
      if (entry === 0) return NOWHERE;
      if (addressOf[entry - 1] === address) return entry - 1;
      slot = (slot + 1) & mask;
    }
  }
}

function slotOf(address: number): number {
  const page = Math.floor(address / 65536);
  const inPage = (address - page * 65536) >>> 3;
  return (Math.imul(page ^ (page >>> 16), 0x9e3779b1) >>> 3) + inPage;
}

/** Small numbers for addresses, in order of first sight: which class an object is of. */
export class AddressNumbers {
  count = 0;
  private keys: Float64Array = new Float64Array(256);
  private numbers: Uint32Array = new Uint32Array(256);
  private last = -1;
  private lastNumber = 0;

  numberOf(address: number): number {
    if (address === this.last) return this.lastNumber;
    this.last = address;
    let mask = this.keys.length - 1;
    let slot = slotOf(address) & mask;
    while (this.keys[slot] !== 0) {
      if (this.keys[slot] === address) {
        this.lastNumber = this.numbers[slot]!;
        return this.lastNumber;
      }
      slot = (slot + 1) & mask;
    }
    if (this.count * 2 >= this.keys.length) {
      this.rehash();
      mask = this.keys.length - 1;
      slot = slotOf(address) & mask;
      while (this.keys[slot] !== 0) slot = (slot + 1) & mask;
    }
    this.keys[slot] = address;
    this.numbers[slot] = this.count;
    this.lastNumber = this.count++;
    return this.lastNumber;
  }

  /** Addresses by number. */
  all(): Float64Array {
    const all = new Float64Array(this.count);
    for (let slot = 0; slot < this.keys.length; slot++) {
      if (this.keys[slot] !== 0) all[this.numbers[slot]!] = this.keys[slot]!;
    }
    return all;
  }

  private rehash(): void {
    const { keys, numbers } = this;
    this.keys = new Float64Array(keys.length * 4);
    this.numbers = new Uint32Array(this.keys.length);
    const mask = this.keys.length - 1;
    for (let from = 0; from < keys.length; from++) {
      const key = keys[from]!;
      if (key === 0) continue;
      let slot = slotOf(key) & mask;
      while (this.keys[slot] !== 0) slot = (slot + 1) & mask;
      this.keys[slot] = key;
      this.numbers[slot] = numbers[from]!;
    }
  }
}
