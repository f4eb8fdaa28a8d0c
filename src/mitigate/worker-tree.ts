import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { EXIT, StanchError } from '../base/errors.ts';
import { procLink, procText } from '../sources/processes/proc-text.ts';
import { type ProcessFacts, readProcess } from '../sources/processes/process-facts.ts';
import { listProcesses } from '../sources/processes/process-list.ts';
import { weightBytes } from '../sources/processes/process-tree.ts';
import { type ServerKind, serverOf } from './servers.ts';

/** A process and the service that it belongs to. */
export interface WorkerTree {
  /** The process that was named. */
  readonly named: ProcessFacts;
  readonly server: ServerKind | null;
  /** Null for a process that nobody known watches over. */
  readonly master: ProcessFacts | null;
  /** Of the master, most memory first; the process itself where it is alone. */
  readonly workers: readonly ProcessFacts[];
  /** Tells this service on this host, in this life, from all others. */
  readonly key: string;
}

/**
 * Looks at a process and those around it.
 *
 * @throws StanchError `no-process` (exit code 4)
 */
export function lookAt(pid: number, processes: readonly ProcessFacts[] = listProcesses()): WorkerTree {
  const named = processes.find((process) => process.pid === pid);
  if (!named) {
    throw new StanchError(`process ${pid}: there is none with this pid`, {
      code: 'no-process',
      exitCode: EXIT.unreachable,
      hint: 'stanch top lists those that there are',
    });
  }
  const own = serverOf(named);
  const parent = processes.find((process) => process.pid === named.ppid);
  const parents = own === null && parent ? serverOf(parent) : null;
  if (own) return treeOf(named, own, named, processes);
  if (parents && parent && parents.isWorker(named)) return treeOf(named, parents, parent, processes);
  return { named, server: null, master: null, workers: [named], key: keyOf(named) };
}

/**
 * The workers of a master as they are now, most memory first. Only its children are looked into: this is asked again and again while a
 * worker is waited for, and the kernel walks the address space of whatever is looked into.
 */
export function workersOf(
  { server, master }: Pick<WorkerTree, 'server' | 'master'>,
  processes: readonly ProcessFacts[] = childrenOf(master?.pid ?? null),
): ProcessFacts[] {
  if (!server || !master) return [];
  return processes
    .filter(
      (process) =>
        process.ppid === master.pid &&
        process.role !== 'a dump being written' &&
        // What it starts to get something done (`git`, a shell) is no worker.
        process.runtime === master.runtime &&
        server.isWorker(process),
    )
    .sort((a, b) => weightBytes(b) - weightBytes(a) || a.startTicks - b.startTicks);
}

function childrenOf(pid: number | null): ProcessFacts[] {
  if (pid === null) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(statFields(Number(name))?.[1]) === pid)
    .map((name) => readProcess(Number(name)))
    .filter((process) => process !== null);
}

/** proc(5): what comes behind the name, which may hold anything: state, parent, …, as the 20th the start. */
function statFields(pid: number): string[] | null {
  const stat = procText(`/proc/${pid}/stat`);
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** True while the very process is there: not a later one with its pid, and not one that has ended and waits for its parent. */
export function isStillThere({ pid, startTicks }: Pick<ProcessFacts, 'pid' | 'startTicks'>): boolean {
  const fields = statFields(pid);
  return fields !== null && Number(fields[19]) === startTicks && !'ZX'.includes(fields[0]!);
}

/** The systemd unit that a process belongs to, which may start it again; null outside of one. */
export function systemdUnit(pid: number): string | null {
  return /\/([^/\n]+\.service)(?:\/|$)/m.exec(procText(`/proc/${pid}/cgroup`) ?? '')?.[1] ?? null;
}

function treeOf(
  named: ProcessFacts,
  server: ServerKind,
  master: ProcessFacts,
  processes: readonly ProcessFacts[],
): WorkerTree {
  return { named, server, master, workers: workersOf({ server, master }, processes), key: keyOf(master) };
}

function keyOf({ pid, startTicks }: ProcessFacts): string {
  const boot = procText('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  const space = procLink('/proc/self/ns/pid') ?? '';
  const whole = [hostname(), boot, space, pid, startTicks].join(' ');
  return createHash('sha256').update(whole).digest('hex').slice(0, 16);
}
