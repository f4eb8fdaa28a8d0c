/**
 * Finds the words that dump lines are made of by loading four bytes at a time: the first four of the word with what ends
 * it (`":` behind a key, `"` behind a type) and the last four. No byte is looked at twice, and no text is made.
 */
export class Words {
  /** Bytes to pass with the end of the word, by number. */
  readonly lengths: Uint8Array;
  private readonly numbers: Uint8Array = new Uint8Array(SLOTS);
  private readonly firsts: Int32Array = new Int32Array(SLOTS);
  private readonly lasts: Int32Array = new Int32Array(SLOTS);
  private readonly lastAt: Uint8Array = new Uint8Array(SLOTS);

  /** @param words numbered from 1; 0 is every other word */
  constructor(words: readonly string[], ending: string) {
    this.lengths = new Uint8Array(words.length + 1);
    words.forEach((word, index) => {
      const bytes = new TextEncoder().encode(word + ending);
      const view = new DataView(bytes.buffer);
      const first = view.getInt32(0, true);
      let slot = slotOf(first);
      while (this.numbers[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
      this.numbers[slot] = index + 1;
      this.firsts[slot] = first;
      this.lasts[slot] = view.getInt32(bytes.length - 4, true);
      this.lastAt[slot] = bytes.length - 4;
      this.lengths[index + 1] = bytes.length;
    });
  }

  /** Number of the word at `at`, 0 when it is none of them. */
  find(view: DataView, at: number): number {
    const first = view.getInt32(at, true);
    let slot = slotOf(first);
    for (;;) {
      const number = this.numbers[slot]!;
      if (number === 0) return 0;
      if (this.firsts[slot] === first && view.getInt32(at + this.lastAt[slot]!, true) === this.lasts[slot])
        return number;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }
}

/** So many bytes behind a line may be looked at. */
export const LOOK_AHEAD_BYTES = 64;
const SLOTS = 256;

function slotOf(first: number): number {
  return Math.imul(first, 0x9e3779b1) >>> 24;
}

/** Keys of a line, numbered from 1 in this order. */
export const KEY = {
  address: 1,
  type: 2,
  shape_id: 3,
  slot_size: 4,
  class: 5,
  frozen: 6,
  embedded: 7,
  fstring: 8,
  shared: 9,
  bytesize: 10,
  capacity: 11,
  value: 12,
  encoding: 13,
  coderange: 14,
  references: 15,
  memsize: 16,
  flags: 17,
  length: 18,
  size: 19,
  default: 20,
  ivars: 21,
  struct: 22,
  imemo_type: 23,
  superclass: 24,
  name: 25,
  real_class_name: 26,
  singleton: 27,
  file: 28,
  line: 29,
  method: 30,
  generation: 31,
  root: 32,
  id: 33,
  parent_id: 34,
  shape_type: 35,
  edge_name: 36,
} as const;
export const KEY_WORDS: Words = new Words(Object.keys(KEY), '":');

/** `type` of a line, numbered from 1 in this order; 0 is a type that is not known here. */
export const TYPE = {
  ROOT: 1,
  SHAPE: 2,
  NONE: 3,
  OBJECT: 4,
  CLASS: 5,
  MODULE: 6,
  ICLASS: 7,
  STRING: 8,
  SYMBOL: 9,
  ARRAY: 10,
  HASH: 11,
  STRUCT: 12,
  DATA: 13,
  FILE: 14,
  MATCH: 15,
  REGEXP: 16,
  FLOAT: 17,
  BIGNUM: 18,
  RATIONAL: 19,
  COMPLEX: 20,
  IMEMO: 21,
  ZOMBIE: 22,
} as const;
export const TYPE_WORDS: Words = new Words(Object.keys(TYPE), '"');
export const TYPE_NAMES: readonly string[] = ['', ...Object.keys(TYPE)];
