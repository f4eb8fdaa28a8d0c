/** Sequences of small numbers, each known by the number of its last step; 0 is the empty sequence. */
export class SequenceTrie {
  /** Number of sequences, the empty one included. */
  length = 1;
  private parent: Uint32Array = new Uint32Array(1024);
  private item: Uint32Array = new Uint32Array(1024);
  private slots: Uint32Array = new Uint32Array(2048);

  /** The sequence `before` with `item` behind it. */
  next(before: number, item: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(before, item) & mask;
    for (let at = this.slots[slot]!; at !== 0; at = this.slots[slot]!) {
      if (this.parent[at] === before && this.item[at] === item) return at;
      slot = (slot + 1) & mask;
    }
    return this.add(before, item, slot);
  }

  /** The items of a sequence from its first. */
  items(sequence: number): number[] {
    const items: number[] = [];
    for (let at = sequence; at !== 0; at = this.parent[at]!) items.push(this.item[at]!);
    return items.reverse();
  }

  private add(before: number, item: number, slot: number): number {
    const added = this.length++;
    if (added === this.parent.length) this.grow();
    this.parent[added] = before;
    this.item[added] = item;
    if (this.length * 2 > this.slots.length) this.rehash();
    else this.slots[slot] = added;
    return added;
  }

  private grow(): void {
    for (const field of ['parent', 'item'] as const) {
      const grown = new Uint32Array(this[field].length * 2);
      grown.set(this[field]);
      this[field] = grown;
    }
  }

  private rehash(): void {
    const slots = new Uint32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let at = 1; at < this.length; at++) {
      let slot = hash(this.parent[at]!, this.item[at]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = at;
    }
    this.slots = slots;
  }
}

function hash(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}
