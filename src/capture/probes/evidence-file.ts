import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { syncFolder } from '../sync-folder.ts';

/** A piece of evidence that was taken. */
export interface EvidenceFile {
  readonly file: string;
  /** `heap`, `profile`, `goroutines`, `names`. */
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
 * @returns bytes and SHA-256 in hexadecimal
 */
export async function writeEvidence(
  file: string,
  content: AsyncIterable<Uint8Array>,
): Promise<{ bytes: number; sha256: string }> {
  await refuseExisting(file);
  const part = `${file}.part`;
  await rm(part, { force: true });
  const handle = await open(part, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of content) {
      hash.update(chunk);
      bytes += chunk.length;
      await writeAll(handle, chunk);
    }
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
export async function takeOver(from: string, file: string): Promise<{ bytes: number; sha256: string }> {
  const written = await writeEvidence(file, createReadStream(from));
  await rm(from, { force: true });
  return written;
}

/** SHA-256 of a file, in hexadecimal. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
}
