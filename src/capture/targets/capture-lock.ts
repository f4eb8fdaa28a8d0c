import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaptureError } from '../capture-error.ts';

/**
 * Two captures of one target at once would cost twice the memory, and one would close the other's inspector. The lock of a capture that
 * was killed does not count.
 *
 * @returns gives the lock back
 * @throws CaptureError when another capture of this target is running
 */
export function lockTarget(target: string): () => void {
  const name = createHash('sha256').update(target).digest('hex').slice(0, 16);
  const file = join(tmpdir(), `stanch-capture-${process.getuid?.() ?? 0}-${name}.lock`);
  for (let tries = 0; tries < 2; tries++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
    const owner = ownerOf(file);
    if (owner !== null && isAlive(owner)) {
      throw new CaptureError(target, 'find', `another capture of it is running (process ${owner})`, {
        hint: 'wait until it has ended',
      });
    }
    rmSync(file, { force: true });
  }
  throw new CaptureError(target, 'find', 'another capture of it has just begun', {
    hint: 'wait until it has ended',
  });
}

function ownerOf(file: string): number | null {
  try {
    return Number(readFileSync(file, 'utf8')) || null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
