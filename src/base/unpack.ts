import { Decompress } from 'fzstd';
import { type ByteSource, readStream } from './byte-source.ts';
import { FormatError } from './errors.ts';

export type Packing = 'gzip' | 'zstd' | null;

/** Tells the packing of a file from its first bytes (RFC 1952 and RFC 8878 magic numbers). */
export function detectPacking(head: Uint8Array): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  return null;
}

/** Wraps a packed source so that it yields the unpacked bytes; a plain source comes back as it is. */
export function unpack(source: ByteSource, packing: Packing): ByteSource {
  if (packing === null) return source;
  const chunks = packing === 'gzip' ? () => gunzip(source) : () => unzstd(source);
  return {
    name: source.name,
    sizeBytes: null,
    chunks,
    ...(source.close ? { close: () => source.close?.() } : {}),
  };
}

async function* gunzip(source: ByteSource): AsyncGenerator<Uint8Array> {
  let readBytes = 0;
  const input = source.chunks()[Symbol.asyncIterator]();
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = await input.next();
      if (done) {
        controller.close();
        return;
      }
      readBytes += value.length;
      controller.enqueue(value.slice());
    },
    async cancel() {
      await input.return?.();
    },
  });
  try {
    yield* readStream(packed.pipeThrough(new DecompressionStream('gzip')));
  } catch (cause) {
    throw damaged(source, readBytes, 'gzip', cause);
  }
}

async function* unzstd(source: ByteSource): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  let readBytes = 0;
  let finished = false;
  const decompress = new Decompress((part, final) => {
    ready.push(part);
    finished ||= final === true;
  });
  try {
    // Holding one chunk back tells the last one, which the decompressor wants to know.
    let held: Uint8Array | null = null;
    for await (const chunk of source.chunks()) {
      if (held) decompress.push(held);
      readBytes += chunk.length;
      held = chunk.slice();
      const parts = ready;
      ready = [];
      yield* parts;
    }
    decompress.push(held ?? new Uint8Array(0), true);
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw damaged(source, readBytes, 'zstd', cause);
  }
  yield* ready;
  if (!finished) throw damaged(source, readBytes, 'zstd', undefined);
}

function damaged(source: ByteSource, offset: number, packing: string, cause: unknown): FormatError {
  return new FormatError({
    file: source.name,
    offset,
    expected: `more ${packing} data`,
    found: 'damaged or cut data',
    hint: `the file was probably cut while it was written or copied; test it with \`${packing} -t\``,
    truncated: true,
    cause,
  });
}
