/** Typed arrays that grow by doubling, for counts that the input announces but may lie about. */
export function grownU32(array: Uint32Array, needed: number, expected: number): Uint32Array {
  if (needed <= array.length) return array;
  const grown = new Uint32Array(nextCapacity(array.length, needed, expected));
  grown.set(array);
  return grown;
}

export function grownU8(array: Uint8Array, needed: number, expected: number): Uint8Array {
  if (needed <= array.length) return array;
  const grown = new Uint8Array(nextCapacity(array.length, needed, expected));
  grown.set(array);
  return grown;
}

function nextCapacity(current: number, needed: number, expected: number): number {
  const doubled = Math.max(needed, current * 2, 1024);
  // The announced count is right nearly always: stopping at it saves the slack of the last doubling.
  return expected >= needed && expected < doubled ? expected : doubled;
}

/** A list of unsigned 32-bit numbers that grows as it is filled. */
export class U32List {
  length = 0;
  private items: Uint32Array = new Uint32Array(1024);

  push(value: number): void {
    if (this.length === this.items.length) this.items = grownU32(this.items, this.length + 1, 0);
    this.items[this.length++] = value;
  }

  pushAll(values: Uint32Array): void {
    this.items = grownU32(this.items, this.length + values.length, 0);
    this.items.set(values, this.length);
    this.length += values.length;
  }

  /** Takes the last number off; 0 when there is none. */
  pop(): number {
    return this.length === 0 ? 0 : this.items[--this.length]!;
  }

  /** 0 when there is none. */
  get last(): number {
    return this.length === 0 ? 0 : this.items[this.length - 1]!;
  }

  /** Changes the last number, if there is one. */
  setLast(value: number): void {
    if (this.length > 0) this.items[this.length - 1] = value;
  }

  /** The filled part, without a copy. */
  view(): Uint32Array {
    return this.items.subarray(0, this.length);
  }
}
