import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import { breathe, type LongCall } from '../../base/progress.ts';
import type { GoroutineDump } from '../../model/goroutines.ts';
import { GoroutineScanner } from './scanner.ts';

/** `goroutine?debug=2` stops here without a word: the runtime grows its buffer no further (`writeGoroutineStacks`). */
export const RUNTIME_LIMIT_BYTES: number = 64 * 1024 * 1024;
/** A longer line is no stack text; what it holds is passed over. */
const MAX_LINE_BYTES = 1 << 20;
const BREATHE_EVERY_BYTES = 8 << 20;

/**
 * Reads Go's stack text: `goroutine?debug=2`, the tracebacks of panics, fatal errors and SIGQUIT, alone or anywhere in a log
 * or a report. Several dumps in one text come back in their order; they begin where an id comes again.
 *
 * A text that stops short is read as far as it goes and says so (`cut`); damaged lines within goroutines are counted
 * (`unreadable`).
 *
 * @throws FormatError when there is no goroutine in the text
 * @example
 * import { openFile, readGoroutines } from 'stanch';
 *
 * const [dump] = await readGoroutines(openFile('A.txt'));
 * process.stdout.write(`${dump.count} goroutines in ${dump.stackCount} stacks\n`);
 */
export async function readGoroutines(source: ByteSource, options: LongCall = {}): Promise<GoroutineDump[]> {
  const scanner = new GoroutineScanner(source.name);
  let buffer = new Uint8Array(1 << 17);
  let kept = 0;
  let offset = 0;
  let breathed = 0;
  let skipping = false;
  for await (const chunk of source.chunks()) {
    if (kept + chunk.length > buffer.length) {
      const grown = new Uint8Array((kept + chunk.length) * 2);
      grown.set(buffer.subarray(0, kept));
      buffer = grown;
    }
    buffer.set(chunk, kept);
    const end = kept + chunk.length;
    const filled = buffer.subarray(0, end);
    let at = 0;
    for (let stop = nextLineEnd(filled, kept); stop < end; stop = nextLineEnd(filled, at)) {
      if (!skipping) scanner.line(buffer, at, stop, offset + at);
      skipping = false;
      at = stop + 1;
    }
    buffer.copyWithin(0, at, end);
    kept = end - at;
    offset += at;
    if (kept > MAX_LINE_BYTES) {
      skipping = true;
      offset += kept;
      kept = 0;
    }
    if (offset - breathed >= BREATHE_EVERY_BYTES) {
      breathed = offset;
      options.onProgress?.('read', offset, source.sizeBytes ?? 0);
      await breathe(options.signal);
    }
  }
  const totalBytes = offset + kept;
  if (kept > 0 && !skipping) scanner.line(buffer, 0, kept, offset);
  scanner.end(totalBytes, kept > 0, totalBytes === RUNTIME_LIMIT_BYTES);
  const dumps = scanner.dumps.filter(({ count, cut }) => count > 0 || cut !== null);
  if (!dumps.some(({ count }) => count > 0)) {
    throw new FormatError({
      file: source.name,
      offset: dumps[0]?.cut?.offset ?? 0,
      expected: "a goroutine, as 'goroutine 1 [running]:' and its frames",
      found: totalBytes === 0 ? 'an empty text' : `none in ${totalBytes} bytes`,
      hint: 'take one with curl http://HOST/debug/pprof/goroutine?debug=2',
      truncated: dumps.length > 0,
    });
  }
  return dumps;
}

function nextLineEnd(bytes: Uint8Array, from: number): number {
  const found = bytes.indexOf(10, from);
  return found < 0 ? bytes.length : found;
}
