/** No row has this id. */
export const UNKNOWN_ROW = 0xffffffff;

const FIRST_LARGE = 0x80000000;

/**
 * Turns ids, which profile.proto leaves to the writer (any 64-bit number but 0), to numbers of 32 bits: small ones stay as they are,
 * the others get numbers from 2^31 up.
 */
export class IdKeys {
  private readonly large: Map<bigint, number> = new Map();

  keyOf(low: number, high: number): number {
    if (high === 0 && low < FIRST_LARGE) return low;
    const id = (BigInt(high) << 32n) | BigInt(low);
    let key = this.large.get(id);
    if (key === undefined) {
      key = FIRST_LARGE + this.large.size;
      this.large.set(id, key);
    }
    return key;
  }
}

/** Finds the rows of a table by the keys of their ids, in whatever order they stand. */
export class IdTable {
  /** The first row whose id an earlier row has already; null when there is none. */
  readonly duplicate: number | null = null;
  /** Rows of the small keys; most writers count from 1 up, so that nearly all are here. */
  readonly dense: Uint32Array;
  private readonly sparse: Map<number, number> = new Map();

  /** @param keys the id of each row as `IdKeys` gave it */
  constructor(keys: Uint32Array) {
    this.dense = new Uint32Array(keys.length * 2 + 16).fill(UNKNOWN_ROW);
    for (let row = 0; row < keys.length; row++) {
      const key = keys[row]!;
      if (this.rowOf(key) !== UNKNOWN_ROW) this.duplicate ??= row;
      else if (key < this.dense.length) this.dense[key] = row;
      else this.sparse.set(key, row);
    }
  }

  rowOf(key: number): number {
    return key < this.dense.length ? this.dense[key]! : (this.sparse.get(key) ?? UNKNOWN_ROW);
  }
}
