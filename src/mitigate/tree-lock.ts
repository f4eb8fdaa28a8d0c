import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { procText } from '../sources/processes/proc-text.ts';

interface Holder {
  readonly pid: number;
  readonly startTicks: string;
}

/** Who acts on a service at this moment; null when nobody does, as far as this machine tells. */
export function heldBy(tree: string): number | null {
  const holder = holderOf(pathOf(tree));
  return holder !== null && isAlive(holder) ? holder.pid : null;
}

/**
 * Takes the lock of a service, whatever case is used. The lock of a process that was killed does not count.
 *
 * @returns gives it back; null when somebody else has it
 */
export function lockTree(tree: string): (() => void) | null {
  const path = pathOf(tree);
  for (let tries = 0; tries < 2; tries++) {
    try {
      writeFileSync(path, `${process.pid} ${startTicksOf(process.pid) ?? ''}\n`, { flag: 'wx', mode: 0o644 });
      return () => rmSync(path, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
    const holder = holderOf(path);
    if (holder !== null && isAlive(holder)) return null;
    try {
      rmSync(path, { force: true });
    } catch {
      return null;
    }
  }
  return null;
}

function pathOf(tree: string): string {
  return join(tmpdir(), `stanch-mitigate-${tree.replace(/[^\w-]+/g, '_').slice(0, 100)}.lock`);
}

function holderOf(path: string): Holder | null {
  try {
    const [pid, startTicks = ''] = readFileSync(path, 'utf8').trim().split(' ');
    return Number(pid) > 0 ? { pid: Number(pid), startTicks } : null;
  } catch {
    return null;
  }
}

function isAlive({ pid, startTicks }: Holder): boolean {
  return startTicksOf(pid) === startTicks;
}

function startTicksOf(pid: number): string | null {
  const stat = procText(`/proc/${pid}/stat`);
  return stat === null ? null : (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null);
}
