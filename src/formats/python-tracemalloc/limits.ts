/** What a pickle may make us keep. An honest snapshot stays far below each. */
export interface PickleLimits {
  /** Values on the stack. A batch of a list has 1,000, a traceback at most 65,535. */
  readonly stack: number;
  readonly marks: number;
  readonly memo: number;
  readonly tuples: number;
  /** Bytes of one text; the longest are file names. */
  readonly textBytes: number;
  /** Lists, dicts and objects: a snapshot has one list, two dicts and two objects. */
  readonly containers: number;
  /** Bytes of a whole number. */
  readonly intBytes: number;
}

export const LIMITS: PickleLimits = {
  stack: 1 << 18,
  marks: 16,
  memo: 1 << 26,
  tuples: 1 << 26,
  textBytes: 1 << 20,
  containers: 8,
  intBytes: 8,
};
