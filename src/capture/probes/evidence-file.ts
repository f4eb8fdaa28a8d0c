import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { UsageError } from '../../base/errors.ts';
import { GZIP_LEVEL } from '../snapshot-file.ts';
import { syncFolder } from '../sync-folder.ts';

/** A piece of evidence that was taken. */
export interface EvidenceFile {
  readonly file: string;
  /** `heap`, `profile`, `census`, `goroutines`, `names`. */
  readonly kind: string;
  readonly bytes: number;
  readonly sha256: string;
  /** From asking for it to having it. */
  readonly elapsedMs: number;
}

/**
 * Writes what comes into a file that is there whole or not at all: `<file>.part`, 0600, made durable, then renamed. Never over a file
 * that is there already. The hash is made on the way.
 *
 * @param pack gzip it on the way; the name shall end in `.gz` then
 * @returns bytes and SHA-256 in hexadecimal, of what is stored
 */
export async function writeEvidence(
  file: string,
  content: AsyncIterable<Uint8Array>,
  { pack = false }: { pack?: boolean } = {},
): Promise<{ bytes: number; sha256: string }> {
  await refuseExisting(file);
  const part = `${file}.part`;
  await rm(part, { force: true });
  const handle = await open(part, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    const store = async (stream: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const chunk of stream) {
        hash.update(chunk);
        bytes += chunk.length;
        await writeAll(handle, chunk);
      }
    };
    if (pack) await pipeline(content, createGzip({ level: GZIP_LEVEL }), store);
    else await store(content);
    await handle.sync();
    await handle.close();
    await refuseExisting(file);
    await rename(part, file);
    await syncFolder(dirname(file));
    return { bytes, sha256: hash.digest('hex') };
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}

/**
 * Evidence is never altered: a name that is taken is an error.
 *
 * @throws UsageError
 */
export async function refuseExisting(file: string): Promise<void> {
  const there = await stat(file).catch(() => null);
  if (there)
    throw new UsageError(
      `${file} is there already, and evidence is never replaced`,
      'choose another folder with -o',
    );
}

/** Takes a dump that an agent wrote to where the evidence is kept, and away from where it was: there shall be one copy. */
export async function takeOver(
  from: string,
  file: string,
  options: { pack?: boolean } = {},
): Promise<{ bytes: number; sha256: string }> {
  const written = await writeEvidence(file, createReadStream(from), options);
  await rm(from, { force: true });
  return written;
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
}
