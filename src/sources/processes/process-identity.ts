import { procText } from './proc-text.ts';

/** One process of this machine and no later one with its pid. */
export interface ProcessMark {
  readonly pid: number;
  /** Clock ticks from boot to its start. */
  readonly startTicks: number;
}

/** The mark of a process as it is now; null when it is gone, or dead and not yet waited for. */
export function processMark(pid: number, proc: string = '/proc'): ProcessMark | null {
  const stat = procText(`${proc}/${pid}/stat`);
  if (stat === null) return null;
  // proc(5): the name in brackets may hold anything; behind it come the state (field 3) and, as field 22, the start.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTicks = Number(fields[19]);
  return 'ZX'.includes(fields[0]!) || !Number.isFinite(startTicks) ? null : { pid, startTicks };
}

/** True while that very process lives. */
export function stillRuns({ pid, startTicks }: ProcessMark, proc: string = '/proc'): boolean {
  return processMark(pid, proc)?.startTicks === startTicks;
}
