import type { ObjectBlock } from './raw.ts';

/** "No object": what stands at this address was not told. */
export const MISSING = 0xffffffff;

/** Ordinals of objects by address: open addressing over typed arrays, at most half full. */
export class AddressTable {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** Objects told twice: only the first counts. */
  readonly repeated: Set<number> = new Set();
  private readonly slots: Uint32Array;
  private readonly mask: number;

  constructor(blocks: readonly ObjectBlock[], count: number) {
    let size = 1024;
    while (size < count * 2) size *= 2;
    this.mask = size - 1;
    this.slots = new Uint32Array(size);
    this.low = new Uint32Array(count);
    this.high = new Uint32Array(count);
    for (const { first, addresses, count: inBlock } of blocks) {
      for (let nth = 0; nth < inBlock; nth++)
        this.add(first + nth, addresses[nth * 2]!, addresses[nth * 2 + 1]!);
    }
  }

  find(low: number, high: number): number {
    let slot = this.home(low, high);
    for (;;) {
      const entry = this.slots[slot]!;
      if (entry === 0) return MISSING;
      if (this.low[entry - 1] === low && this.high[entry - 1] === high) return entry - 1;
      slot = (slot + 1) & this.mask;
    }
  }

  findAddress(address: number): number {
    if (!(address > 0 && address < 2 ** 48)) return MISSING;
    return this.find(address % 2 ** 32, Math.floor(address / 2 ** 32));
  }

  addressOf(ordinal: number): number {
    return this.high[ordinal]! * 2 ** 32 + this.low[ordinal]!;
  }

  /** Pairs of words to ordinals, in new memory. */
  resolve(words: Uint32Array): Uint32Array {
    const ordinals = new Uint32Array(words.length / 2);
    for (let at = 0; at < ordinals.length; at++) ordinals[at] = this.find(words[at * 2]!, words[at * 2 + 1]!);
    return ordinals;
  }

  private add(ordinal: number, low: number, high: number): void {
    this.low[ordinal] = low;
    this.high[ordinal] = high;
    let slot = this.home(low, high);
    for (;;) {
      const entry = this.slots[slot]!;
      if (entry === 0) break;
      if (this.low[entry - 1] === low && this.high[entry - 1] === high) {
        this.repeated.add(ordinal);
        return;
      }
      slot = (slot + 1) & this.mask;
    }
    this.slots[slot] = ordinal + 1;
  }

  private home(low: number, high: number): number {
    let mixed = Math.imul((low >>> 3) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
    mixed ^= mixed >>> 15;
    return mixed & this.mask;
  }
}
