/**
 * How sure the first 4 KB are a V8 heap snapshot, from 0 to 1. Never throws.
 * Every V8 since 2012 begins with the "snapshot" header and its node_fields.
 */
export function detectHeapSnapshot(head: Uint8Array): number {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 4096));
  if (!/^\s*\{\s*"snapshot"\s*:/.test(text))
    return /^\s*\{/.test(text) && text.includes('"node_fields"') ? 0.8 : 0;
  return text.includes('"node_fields"') ? 1 : 0.6;
}
