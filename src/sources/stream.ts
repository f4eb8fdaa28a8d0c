import type { ByteSource } from '../base/byte-source.ts';
import { EXIT, StanchError } from '../base/errors.ts';
import { detectPacking, unpack } from '../base/unpack.ts';
import { gunzip } from './gunzip.ts';

/** Packed or not is told by so many first bytes. */
const MAGIC_BYTES = 4;

/**
 * A stream (standard input, a pipe) as a byte source, unpacked if need be. It can be read only once.
 *
 * @throws StanchError `read-twice` from `chunks` when it is read again
 */
export function streamingSource(stream: AsyncIterable<Uint8Array>, name: string): ByteSource {
  let used = false;
  return {
    name,
    sizeBytes: null,
    async *chunks() {
      if (used) {
        throw new StanchError(`${name} can be read only once`, {
          code: 'read-twice',
          exitCode: EXIT.unreadable,
        });
      }
      used = true;
      const { head, all } = await headOf(stream, MAGIC_BYTES);
      yield* unpack({ name, sizeBytes: null, chunks: () => all }, detectPacking(head), gunzip).chunks();
    },
  };
}

/** The first bytes of a source that can be read only once, and the source as if nobody had looked. */
export async function peek(
  source: ByteSource,
  length: number,
): Promise<{ head: Uint8Array; source: ByteSource }> {
  const { head, all } = await headOf(source.chunks(), length);
  return { head, source: { ...source, chunks: () => all } };
}

async function headOf(
  stream: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const iterator = stream[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let count = 0;
  while (count < length) {
    const { done, value } = await iterator.next();
    if (done) break;
    // Chunks are valid only until the next one is asked for.
    held.push(value.slice());
    count += value.length;
  }
  const head = new Uint8Array(Math.min(count, length));
  let filled = 0;
  for (const chunk of held) {
    const part = chunk.subarray(0, head.length - filled);
    head.set(part, filled);
    filled += part.length;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield* held;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head, all: all() };
}
