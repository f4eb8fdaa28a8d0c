import { createHash } from 'node:crypto';
import { constants, createReadStream, type Stats } from 'node:fs';
import { chmod, copyFile, link, open, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT, StanchError } from '../base/errors.ts';
import { syncFolder } from '../capture/sync-folder.ts';
import { diskError, FILE_MODE, makeFolder, temporaryBeside } from './durable-file.ts';

/** A full disk would harm the service that is being looked at. */
const KEEP_FREE_BYTES = 256 << 20;

/** Where the bytes of a hash lie, below the case folder. */
export function blobPath(sha256: string): string {
  return `evidence/${sha256.slice(0, 2)}/${sha256}`;
}

/**
 * Takes a file's bytes into the case, under their hash. They are copied (or cloned, where the disk can): the original may go on changing. With
 * `hardLink` the file gets a second name instead, which costs no room; what is done to it afterwards is then done to the evidence, and shows.
 *
 * @throws StanchError `disk-full` before anything is written, `evidence-changing` when the file is still being written
 */
export async function storeFile(
  folder: string,
  path: string,
  { hardLink = false }: { hardLink?: boolean } = {},
): Promise<{ sha256: string; bytes: number; modifiedMs: number }> {
  const before = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const root = join(folder, 'evidence');
  await makeFolder(root);
  if (!hardLink) await assertRoom(root, before.size, path);
  const part = temporaryBeside(join(root, 'x'));
  try {
    if (hardLink) await linkTo(path, part);
    else await copy(path, part, before);
    const sha256 = await hashFile(part);
    const after = await stat(path);
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) throw changing(path);
    const blob = join(folder, blobPath(sha256));
    await makeFolder(dirname(blob));
    // What is there under this hash already stays, unless it is damaged: then this is its cure.
    if (!(await isWhole(blob, sha256, before.size))) {
      await rename(part, blob);
      await syncFolder(dirname(blob));
    }
    return { sha256, bytes: before.size, modifiedMs: before.mtimeMs };
  } catch (error) {
    throw diskError(error, path);
  } finally {
    await rm(part, { force: true });
  }
}

/** SHA-256 of a file, in hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function isWhole(blob: string, sha256: string, bytes: number): Promise<boolean> {
  const there = await stat(blob).catch(() => null);
  return there !== null && there.size === bytes && (await hashFile(blob)) === sha256;
}

async function copy(path: string, part: string, { atime, mtime }: Stats): Promise<void> {
  // Made by us first, so that the copy is never readable by others.
  await (await open(part, 'wx', FILE_MODE)).close();
  await copyFile(path, part, constants.COPYFILE_FICLONE);
  await chmod(part, FILE_MODE);
  await utimes(part, atime, mtime);
  const handle = await open(part, 'r+');
  await handle.sync().finally(() => handle.close());
}

async function linkTo(path: string, part: string): Promise<void> {
  try {
    await link(path, part);
  } catch (error) {
    throw new StanchError(`${path}: no hard link can be made to it`, {
      code: 'no-hard-link',
      hint: 'it must lie on the disk of the case and be yours; without --link it is copied',
      cause: error,
    });
  }
  await chmod(part, FILE_MODE);
}

async function assertRoom(root: string, bytes: number, path: string): Promise<void> {
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize >= bytes + KEEP_FREE_BYTES) return;
  throw new StanchError(
    `${path}: no room for its ${bytes} bytes: ${bavail * bsize} are free, and ${KEEP_FREE_BYTES} are kept free`,
    {
      code: 'disk-full',
      exitCode: EXIT.unreadable,
      hint: 'make room, pack the file with gzip or zstd first, or take it in with --link',
    },
  );
}

function changing(path: string): StanchError {
  return new StanchError(`${path}: it is still being written`, {
    code: 'evidence-changing',
    exitCode: EXIT.unreadable,
    hint: 'wait until the dump is complete, and add it again',
  });
}

function unreadable(path: string, cause: unknown): StanchError {
  const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  return new StanchError(`${path}: ${missing ? 'no such file' : (cause as Error).message}`, {
    code: 'file-unreadable',
    exitCode: EXIT.unreadable,
    cause,
  });
}
