import { closeSync, createReadStream, openSync, readSync, type Stats, statSync } from 'node:fs';
import type { ByteSource } from '../base/byte-source.ts';
import { EXIT, StanchError } from '../base/errors.ts';
import { detectPacking, unpack } from '../base/unpack.ts';
import { gunzip } from './gunzip.ts';
import { startThread } from './second-thread.ts';
import { streamingSource } from './stream.ts';

const CHUNK_BYTES = 1 << 22;

/** A source that nobody closes is closed when nothing can read from it any more. */
const abandoned = new FinalizationRegistry<OpenDescriptor>((descriptor) => descriptor.close());

/**
 * Opens a file as a byte source; gz and zst files come unpacked, whatever their name. Pipes (`<(curl …)`) work too, but
 * can be read only once.
 *
 * @throws StanchError `file-unreadable` (exit code 3)
 * @example
 * import { openFile, readHeapSnapshot } from 'stanch';
 *
 * const source = openFile('A.heapsnapshot');
 * const graph = await readHeapSnapshot(source);
 * process.stdout.write(`${graph.nodeCount} objects in ${source.sizeBytes} bytes\n`);
 * source.close?.();
 */
export function openFile(path: string): ByteSource {
  const stat = statOf(path);
  if (stat.isFIFO()) return streamingSource(createReadStream(path), path);
  if (!stat.isFile()) throw unreadable(path, 'not a file');
  const descriptor = new OpenDescriptor(path);
  const sizeBytes = stat.size;
  const readAt = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, sizeBytes - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const count = descriptor.read(bytes, filled, bytes.length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled === bytes.length ? bytes : bytes.subarray(0, filled);
  };
  async function* chunksFrom(start: number): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(1, sizeBytes)));
    for (let offset = start; offset < sizeBytes; ) {
      const count = descriptor.read(buffer, 0, buffer.length, offset);
      if (count === 0) return;
      offset += count;
      yield buffer.subarray(0, count);
    }
  }
  const source: ByteSource = {
    name: path,
    sizeBytes,
    readAt,
    chunks: () => chunksFrom(0),
    chunksFrom,
    startAside: (task) => startThread({ path, task }),
    close: () => descriptor.close(),
  };
  abandoned.register(readAt, descriptor);
  return unpack(source, detectPacking(readAt(0, 4)), gunzip);
}

class OpenDescriptor {
  private descriptor: number | null;

  constructor(private readonly path: string) {
    try {
      this.descriptor = openSync(path, 'r');
    } catch (cause) {
      throw unreadable(path, reasonOf(cause), cause);
    }
  }

  read(into: Uint8Array, at: number, length: number, offset: number): number {
    if (this.descriptor === null) throw unreadable(this.path, 'closed already');
    try {
      return readSync(this.descriptor, into, at, length, offset);
    } catch (cause) {
      throw unreadable(this.path, reasonOf(cause), cause);
    }
  }

  close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
  }
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    throw unreadable(path, reasonOf(cause), cause);
  }
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'no such file',
    EACCES: 'you may not read it',
    EISDIR: 'a folder, not a file',
    EIO: 'the disk cannot read it',
  };
  return (code && reasons[code]) ?? message;
}

function unreadable(path: string, reason: string, cause?: unknown): StanchError {
  return new StanchError(`${path}: ${reason}`, {
    code: 'file-unreadable',
    exitCode: EXIT.unreadable,
    hint: 'check the path, and that you may read the file',
    cause,
  });
}
