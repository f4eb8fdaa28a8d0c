import type { HeapFormat } from './format.ts';
import { detectHeapSnapshot } from './v8-heapsnapshot/detect.ts';
import { readHeapSnapshot } from './v8-heapsnapshot/read.ts';

/** So many bytes from the start of a file are enough to tell its format. */
export const HEAD_BYTES = 4096;

/**
 * Every dump format that Stanch reads. `openHeap` and the commands try them all on the first 4 KB of a file.
 *
 * @example
 * import { FORMATS } from 'stanch';
 *
 * for (const { id, title } of FORMATS) process.stdout.write(`${id}: ${title}\n`);
 */
export const FORMATS: readonly HeapFormat[] = [
  {
    id: 'v8-heapsnapshot',
    title: 'V8 heap snapshot (Node.js 18 and later, Chrome)',
    detect: detectHeapSnapshot,
    read: readHeapSnapshot,
  },
];

/**
 * The format of a file, told from its first bytes; null when no format knows it. Never throws.
 *
 * @param head the first `HEAD_BYTES` of the unpacked file, or all of it if it is shorter
 * @param name of the file; only a hint
 * @example
 * import { readFileSync } from 'node:fs';
 * import { detectFormat } from 'stanch';
 *
 * const format = detectFormat(readFileSync('A.heapsnapshot').subarray(0, 4096), 'A.heapsnapshot');
 * process.stdout.write(`${format?.title ?? 'unknown'}\n`);
 */
export function detectFormat(head: Uint8Array, name: string): HeapFormat | null {
  let best: HeapFormat | null = null;
  let bestSure = 0;
  for (const format of FORMATS) {
    const sure = format.detect(head, name);
    if (sure > bestSure) {
      best = format;
      bestSure = sure;
    }
  }
  return best;
}
