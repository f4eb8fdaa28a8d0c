import { createHash, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProcessMark, processMark } from '../../sources/processes/process-identity.ts';
import { CaptureError } from '../capture-error.ts';
import { stateFolder } from '../state-folder.ts';
import type { PreparedTarget } from './target.ts';

const TRIES = 5;

/**
 * Two captures of one process at once would cost twice the memory, and one would close the other's inspector. The lock of a capture that
 * was killed does not count.
 *
 * @param identity the same for one process and for no other, whatever the user has called it
 * @param target how errors name it
 * @returns gives the lock back
 * @throws CaptureError when another capture of it is running
 */
export function lockTarget(identity: string, target: string): () => void {
  const folder = stateFolder() ?? tmpdir();
  const name = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const file = join(folder, `stanch-capture-${process.getuid?.() ?? 0}-${name}.lock`);
  const own = JSON.stringify({ ...(processMark(process.pid) ?? { pid: process.pid }), nonce: randomUUID() });
  for (let tries = 0; tries < TRIES; tries++) {
    if (createWith(file, own)) return () => void (textOf(file) === own && rmSync(file, { force: true }));
    const held = textOf(file);
    const owner = held === null ? null : ownerIn(held);
    if (owner !== null && isAlive(owner)) {
      throw new CaptureError(
        target,
        'find',
        owner.pid === process.pid
          ? 'this run captures it already, under another name'
          : `another capture of it is running (process ${owner.pid})`,
        { hint: 'wait until it has ended' },
      );
    }
    if (held !== null) breakLock(file, held);
  }
  throw new CaptureError(target, 'find', 'another capture of it has just begun', {
    hint: 'wait until it has ended',
  });
}

/** Prepares a target under its lock, which is given back when it is closed, or when that fails. */
export async function whileLocked(
  identity: string,
  target: string,
  prepare: () => Promise<PreparedTarget>,
): Promise<PreparedTarget> {
  const unlock = lockTarget(identity, target);
  try {
    const prepared = await prepare();
    return {
      ...prepared,
      async close() {
        try {
          return await prepared.close();
        } finally {
          unlock();
        }
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** True when the file is there now with our content: a link is there whole or not at all. */
function createWith(file: string, text: string): boolean {
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, text, { mode: 0o600 });
  try {
    linkSync(part, file);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    return false;
  } finally {
    rmSync(part, { force: true });
  }
}

/** Takes the lock of a dead process away; where somebody else was faster and has taken his own, that is put back. */
function breakLock(file: string, stale: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
    if (textOf(aside) !== stale) linkSync(aside, file);
  } catch {
    // Somebody else has broken it, or taken it again.
  }
  rmSync(aside, { force: true });
}

function ownerIn(text: string): (Pick<ProcessMark, 'pid'> & Partial<ProcessMark>) | null {
  try {
    const owner = JSON.parse(text) as Partial<ProcessMark> | null;
    return typeof owner?.pid === 'number' ? { ...owner, pid: owner.pid } : null;
  } catch {
    return null;
  }
}

function isAlive({ pid, startTicks }: Pick<ProcessMark, 'pid'> & Partial<ProcessMark>): boolean {
  const mark = processMark(pid);
  if (mark !== null) return startTicks === undefined || mark.startTicks === startTicks;
  // Without /proc only the pid can be asked.
  if (process.platform === 'linux') return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
