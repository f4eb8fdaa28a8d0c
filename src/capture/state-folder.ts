import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder of this user (0700) for what one run must tell the next: locks, times of captures, what was opened. Null where there is none that
 * can be trusted: in a folder for all, somebody else could have made it first.
 */
export function stateFolder(): string | null {
  const folder = places()[0]!;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    return null;
  }
  return isPrivate(folder) ? folder : null;
}

/** All that there are: another session of the same user (cron, sudo) may know another place. */
export function stateFolders(): string[] {
  return [...new Set(places())].filter(isPrivate);
}

function places(): string[] {
  const uid = process.getuid?.() ?? 0;
  const told = process.env['XDG_RUNTIME_DIR'];
  return [...(told ? [told] : []), tmpdir(), `/run/user/${uid}`, '/tmp'].map((each) =>
    join(each, `stanch-state-${uid}`),
  );
}

function isPrivate(folder: string): boolean {
  try {
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === (process.getuid?.() ?? 0) && (found.mode & 0o022) === 0;
  } catch {
    return false;
  }
}
