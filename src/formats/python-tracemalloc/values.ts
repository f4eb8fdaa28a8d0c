import { grownU32 } from '../../base/growable.ts';

/**
 * Values of a pickle as one unsigned 32-bit number each: the kind in the lower four bits, above it the whole number
 * itself or an index. Whole numbers that do not fit stand in a list of their own (`wideInt`).
 */
export const KIND = {
  none: 0,
  int: 1,
  text: 2,
  tuple: 3,
  list: 4,
  dict: 5,
  global: 6,
  object: 7,
  wideInt: 8,
} as const;

export const KIND_BITS: number = 4;
const KIND_MASK = (1 << KIND_BITS) - 1;
/** Indexes and whole numbers from 0 up to here fit beside their kind. */
export const MAX_NUMBER: number = 2 ** (32 - KIND_BITS) - 1;

const NAMES = ['None', 'int', 'str', 'tuple', 'list', 'dict', 'a class', 'an object', 'int'];

export function kindOf(value: number): number {
  return value & KIND_MASK;
}

export function numberOf(value: number): number {
  return value >>> KIND_BITS;
}

export function packed(kind: number, number: number): number {
  return ((number << KIND_BITS) | kind) >>> 0;
}

export function kindName(kind: number): string {
  return NAMES[kind] ?? 'nothing';
}

/** A list of values, or of other unsigned numbers, whose array may be held for a while: `reserve` replaces it. */
export class ValueList {
  length = 0;
  items: Uint32Array = new Uint32Array(1024);

  /** Makes room for so many more; gives the array to write into. */
  reserve(count: number): Uint32Array {
    const needed = this.length + count;
    if (needed > this.items.length) this.items = grownU32(this.items, needed, 0);
    return this.items;
  }

  push(value: number): void {
    this.reserve(1)[this.length++] = value;
  }
}

/** A list of byte offsets, which may lie beyond 2^32. */
export class OffsetList {
  length = 0;
  private items: Float64Array = new Float64Array(1024);

  push(offset: number): void {
    if (this.length === this.items.length) {
      const grown = new Float64Array(this.length * 2);
      grown.set(this.items);
      this.items = grown;
    }
    this.items[this.length++] = offset;
  }

  at(index: number): number {
    return this.items[index] ?? 0;
  }
}
