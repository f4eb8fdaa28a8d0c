import type { ByteSource } from './byte-source.ts';
import { FormatError } from './errors.ts';

/** Profiles are megabytes; what unpacks to more than this is no profile but a trap, or more than one array can hold. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * All bytes of a source in one array, for formats that are small beside memory.
 *
 * @throws FormatError when there are more than `maxBytes`
 */
export async function readAll(
  source: ByteSource,
  signal?: AbortSignal,
  maxBytes: number = MAX_BYTES,
): Promise<Uint8Array> {
  let all = new Uint8Array(Math.min(source.sizeBytes ?? 0, maxBytes) || 1 << 16);
  let filled = 0;
  for await (const chunk of source.chunks()) {
    signal?.throwIfAborted();
    const needed = filled + chunk.length;
    if (needed > maxBytes) {
      throw new FormatError({
        file: source.name,
        offset: maxBytes,
        expected: `at most ${maxBytes} bytes`,
        found: 'more',
      });
    }
    if (needed > all.length) {
      const grown = new Uint8Array(Math.min(maxBytes, Math.max(needed, all.length * 2)));
      grown.set(all.subarray(0, filled));
      all = grown;
    }
    all.set(chunk, filled);
    filled = needed;
  }
  return all.subarray(0, filled);
}
