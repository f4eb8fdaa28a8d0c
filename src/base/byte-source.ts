/**
 * Where bytes come from: a file, standard input, a browser `File`, a buffer. Readers see nothing else, so that
 * they run in a browser worker as they run in Node.
 */
export interface ByteSource {
  /** Name for messages: a path, `<stdin>`, a file name. */
  readonly name: string;
  /** Size of the bytes that `chunks` yields; null when it cannot be known (pipes, compressed input). */
  readonly sizeBytes: number | null;
  /** All bytes in order. A chunk is valid only until the next one is asked for. */
  chunks(): AsyncIterable<Uint8Array>;
  /** The bytes from an offset on, where the source has random access. */
  chunksFrom?(offset: number): AsyncIterable<Uint8Array>;
  /** Hands a part of the reading to a second thread that has the same bytes; null where none can be had. */
  startAside?(task: unknown): Aside | null;
  /** Random access, where the source has it. The result is shorter than `length` only at the end of the source. */
  readAt?(offset: number, length: number): Uint8Array;
  close?(): void;
}

/** A part of the reading on a second thread. */
export interface Aside {
  /** The next message; null when the thread has ended or failed. */
  next(): Promise<unknown>;
  stop(): void;
}

/**
 * A source over bytes that are in memory already.
 *
 * @example
 * import { readFileSync } from 'node:fs';
 * import { bytesSource, readHeapSnapshot } from 'stanch';
 *
 * const graph = await readHeapSnapshot(bytesSource(readFileSync('A.heapsnapshot'), 'A.heapsnapshot'));
 * process.stdout.write(`${graph.edgeCount} references\n`);
 */
export function bytesSource(
  bytes: Uint8Array,
  name: string = '<bytes>',
  chunkBytes: number = 1 << 20,
): ByteSource {
  return {
    name,
    sizeBytes: bytes.length,
    async *chunks() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
    readAt: (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/**
 * A source over a web stream, for example `file.stream()` of a browser `File` or a fetched body.
 *
 * @example
 * import { openAsBlob } from 'node:fs';
 * import { readHeapSnapshot, streamSource } from 'stanch';
 *
 * const file = await openAsBlob('A.heapsnapshot');
 * const graph = await readHeapSnapshot(streamSource(file.stream(), 'A.heapsnapshot'));
 * process.stdout.write(`${graph.nodeCount} objects\n`);
 */
export function streamSource(stream: ReadableStream<Uint8Array>, name: string = '<stream>'): ByteSource {
  return { name, sizeBytes: null, chunks: () => readStream(stream) };
}

export async function* readStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** The first `length` bytes of a source, fewer if it is shorter. Sources without random access are read from their start. */
export async function readHead(source: ByteSource, length: number): Promise<Uint8Array> {
  // `slice` of a Node Buffer would be no copy.
  if (source.readAt) return new Uint8Array(source.readAt(0, length));
  const head = new Uint8Array(length);
  let filled = 0;
  for await (const chunk of source.chunks()) {
    const part = chunk.subarray(0, length - filled);
    head.set(part, filled);
    filled += part.length;
    if (filled === length) break;
  }
  return head.subarray(0, filled);
}
