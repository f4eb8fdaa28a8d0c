const CERTAIN = 1;

/** LZ4 frame magic, then further on `memray\0`; or `memray\0` at once when the capture was not packed. */
const LZ4_MAGIC = [0x04, 0x22, 0x4d, 0x18];

export type MemrayExport = 'csv' | 'stats' | 'capture';

/** Which of memray's files begins like this; null for none. Never throws. */
export function memrayExport(head: Uint8Array): MemrayExport | null {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 4096));
  if (/^(?:ï»¿)?allocator,num_allocations,size,/.test(text)) return 'csv';
  if (/^\s*\{\s*"total_num_allocations"\s*:/.test(text)) return 'stats';
  const isLz4 = LZ4_MAGIC.every((byte, at) => head[at] === byte);
  return text.startsWith('memray\0') || (isLz4 && text.includes('memray\0')) ? 'capture' : null;
}

/** How sure the first 4 KB are an export of memray (or its capture file), from 0 to 1. Never throws. */
export function detectMemray(head: Uint8Array): number {
  return memrayExport(head) === null ? 0 : CERTAIN;
}
