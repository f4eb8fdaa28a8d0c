import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Tells one process from all others, also from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to its start, from /proc; null where there is none. */
  readonly startTicks: string | null;
  readonly boot: string | null;
  readonly host: string;
  /** The name space in which the pid counts: a container has its own. */
  readonly pidSpace: string | null;
}

/** What tells a process of this machine from a later one with its pid; the pid alone where /proc does not say. */
export function processKey(pid: number): string {
  const start = statOf(pid)?.startTicks;
  return start === undefined ? String(pid) : `${pid}-${start}`;
}

export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    startTicks: statOf(process.pid)?.startTicks ?? null,
    boot: textOf('/proc/sys/kernel/random/boot_id'),
    host: hostname(),
    pidSpace: pidSpace(),
  };
}

/** `unknown` for processes of other hosts and containers: nobody can see them from here. */
export function lifeOf(other: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  const own = ownIdentity();
  if (other.host !== own.host) return 'unknown';
  if (other.boot !== null && own.boot !== null && other.boot !== own.boot) return 'dead';
  if (other.pidSpace !== own.pidSpace) return 'unknown';
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  const stat = statOf(other.pid);
  if (stat === null || other.startTicks === null) return 'alive';
  // A process that was killed keeps its pid until its parent asks for it.
  return stat.startTicks !== other.startTicks || 'ZX'.includes(stat.state) ? 'dead' : 'alive';
}

/** proc(5): the name in brackets may hold anything; behind it come the state (field 3) and, as field 22, the start. */
function statOf(pid: number): { state: string; startTicks: string } | null {
  const text = textOf(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  return state && startTicks ? { state, startTicks } : null;
}

function pidSpace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
