const EMPTY = 0xffffffff;

/** Byte strings by number, each stored once. Compares with what is stored instead of making strings. */
export class ByteTable {
  count = 0;
  private bytes = new Uint8Array(1 << 14);
  private filled = 0;
  private starts = new Uint32Array(257);
  private slots = new Uint32Array(512).fill(EMPTY);
  private hashes = new Uint32Array(256);

  /** The number of the bytes from `start` to `end`; equal bytes have equal numbers. */
  intern(from: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ from[at]!, 0x01000193);
    hash >>>= 0;
    const mask = this.slots.length - 1;
    let slot = mix(hash) & mask;
    for (; this.slots[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const known = this.slots[slot]!;
      if (this.hashes[known] === hash && this.is(known, from, start, end)) return known;
    }
    return this.add(slot, hash, from, start, end);
  }

  /** True when the stored bytes are those from `start` to `end`. */
  is(index: number, from: Uint8Array, start: number, end: number): boolean {
    return this.lengthOf(index) === end - start && this.isAt(index, from, start);
  }

  /** True when the stored bytes stand at `start`. The caller sees to it that `from` does not end before. */
  isAt(index: number, from: Uint8Array, start: number): boolean {
    const { bytes, starts } = this;
    const end = starts[index + 1]!;
    for (let at = starts[index]!; at < end; at++) if (bytes[at] !== from[start++]) return false;
    return true;
  }

  lengthOf(index: number): number {
    return this.starts[index + 1]! - this.starts[index]!;
  }

  text(index: number): string {
    return new TextDecoder().decode(this.bytes.subarray(this.starts[index]!, this.starts[index + 1]!));
  }

  private add(slot: number, hash: number, from: Uint8Array, start: number, end: number): number {
    const needed = this.filled + end - start;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.filled));
      this.bytes = grown;
    }
    this.bytes.set(from.subarray(start, end), this.filled);
    this.filled = needed;
    const index = this.count++;
    if (this.count >= this.starts.length) {
      this.starts = grownTo(this.starts, this.count * 2 + 1);
      this.hashes = grownTo(this.hashes, this.count * 2);
    }
    this.starts[this.count] = this.filled;
    this.hashes[index] = hash;
    this.slots[slot] = index;
    if (this.count * 2 > this.slots.length) this.rehash();
    return index;
  }

  private rehash(): void {
    this.slots = new Uint32Array(this.slots.length * 2).fill(EMPTY);
    const mask = this.slots.length - 1;
    for (let index = 0; index < this.count; index++) {
      let slot = mix(this.hashes[index]!) & mask;
      while (this.slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      this.slots[slot] = index;
    }
  }
}

/** FNV-1a leaves its low bits alike for texts that end alike. */
function mix(hash: number): number {
  return (hash ^ (hash >>> 15)) >>> 0;
}

function grownTo(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(length);
  grown.set(array);
  return grown;
}
