import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT, StanchError } from '../base/errors.ts';
import { syncFolder } from '../capture/sync-folder.ts';

/** Dumps hold secrets: only their owner reads what is in a case. */
export const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** A name that no other process uses, beside the file that it will become. Readers pass over names that begin with a dot. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.part-${process.pid}-${randomBytes(6).toString('hex')}`);
}

/** Puts a file there whole or not at all, and on the disk before it returns. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  await replaceDurably(path, async (handle) => handle.writeFile(content));
}

/** The same for content that is written piece by piece. */
export async function replaceDurably(
  path: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const part = temporaryBeside(path);
  try {
    const handle = await open(part, 'wx', FILE_MODE);
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw diskError(error, path);
  }
  await syncFolder(dirname(path));
}

/** Adds to the end of a file, and has it on the disk before it returns. */
export async function appendDurably(path: string, text: string): Promise<void> {
  try {
    const handle = await open(path, 'a', FILE_MODE);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw diskError(error, path);
  }
}

/** A folder with its parents, durable up to the first that was there. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: FOLDER_MODE }).catch((error: unknown) => {
    throw diskError(error, path);
  });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
}

/** What the disk refuses, in words; anything else as it is. */
export function diskError(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof StanchError || code === undefined) return error;
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'your share of the disk is used up',
    EACCES: 'you may not write there',
    EPERM: 'you may not write there',
    EROFS: 'the disk is read-only',
    EFBIG: 'larger than a file may be there',
  };
  return new StanchError(`${path}: ${reasons[code] ?? message}`, {
    code: code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'file-unwritable',
    exitCode: EXIT.unreadable,
    hint: 'what was there before is as it was; make room or choose another folder, and run it again',
    cause: error,
  });
}
