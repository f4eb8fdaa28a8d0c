import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Check } from './pre-flight.ts';

/** A service that stood still gets as long to answer what has queued up meanwhile, and then some. */
const COOLS_SECONDS = 60;

/**
 * Remembers when a process was captured the last time, for as long as it needs to recover. The agents of Ruby and Python keep their own
 * time; for the others it is kept in this user's runtime folder.
 *
 * @param identity what stays the same for one process and no other: pid and start, or an address
 */
export class CoolDown {
  private readonly file: string | null;

  constructor(identity: string) {
    const folder = runtimeFolder();
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

/** Nobody else can write there: in a folder for all, somebody could have made it first. */
function runtimeFolder(): string | null {
  const uid = process.getuid?.() ?? 0;
  const folder = join(process.env['XDG_RUNTIME_DIR'] ?? tmpdir(), `stanch-state-${uid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === uid && (found.mode & 0o022) === 0 ? folder : null;
  } catch {
    return null;
  }
}
