import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { StanchError } from '../base/errors.ts';
import { diskError, FILE_MODE, temporaryBeside } from './durable-file.ts';
import { lifeOf, ownIdentity, type ProcessIdentity } from './process-identity.ts';

interface Holder extends ProcessIdentity {
  /** Tells this holding from all others. */
  readonly nonce: string;
  readonly since: string;
}

/** What is read of a lock: a holder, or a file that says none (being written, or left by a crash of the machine). */
type Held = { readonly nonce: string; readonly holder: Holder | null; readonly ageMs: number };

const MAX_WAIT_MS = 30_000;
/** A lock is written at once; what says nothing for longer was never finished. */
const UNFINISHED_MS = 10_000;
const POLL_MS = 10;

/**
 * Runs `work` while no other process (and no other call of this one) holds the case. Locks of dead processes are broken.
 *
 * @throws StanchError `case-busy` when the holder does not let go
 */
export async function withLock<T>(
  folder: string,
  work: () => Promise<T>,
  maxWaitMs: number = MAX_WAIT_MS,
): Promise<T> {
  const path = join(folder, '.lock');
  const own: Holder = {
    ...ownIdentity(),
    nonce: randomBytes(8).toString('hex'),
    since: new Date().toISOString(),
  };
  await acquire(path, own, maxWaitMs);
  try {
    return await work();
  } finally {
    if ((await heldAt(path))?.nonce === own.nonce) await rm(path, { force: true });
  }
}

async function acquire(path: string, own: Holder, maxWaitMs: number): Promise<void> {
  const deadline = Date.now() + maxWaitMs;
  while (!(await createWith(path, own))) {
    const held = await heldAt(path);
    if (held === null) continue;
    if (isDead(held)) await breakLock(path, held.nonce, own);
    else if (Date.now() > deadline) throw busy(path, held);
    else await wait(POLL_MS * (0.5 + Math.random()));
  }
}

/**
 * Takes a dead holder's lock away. Between seeing that a lock is stale and removing it, another process may have removed it and taken
 * its own: so whoever removes lock N first holds the claim on N, looks again, and only then removes. A claim of a process that died on the
 * way is followed by the next one; of the living, one at a time holds the highest.
 */
async function breakLock(path: string, nonce: string, own: Holder): Promise<void> {
  for (let nth = 1; ; nth++) {
    const claim = claimPath(path, nonce, nth);
    if (!(await createWith(claim, own))) {
      const other = await heldAt(claim);
      if (other !== null && isDead(other)) continue;
      await wait(POLL_MS);
      return;
    }
    if ((await heldAt(path))?.nonce === nonce) await rm(path, { force: true });
    for (let at = 1; at <= nth; at++) await rm(claimPath(path, nonce, at), { force: true });
    return;
  }
}

function claimPath(path: string, nonce: string, nth: number): string {
  return `${path}-${nonce}-${nth}`;
}

/** True when the file is there now with our content, false when somebody else's was there. */
async function createWith(path: string, own: Holder): Promise<boolean> {
  const part = temporaryBeside(path);
  const text = JSON.stringify(own);
  try {
    const handle = await open(part, 'wx', FILE_MODE);
    await handle.writeFile(text).finally(() => handle.close());
    // A link is there with its content or not at all.
    await link(part, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw diskError(error, path);
    return createWithoutLinks(path, text);
  } finally {
    await unlink(part).catch(() => undefined);
  }
}

/** For disks without hard links. */
async function createWithoutLinks(path: string, text: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', FILE_MODE);
    await handle.writeFile(text).finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw diskError(error, path);
  }
}

async function heldAt(path: string): Promise<Held | null> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const ageMs = Date.now() - mtimeMs;
    const holder = holderOf(text);
    return { nonce: holder?.nonce ?? `unfinished-${Math.round(mtimeMs)}`, holder, ageMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function holderOf(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null;
    return typeof value?.pid === 'number' && typeof value.nonce === 'string' && /^\w+$/.test(value.nonce)
      ? (value as Holder)
      : null;
  } catch {
    return null;
  }
}

function isDead({ holder, ageMs }: Held): boolean {
  return holder === null ? ageMs > UNFINISHED_MS : lifeOf(holder) === 'dead';
}

function busy(path: string, { holder }: Held): StanchError {
  const who = holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new StanchError(`the case is in use by ${who}${holder ? ` since ${holder.since}` : ''}`, {
    code: 'case-busy',
    hint: `try again; if that process is no more (another host or container cannot be asked), remove ${path}`,
  });
}
