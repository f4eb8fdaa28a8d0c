/**
 * How sure the first 4 KB are a Ruby heap dump, from 0 to 1. Never throws.
 * `ObjectSpace.dump_all` begins with the roots; dumps that were cut apart or sorted begin with some object.
 */
export function detectRubyDump(head: Uint8Array, _name: string): number {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 4096));
  if (/^\s*\{"type":"ROOT", ?"root":"/.test(text)) return 1;
  return /^\s*\{"address":"0x[0-9a-fA-F]+", ?"type":"[A-Z]+"/.test(text) ? 0.9 : 0;
}
