const SPACE = 32;
const OPEN = 40;
const COLON = 58;

/** The bytes of a text without special characters. */
export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function startsWith(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  if (end - start < wanted.length) return false;
  for (let at = 0; at < wanted.length; at++) if (bytes[start + at] !== wanted[at]) return false;
  return true;
}

/** A function's name ends at the last bracket: receivers have brackets of their own. -1 when there is none. */
export function lastOpenBracket(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at >= start; at--) if (bytes[at] === OPEN) return at;
  return -1;
}

/** A whole number without sign; exact up to 2^53. */
export function numberAt(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + bytes[at]! - 48;
  return value;
}

/**
 * Where `path:line` ends: before ` +0x7f`, ` fp=0x… sp=0x… pc=0x…` or at the end of the line. Paths may hold spaces and
 * drive letters. -1 when it is no place.
 */
export function placeEnd(bytes: Uint8Array, start: number, end: number): number {
  let stop = end;
  for (;;) {
    let space = stop - 1;
    while (space > start && bytes[space] !== SPACE) space--;
    if (space <= start || !isAddress(bytes, space + 1, stop)) break;
    stop = space;
  }
  let colon = stop - 1;
  while (colon > start && isDigit(bytes[colon]!)) colon--;
  return bytes[colon] === COLON && colon > start && colon < stop - 1 ? stop : -1;
}

/** The number behind ` +0x` at `stop`; -1 when there is none. */
export function pcOffsetAt(bytes: Uint8Array, stop: number, end: number): number {
  if (bytes[stop + 1] !== 43 || stop + 4 > end) return -1;
  let value = 0;
  for (let at = stop + 4; at < end && bytes[at] !== SPACE; at++) {
    const digit = hexDigit(bytes[at]!);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** `+0x7f`, `fp=0x…`, `sp=0x…`, `pc=0x…`. */
function isAddress(bytes: Uint8Array, start: number, end: number): boolean {
  const isOffset = bytes[start] === 43;
  const at = isOffset ? start + 1 : start + 3;
  if (!isOffset && !(bytes[start + 2] === 61 && (bytes[start + 1] === 112 || bytes[start + 1] === 99)))
    return false;
  if (end - at < 3 || bytes[at] !== 48 || bytes[at + 1] !== 120) return false;
  for (let digit = at + 2; digit < end; digit++) if (hexDigit(bytes[digit]!) < 0) return false;
  return true;
}

function hexDigit(byte: number): number {
  if (isDigit(byte)) return byte - 48;
  return byte >= 97 && byte <= 102 ? byte - 87 : -1;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}
