import { grownU32 } from './growable.ts';

/**
 * Numbers different sequences of unsigned 32-bit numbers from 0 up, in order of first sight: stacks, or rows of a table by
 * their columns. Open addressing over typed arrays; no object and no text is made for a lookup.
 */
export class SequenceInterner {
  /** How many different sequences there are. */
  count = 0;
  private items: Uint32Array;
  private starts: Uint32Array = new Uint32Array(256);
  private hashes: Uint32Array = new Uint32Array(256);
  private slots: Uint32Array = new Uint32Array(512);

  /** @param expectedItems room for so many numbers in all sequences together, if that is known */
  constructor(expectedItems: number = 1024) {
    this.items = new Uint32Array(expectedItems);
  }

  /**
   * The number of the sequence `sequence[from … from + length - 1]`; a new one when it was not seen before (then `count`
   * has grown).
   */
  intern(sequence: Uint32Array, length: number = sequence.length, from: number = 0): number {
    let hash = length;
    for (let at = from; at < from + length; at++) {
      hash = Math.imul(hash ^ sequence[at]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    hash >>>= 0;
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let entry = this.slots[slot]!; entry !== 0; entry = this.slots[slot]!) {
      if (this.isSame(entry - 1, hash, sequence, length, from)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    this.slots[slot] = this.count + 1;
    return this.add(hash, sequence.subarray(from, from + length));
  }

  /** Where sequences start in `all`: count + 1 entries. Copies. */
  firsts(): Uint32Array {
    return this.starts.slice(0, this.count + 1);
  }

  /** All sequences one after the other; they stay as they are when more are interned. */
  all(): Uint32Array {
    const used = this.starts[this.count]!;
    // A full table is left behind when the next sequence comes.
    return used === this.items.length ? this.items : this.items.slice(0, used);
  }

  private isSame(id: number, hash: number, sequence: Uint32Array, length: number, from: number): boolean {
    if (this.hashes[id] !== hash) return false;
    const { items, starts } = this;
    const start = starts[id]!;
    if (starts[id + 1]! - start !== length) return false;
    for (let at = 0; at < length; at++) if (items[start + at] !== sequence[from + at]) return false;
    return true;
  }

  private add(hash: number, sequence: Uint32Array): number {
    const id = this.count++;
    const start = this.starts[id]!;
    this.hashes = grownU32(this.hashes, this.count, 0);
    this.hashes[id] = hash;
    this.items = grownU32(this.items, start + sequence.length, 0);
    this.items.set(sequence, start);
    this.starts = grownU32(this.starts, this.count + 1, 0);
    this.starts[this.count] = start + sequence.length;
    if (this.count * 2 > this.slots.length) this.rehash();
    return id;
  }

  private rehash(): void {
    const slots = new Uint32Array(this.slots.length * 4);
    const mask = slots.length - 1;
    for (let id = 0; id < this.count; id++) {
      let slot = this.hashes[id]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.slots = slots;
  }
}
