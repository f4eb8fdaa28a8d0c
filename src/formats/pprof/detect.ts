/** Wire types that field 1 … 15 of a profile may have, as bits; nested messages are looked into. */
const MESSAGE = 1 << 2;
const NUMBER = 1 << 0;
const PROFILE_FIELDS = [
  0,
  ...Array(6).fill(MESSAGE),
  ...Array(4).fill(NUMBER),
  MESSAGE,
  NUMBER,
  NUMBER | MESSAGE,
  NUMBER,
  NUMBER,
];

/** Wire types of the fields inside field 1 … 5 and 11. */
const NESTED: Readonly<Record<number, readonly number[]>> = {
  1: [0, NUMBER, NUMBER],
  2: [0, NUMBER | MESSAGE, NUMBER | MESSAGE, MESSAGE],
  3: [0, ...Array(10).fill(NUMBER)],
  4: [0, NUMBER, NUMBER, NUMBER, MESSAGE, NUMBER],
  5: [0, ...Array(5).fill(NUMBER)],
  11: [0, NUMBER, NUMBER],
};

/** A profile says more than this before it comes to texts; less could be chance. */
const MIN_FIELDS = 2;

/**
 * How sure the first bytes (unpacked) are a profile.proto, from 0 to 1. Never throws. The format has no magic number: its fields are
 * walked as far as they are there, and each must have the number, the wire type and the contents that the format gives it.
 */
export function detectPprof(head: Uint8Array): number {
  let hasMeasure = false;
  const count = walk(head, 0, Infinity, PROFILE_FIELDS, (field, from, to) => {
    if (field === 1 || field === 2) hasMeasure = true;
    const nested = NESTED[field];
    return nested === undefined || walk(head, from, to, nested) >= 0;
  });
  if (count < 0 || !hasMeasure) return 0;
  return count >= MIN_FIELDS ? 0.95 : 0.4;
}

/** Number of fields seen; -1 when one does not fit. A last field that is cut counts as well. */
function walk(
  bytes: Uint8Array,
  from: number,
  to: number,
  fields: readonly number[],
  check: (field: number, from: number, to: number) => boolean = () => true,
): number {
  let count = 0;
  let at = from;
  const end = Math.min(to, bytes.length);
  while (at < end) {
    const tag = bytes[at++]!;
    const field = tag >>> 3;
    if (tag >= 0x80 || !((fields[field] ?? 0) & (1 << (tag & 7)))) return -1;
    let value = 0;
    let scale = 1;
    for (let length = 1; ; length++) {
      if (at >= end) return to > bytes.length ? count : -1;
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) break;
      if (length === 10) return -1;
    }
    if ((tag & 7) === 2) {
      if (at + value > to) return -1;
      if (!check(field, at, at + value)) return -1;
      at += value;
    }
    count++;
  }
  return count;
}
