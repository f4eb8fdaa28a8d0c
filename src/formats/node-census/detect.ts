/** A census begins with its schema: `{ "schema": "stanch/node-census@1"`. */
export function detectCensus(head: Uint8Array): number {
  const text = new TextDecoder().decode(head.subarray(0, 256));
  return /^\s*\{\s*"schema"\s*:\s*"stanch\/node-census@\d+"/.test(text) ? 1 : 0;
}
