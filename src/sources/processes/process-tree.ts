import type { ProcessFacts } from './process-facts.ts';
import { isHelper } from './recognise.ts';

/** A service on this machine: a process and those of the same runtime that it started. */
export interface ProcessGroup {
  readonly root: ProcessFacts;
  /** All of it, the root too, by memory, most first. */
  readonly members: readonly ProcessFacts[];
  readonly rssBytes: number;
  /** Sum of what each one has as its part; shared pages count once. RSS where PSS may not be read. */
  readonly memoryBytes: number;
}

/** What a process weighs: PSS, which adds up over workers that share pages; RSS where it may not be read. Swap is memory too. */
export function weightBytes({ pssBytes, rssBytes, swapBytes }: ProcessFacts): number {
  return (pssBytes ?? rssBytes) + (swapBytes ?? 0);
}

/** Younger ones are still warming up: their memory by their age says nothing. */
const SETTLED_SECONDS = 600;

/**
 * The trend since the start, from one look: memory by age. A leak as old as the process is no faster than this; null for what has just
 * begun.
 */
export function mostBytesPerHour(process: ProcessFacts): number | null {
  const { ageSeconds } = process;
  return ageSeconds === null || ageSeconds < SETTLED_SECONDS
    ? null
    : Math.round((weightBytes(process) / ageSeconds) * 3600);
}

/**
 * Puts masters and workers together: a process belongs to its parent's group when both have the same known runtime and are in
 * the same container. Groups and members are in order of memory, most first.
 */
export function groupByTree(processes: readonly ProcessFacts[]): ProcessGroup[] {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const rootOf = (process: ProcessFacts): ProcessFacts => {
    let root = process;
    // A pid may be given again while the list is made; a ring of parents must not hang us.
    for (let steps = 0; steps < processes.length; steps++) {
      const parent = byPid.get(root.ppid);
      if (
        !parent ||
        parent.runtime === null ||
        parent.runtime !== root.runtime ||
        parent.containerId !== root.containerId
      )
        break;
      root = parent;
    }
    return root;
  };
  const groups = new Map<ProcessFacts, ProcessFacts[]>();
  for (const process of processes) {
    const root = rootOf(process);
    groups.set(root, [...(groups.get(root) ?? []), process]);
  }
  return [...groups]
    .map(([root, members]) => ({
      root,
      members: members.toSorted((a, b) => weightBytes(b) - weightBytes(a)),
      rssBytes: members.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
      memoryBytes: members.reduce((sum, process) => sum + weightBytes(process), 0),
    }))
    .sort((a, b) => b.memoryBytes - a.memoryBytes);
}

/** The worker of a master that has most memory: the one to look into. Null when it has none. */
export function heaviestWorker(
  master: ProcessFacts,
  processes: readonly ProcessFacts[],
): ProcessFacts | null {
  const workers = processes.filter(
    (process) =>
      process.ppid === master.pid &&
      process.runtime === master.runtime &&
      !process.master &&
      !isHelper(process),
  );
  return workers.sort((a, b) => weightBytes(b) - weightBytes(a))[0] ?? null;
}
