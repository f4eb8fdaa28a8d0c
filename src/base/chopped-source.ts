import type { ByteSource } from './byte-source.ts';

/**
 * A source for tests that cuts its bytes where it is told and spoils each chunk when the next one is asked for, as
 * a file's reused buffer does. It cannot be read at any place, and its size is unknown.
 *
 * @param nextBytes length of the next chunk, 1 or more
 */
export function choppedSource(
  bytes: Uint8Array,
  nextBytes: () => number,
  name: string = '<chopped>',
): ByteSource {
  return {
    name,
    sizeBytes: null,
    async *chunks() {
      for (let at = 0; at < bytes.length; ) {
        const chunk = new Uint8Array(bytes.subarray(at, at + nextBytes()));
        at += chunk.length;
        yield chunk;
        chunk.fill(0x39);
      }
    },
  };
}

/** The same pseudo-random numbers from 0 to 1 for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
