import { NOWHERE } from './address-index.ts';
import { EDGE } from './kinds.ts';
import { FROZEN } from './records.ts';
import { TYPE } from './words.ts';

/** References of a Hash, as `labelHash` sees and changes them. */
export interface HashEdges {
  readonly target: Uint32Array;
  readonly kind: Uint8Array;
  readonly name: Uint32Array;
  readonly from: number;
  readonly to: number;
  /** Entries of the Hash. */
  readonly size: number;
  /** The default proc's node; NOWHERE when there is none. */
  readonly defaultProc: number;
  /** The elements of a Set are keys. */
  readonly isOfSet: boolean;
  /** A class of its own may have instance variables, which come first. */
  readonly isPlainHash: boolean;
  readonly type: Uint8Array;
  readonly flags: Uint8Array;
  /** Numbers of the names `default` and `default_proc`. */
  readonly defaultName: number;
  readonly defaultProcName: number;
}

/**
 * Tells keys from values. Ruby marks key, value, key, value, then the default; immediates (Integers, static Symbols, nil)
 * leave no reference. With all references there they alternate. Otherwise: String keys are frozen copies, so frozen
 * strings are keys and all else is a value; Symbol and Integer keys are not there to be told.
 */
export function labelHash(hash: HashEdges): void {
  const { target, kind, name, size, type, flags } = hash;
  let { from, to } = hash;
  if (to > from && hash.defaultProc !== NOWHERE && target[to - 1] === hash.defaultProc) {
    to--;
    kind[to] = EDGE.internal;
    name[to] = hash.defaultProcName;
  } else if (to > from && (to - from === 2 * size + 1 || size === 0) && hash.isPlainHash) {
    to--;
    kind[to] = EDGE.internal;
    name[to] = hash.defaultName;
  }
  const references = to - from;
  if (references > 2 * size) from = to - 2 * size;
  if (to - from === 2 * size) {
    for (let at = from; at < to; at++) {
      kind[at] = ((at - from) & 1) === 0 ? EDGE.key : EDGE.value;
      name[at] = (at - from) >>> 1;
    }
    return;
  }
  let entry = -1;
  let isAfterKey = false;
  for (let at = from; at < to; at++) {
    const node = target[at]!;
    const isKey =
      hash.isOfSet || (node !== NOWHERE && type[node] === TYPE.STRING && (flags[node]! & FROZEN) !== 0);
    if (isKey || !isAfterKey) entry++;
    kind[at] = isKey ? EDGE.key : EDGE.value;
    name[at] = entry;
    isAfterKey = isKey;
  }
}
