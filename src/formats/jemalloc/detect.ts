/** jemalloc's heap profile begins with its version and sampling rate: `heap_v2/524288`. */
export function detectJemalloc(head: Uint8Array): number {
  return /^heap_v2\/\d+\r?\n/.test(new TextDecoder('latin1').decode(head.subarray(0, 64))) ? 1 : 0;
}
