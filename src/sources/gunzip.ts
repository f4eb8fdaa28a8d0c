import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const CHUNK_BYTES = 1 << 18;

/** Node's own gunzip: unlike the web's it takes files of several members (`cat a.gz b.gz`, bgzip) and padding. */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  // Errors come out of the loop below.
  pipeline(Readable.from(copies(chunks)), unpacked, () => undefined);
  yield* unpacked;
}

async function* copies(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield new Uint8Array(chunk);
}
