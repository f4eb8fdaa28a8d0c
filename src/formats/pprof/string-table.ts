import type { Cursor } from './cursor.ts';

const ascii = new TextDecoder('latin1');
const utf8 = new TextDecoder();

/** Where the strings of the profile stand, in their order. */
export interface StringPlaces {
  readonly start: Uint32Array;
  readonly end: Uint32Array;
}

/**
 * Decodes all strings. A decoder call for each would cost more than all the rest of the reading: the region that they stand in is
 * decoded once, byte for byte, and only strings with other letters than ASCII get a call of their own.
 */
export function decodeStrings({ bytes }: Cursor, { start, end }: StringPlaces): string[] {
  const count = start.length;
  const strings = new Array<string>(count);
  if (count === 0) return strings;
  let from = start[0]!;
  let to = end[0]!;
  for (let index = 1; index < count; index++) {
    if (start[index]! < from) from = start[index]!;
    if (end[index]! > to) to = end[index]!;
  }
  const text = ascii.decode(bytes.subarray(from, to));
  for (let index = 0; index < count; index++) {
    const first = start[index]!;
    const last = end[index]!;
    strings[index] = isAscii(bytes, first, last)
      ? text.slice(first - from, last - from)
      : utf8.decode(bytes.subarray(first, last));
  }
  return strings;
}

function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! >= 0x80) return false;
  return true;
}
