/** First lines of the legacy text forms; comment lines may stand before. */
const FIRST_LINES: readonly RegExp[] = [
  /^heap profile: *-?\d+: *-?\d+ *\[ *-?\d+: *-?\d+ *\] *@ *\w/,
  /^\S+ profile: total \d+\s*$/m,
  /^--- (mutex|contention):/,
  /^--- contentionz /,
];

/** How sure the first bytes are one of pprof's legacy text forms, from 0 to 1. Never throws. */
export function detectProfileText(head: Uint8Array): number {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 4096));
  const start = /^(?:\s*(?:#[^\n]*)?\n)*/.exec(text)![0].length;
  const line = text.slice(start, start + 400).replace(/\r?\n[\s\S]*/, '');
  return FIRST_LINES.some((pattern) => pattern.test(line)) ? 1 : 0;
}
