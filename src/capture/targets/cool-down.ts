import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stateFolder } from '../state-folder.ts';
import type { Check } from './pre-flight.ts';

/** A service that stood still gets as long to answer what has queued up meanwhile, and then some. */
const COOLS_SECONDS = 60;
/** What was noted of processes says nothing any more. */
const FORGOTTEN_AFTER_MS = 86_400_000;

/**
 * Remembers when a process was captured the last time, for as long as it needs to recover. The agents of Ruby and Python keep their own
 * time; for the others it is kept in this user's runtime folder.
 *
 * @param identity what stays the same for one process and no other: `processIdentity`, or `addressIdentity`
 */
export class CoolDown {
  private readonly file: string | null;

  constructor(identity: string) {
    const folder = stateFolder();
    const name = createHash('sha256').update(identity).digest('hex').slice(0, 16);
    this.file = folder === null ? null : join(folder, `captured-${name}`);
  }

  /** Null when it has recovered. */
  check(nowMs: number = Date.now()): Check | null {
    const lastMs = this.lastMs();
    const leftSeconds = lastMs === null ? 0 : Math.ceil(COOLS_SECONDS - (nowMs - lastMs) / 1000);
    // A clock that was set back must not lock anybody out.
    if (leftSeconds <= 0 || leftSeconds > COOLS_SECONDS) return null;
    return {
      name: 'cool-down',
      state: 'ask',
      says: `its last capture ended ${COOLS_SECONDS - leftSeconds} s ago; it shall recover for ${COOLS_SECONDS} s`,
      hint: `wait ${leftSeconds} s`,
    };
  }

  /** A capture has ended, well or not. That it cannot be noted is no reason to lose the evidence. */
  note(nowMs: number = Date.now()): void {
    if (this.file === null) return;
    const part = `${this.file}.${process.pid}`;
    try {
      writeFileSync(part, String(nowMs), { mode: 0o600, flag: 'w' });
      renameSync(part, this.file);
      forget(dirname(this.file), nowMs - FORGOTTEN_AFTER_MS);
    } catch {
      // A full disk.
    }
  }

  private lastMs(): number | null {
    try {
      return this.file === null ? null : Number(readFileSync(this.file, 'utf8')) || null;
    } catch {
      return null;
    }
  }
}

function forget(folder: string, beforeMs: number): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (
      name.startsWith('captured-') &&
      (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? beforeMs) < beforeMs
    )
      rmSync(file, { force: true });
  }
}
