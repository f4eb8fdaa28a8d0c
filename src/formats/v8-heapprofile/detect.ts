/** V8's sampling heap profile begins with its tree: `{"head":{"callFrame":{…`. */
export function detectHeapProfile(head: Uint8Array): number {
  const text = new TextDecoder().decode(head.subarray(0, 512));
  if (!/^\s*\{\s*"(?:head|samples)"\s*:/.test(text)) return 0;
  return /"callFrame"\s*:|"selfSize"\s*:|"nodeId"\s*:/.test(text) ? 0.95 : 0.1;
}
