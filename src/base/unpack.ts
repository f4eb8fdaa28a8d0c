import { Decompress } from 'fzstd';
import { type ByteSource, readStream } from './byte-source.ts';
import { FormatError, StanchError } from './errors.ts';
import { ZstdBlocks, ZstdError } from './zstd-blocks.ts';

export type Packing = 'gzip' | 'zstd' | null;

/** Turns the bytes of a gzip file to what it holds. Chunks are valid only until the next one is asked for. */
export type Gunzip = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** Tells the packing of a file from its first bytes (RFC 1952 and RFC 8878 magic numbers). */
export function detectPacking(head: Uint8Array): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  return null;
}

/**
 * Wraps a packed source so that it yields the unpacked bytes; a plain source comes back as it is. What was unpacked of
 * a cut or damaged file is yielded before the error.
 *
 * @param gunzip a better one than the web's, which takes files of several members for damaged
 */
export function unpack(source: ByteSource, packing: Packing, gunzip: Gunzip = gunzipByStream): ByteSource {
  if (packing === null) return source;
  const chunks = packing === 'gzip' ? () => gunzipped(source, gunzip) : () => unzstd(source);
  return {
    name: source.name,
    sizeBytes: null,
    chunks,
    ...(source.close ? { close: () => source.close?.() } : {}),
  };
}

async function* gunzipped(source: ByteSource, gunzip: Gunzip): AsyncGenerator<Uint8Array> {
  let readBytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source.chunks()) {
      readBytes += chunk.length;
      yield chunk;
    }
  }
  try {
    yield* gunzip(counted());
  } catch (cause) {
    if (cause instanceof StanchError) throw cause;
    throw isCut(cause) ? cut(source, readBytes, 'gzip', cause) : damaged(source, readBytes, 'gzip', cause);
  }
}

/** Zlib's "I want more input", as Node reports it in the error or in its cause. */
function isCut(cause: unknown): boolean {
  const { code, cause: inner } = cause as { code?: string; cause?: { code?: string } };
  return code === 'Z_BUF_ERROR' || inner?.code === 'Z_BUF_ERROR';
}

/**
 * By hand rather than with `pipeThrough`: in Node before 24 that takes in the whole source before the first byte
 * comes out, and goes on when nobody wants more.
 */
async function* gunzipByStream(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new DecompressionStream('gzip');
  const writer = writable.getWriter();
  let wanted = true;
  const pump = async (): Promise<void> => {
    for await (const chunk of chunks) {
      await writer.write(new Uint8Array(chunk));
      if (!wanted) return;
    }
    await writer.close();
  };
  let failure: unknown;
  const pumped = pump().catch(async (error: unknown) => {
    failure = error;
    await writer.abort(error).catch(() => undefined);
  });
  try {
    yield* readStream(readable);
  } catch (error) {
    throw failure ?? error;
  } finally {
    wanted = false;
    await writer.abort().catch(() => undefined);
    await pumped;
  }
}

async function* unzstd(source: ByteSource): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  let decompress = new Decompress(() => undefined);
  // The decompressor believes what a frame says of its size, and loses its way when small chunks cut headers.
  const blocks = new ZstdBlocks((bytes, isFirst, isLast) => {
    if (isFirst) decompress = new Decompress((part) => ready.push(part));
    decompress.push(bytes, isLast);
  });
  let readBytes = 0;
  for await (const chunk of source.chunks()) {
    try {
      blocks.feed(chunk);
    } catch (cause) {
      yield* ready;
      throw damaged(source, readBytes, 'zstd', cause);
    }
    readBytes += chunk.length;
    yield* ready.splice(0);
  }
  if (!blocks.complete) throw cut(source, readBytes, 'zstd');
}

function cut(source: ByteSource, offset: number, packing: string, cause?: unknown): FormatError {
  return new FormatError({
    file: source.name,
    offset,
    expected: `more ${packing} data`,
    found: 'the end of the packed file',
    hint: `the file was cut while it was written or copied; \`${packing} -t\` tests it, and --partial uses what is there`,
    truncated: true,
    cause,
  });
}

function damaged(source: ByteSource, offset: number, packing: string, cause: unknown): FormatError {
  const isOurs = cause instanceof ZstdError;
  return new FormatError({
    file: source.name,
    offset,
    expected: `sound ${packing} data from here on (counted in the packed file)`,
    found: isOurs ? cause.message : 'damage',
    hint: `\`${packing} -t\` tests the file; unpack it by hand if that finds nothing`,
    cause,
  });
}
