import { procLink } from '../processes/proc-text.ts';
import type { ProcessFacts } from '../processes/process-facts.ts';
import { listProcesses } from '../processes/process-list.ts';
import { weightBytes } from '../processes/process-tree.ts';
import { isHelper } from '../processes/recognise.ts';

/** The processes of a container of this machine, by its id, and the pid of its first one here where that is known. */
export function processesIn(hostPid: number | null, containerId: string): ProcessFacts[] {
  const space = hostPid === null ? null : procLink(`/proc/${hostPid}/ns/pid`);
  const own = procLink('/proc/self/ns/pid');
  return listProcesses().filter(
    (each) =>
      each.containerId === containerId ||
      each.pid === hostPid ||
      (space !== null && space !== own && procLink(`/proc/${each.pid}/ns/pid`) === space),
  );
}

/** The process of a container that is worth a look: its heaviest one of a known runtime that is no master. */
export function serviceIn(hostPid: number | null, containerId: string): ProcessFacts | null {
  const members = processesIn(hostPid, containerId);
  const heaviest = (some: readonly ProcessFacts[]): ProcessFacts | undefined =>
    some.toSorted((a, b) => weightBytes(b) - weightBytes(a))[0];
  return (
    heaviest(members.filter((each) => each.runtime !== null && !each.master && !isHelper(each))) ??
    heaviest(members.filter(({ runtime }) => runtime !== null)) ??
    members.find(({ pid }) => pid === hostPid) ??
    null
  );
}
