import { heldStill } from '../../sources/processes/held-still.ts';
import { type ProcessMark, stillRuns } from '../../sources/processes/process-identity.ts';
import { CaptureError } from '../capture-error.ts';
import type { PreparedTarget } from './target.ts';

/** Why a process answers nothing, and what would help. */
export interface Standstill {
  readonly says: string;
  readonly hint: string;
}

/** Null while that very process runs. */
export function standstill(process: ProcessMark): Standstill | null {
  if (!stillRuns(process))
    return {
      says: 'it has ended meanwhile',
      hint: 'what was taken before is whole; stanch top shows what runs in its place',
    };
  const still = heldStill(process.pid);
  if (still === null) return null;
  return {
    says: `it is ${still}: it would answer nothing`,
    hint:
      still === 'frozen'
        ? 'its cgroup was frozen (docker pause, systemctl freeze): unfreeze it first'
        : 'by a signal (kill -CONT lets it go on) or by a debugger, which must let go of it first',
  };
}

/** The same as an error. */
export function standstillError({ pid }: ProcessMark, { says, hint }: Standstill): CaptureError {
  return new CaptureError(`process ${pid}`, 'find', says, { hint });
}

/**
 * A process may end, or be paused, while the user thinks the pre-flight over or a series waits: it is looked at again right before each capture. A
 * series ends there, with what was taken.
 */
export function whileItRuns(process: ProcessMark, prepared: PreparedTarget): PreparedTarget {
  return {
    ...prepared,
    async again() {
      const obstacle = standstill(process);
      return obstacle === null
        ? ((await prepared.again?.()) ?? null)
        : `process ${process.pid}: ${obstacle.says}`;
    },
    capture(moment) {
      const obstacle = standstill(process);
      return obstacle === null
        ? prepared.capture(moment)
        : Promise.reject(standstillError(process, obstacle));
    },
  };
}
