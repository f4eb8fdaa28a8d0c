import { CaptureError } from '../capture-error.ts';
import type { GdbObstacle } from '../probes/gdb-call.ts';
import type { Check } from './pre-flight.ts';

/** Measured under load: gdb holds a process for 60 to 220 ms, the others do not stop it. */
const GDB_PAUSE_MS = 250;

/** What bringing code into a process that was not prepared means: the user is always asked. */
export function guestAccess(way: string, insteadOf?: string): Check {
  const says: Record<string, string> = {
    gdb: 'there is no agent in it. gdb would stop it for a moment and register one call, which the interpreter makes when it may; then it is detached',
    'remote debugging':
      'there is no agent in it. Its interpreter would be asked, as sys.remote_exec does it, to load one between two instructions; no signal, no debugger',
    rbtrace: 'there is no agent in it, but rbtrace is: it would be asked, by SIGURG, to load one',
  };
  return {
    name: 'access',
    state: 'ask',
    says: `${says[way] ?? way}${insteadOf === undefined ? '' : ` (${insteadOf})`}`,
    hint: 'with the agent in the service nothing has to be brought in: docs/agents',
  };
}

/** Stopped by gdb, then the agent read and compiled by the interpreter itself. */
export function guestPauseMs(way: string, forkMs: number, compileMs: number): number {
  return (way === 'gdb' ? GDB_PAUSE_MS : 0) + compileMs + forkMs;
}

/** @throws CaptureError that names the agent as the way out */
export function refuseGuest(pid: number, { reason, hint }: GdbObstacle, agent: string): never {
  throw new CaptureError(`process ${pid}`, 'find', `there is no Stanch agent in it, and ${reason}`, {
    hint: `${agent}; or: ${hint}`,
  });
}
