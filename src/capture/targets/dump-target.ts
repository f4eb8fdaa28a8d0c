import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import type { PreFlight } from './pre-flight.ts';

/** The pre-flight of a process of this machine that gives object graphs only: Ruby and Python, by whatever way. */
export function dumpPreFlight(
  { pid, runtime, role }: ProcessFacts,
  cost: Pick<PreFlight, 'checks' | 'extraMemoryBytes' | 'pauseMs' | 'diskBytes'>,
): PreFlight {
  return { target: `process ${pid}`, runtime: runtime!, role, pid, kinds: ['heap'], ...cost };
}
