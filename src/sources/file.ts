import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { ByteSource } from '../base/byte-source.ts';
import { detectPacking, unpack } from '../base/unpack.ts';
import { EXIT, StanchError } from '../base/errors.ts';

const CHUNK_BYTES = 1 << 22;

/**
 * Opens a file as a byte source; gz and zst files come unpacked, whatever their name.
 *
 * @throws StanchError `file-unreadable` (exit code 3)
 */
export function openFile(path: string): ByteSource {
  const { descriptor, sizeBytes } = open(path);
  let closed = false;
  const readAt = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, sizeBytes - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(descriptor, bytes, filled, bytes.length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled === bytes.length ? bytes : bytes.subarray(0, filled);
  };
  const source: ByteSource = {
    name: path,
    sizeBytes,
    readAt,
    async *chunks() {
      const buffer = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(1, sizeBytes)));
      for (let offset = 0; offset < sizeBytes; ) {
        const count = readSync(descriptor, buffer, 0, buffer.length, offset);
        if (count === 0) return;
        offset += count;
        yield buffer.subarray(0, count);
      }
    },
    close() {
      if (!closed) closeSync(descriptor);
      closed = true;
    },
  };
  return unpack(source, detectPacking(readAt(0, 4)));
}

function open(path: string): { descriptor: number; sizeBytes: number } {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) {
      throw new StanchError(`${path}: not a file`, { code: 'file-unreadable', exitCode: EXIT.unreadable });
    }
    return { descriptor: openSync(path, 'r'), sizeBytes: stat.size };
  } catch (cause) {
    if (cause instanceof StanchError) throw cause;
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (cause as Error).message;
    throw new StanchError(`${path}: ${reason}`, {
      code: 'file-unreadable',
      exitCode: EXIT.unreadable,
      hint: 'check the path, and that you may read the file',
      cause,
    });
  }
}

/** Standard input as a byte source, unpacked if need be. */
export async function openStdin(stream: AsyncIterable<Uint8Array>, name: string = '<stdin>'): Promise<ByteSource> {
  const iterator = stream[Symbol.asyncIterator]();
  const first = await iterator.next();
  const head: Uint8Array = first.done ? new Uint8Array(0) : first.value;
  let used = false;
  const source: ByteSource = {
    name,
    sizeBytes: null,
    async *chunks() {
      if (used) throw new StanchError(`${name} can be read only once`, { code: 'stdin-read-twice' });
      used = true;
      if (head.length > 0) yield head;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    },
  };
  return unpack(source, detectPacking(head));
}
