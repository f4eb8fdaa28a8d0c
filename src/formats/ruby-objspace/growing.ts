const BLOCK_BITS = 17;
const BLOCK = 1 << BLOCK_BITS;

/** Doubles in blocks: grows without copying, and gives blocks back while it is read from the front. */
export class Float64Blocks {
  length = 0;
  private readonly blocks: (Float64Array | null)[] = [];
  private block: Float64Array = new Float64Array(0);

  push(value: number): void {
    const at = this.length & (BLOCK - 1);
    if (at === 0 || at >= this.block.length) this.grow(at);
    this.block[at] = value;
    this.length++;
  }

  get(index: number): number {
    return this.blocks[index >>> BLOCK_BITS]![index & (BLOCK - 1)]!;
  }

  /** Forgets everything from `length` on. */
  cut(length: number): void {
    if (length >= this.length) return;
    this.length = length;
    this.blocks.length = (length + BLOCK - 1) >>> BLOCK_BITS;
    this.block = this.blocks[this.blocks.length - 1] ?? new Float64Array(0);
    // A full last block: the next value starts a new one.
    if ((length & (BLOCK - 1)) === 0) this.block = new Float64Array(0);
  }

  /** Hands out all values in order and frees them. */
  drain(each: (block: Float64Array, count: number, first: number) => void): void {
    for (let index = 0; index < this.blocks.length; index++) {
      const first = index * BLOCK;
      each(this.blocks[index]!, Math.min(BLOCK, this.length - first), first);
      this.blocks[index] = null;
    }
    this.blocks.length = 0;
    this.block = new Float64Array(0);
    this.length = 0;
  }

  private grow(at: number): void {
    if (at === 0) {
      // The first block starts small, for small dumps.
      this.block = new Float64Array(this.blocks.length === 0 ? 1024 : BLOCK);
      this.blocks.push(this.block);
      return;
    }
    const grown = new Float64Array(Math.min(this.block.length * 2, BLOCK));
    grown.set(this.block);
    this.block = grown;
    this.blocks[this.blocks.length - 1] = grown;
  }
}

/** A longer copy of a typed array. */
export function longer<T extends Uint8Array | Uint32Array | Float64Array>(array: T, capacity: number): T {
  const grown = new (array.constructor as new (length: number) => T)(capacity);
  grown.set(array);
  return grown;
}
