import { readdirSync, statSync } from 'node:fs';
import { procLink, procText } from '../sources/processes/proc-text.ts';
import type { ServerKind } from './servers.ts';

/** Whether a worker has booted: `unknown` where its server shows no sign of it. */
export type Booted = 'yes' | 'no' | 'unknown';

/**
 * Tells a worker that takes requests from one that still loads the application, by what its server shows: Puma names the thread that
 * accepts (`puma srv`), gunicorn's workers touch a file of theirs at each turn of their loop.
 */
export function booted(server: ServerKind, pid: number): Booted {
  if (server.id === 'puma') return threadNames(pid).some((name) => name === 'puma srv') ? 'yes' : 'no';
  if (server.id === 'gunicorn') return heartbeat(pid);
  return 'unknown';
}

function threadNames(pid: number): string[] {
  return namesIn(`/proc/${pid}/task`).map((task) => procText(`/proc/${pid}/task/${task}/comm`)?.trim() ?? '');
}

/** Up to 21 a heartbeat sets the mode of the file to 0 or 1, later ones its time of change to the monotonic clock. */
function heartbeat(pid: number): Booted {
  for (const name of namesIn(`/proc/${pid}/fd`)) {
    const path = `/proc/${pid}/fd/${name}`;
    if (!/\/wgunicorn-\S+ \(deleted\)$/.test(procLink(path) ?? '')) continue;
    try {
      const { mode, mtimeMs, ctimeMs } = statSync(path);
      // The monotonic clock begins when the machine does: as a date it lies in the seventies.
      return (mode & 0o777) <= 1 || mtimeMs < ctimeMs / 2 ? 'yes' : 'no';
    } catch {
      return 'no';
    }
  }
  return 'unknown';
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
