import { statSync } from 'node:fs';
import { sampleProcess } from '../procfs/memory-sample.ts';
import { type AgentPresence, agentPresence } from './agent-presence.ts';
import { type ContainerPlace, containerPlace } from './container.ts';
import { type GoBuildInfo, goBuildInfo } from './go-build-info.ts';
import { socketInodes } from './listening-ports.ts';
import { type MemoryRoom, memoryRoom } from './memory-limit.ts';
import { procLink, procText } from './proc-text.ts';
import { type Recognised, recognise } from './recognise.ts';

/** One process of this machine. Sizes in bytes; null is what may not be read or does not exist. */
export interface ProcessFacts extends Recognised, ContainerPlace {
  readonly pid: number;
  readonly ppid: number;
  /** Its pid as itself sees it: another one within a container. */
  readonly pidInside: number;
  readonly uid: number;
  /** Clock ticks since boot at which it started: with the pid, this is one process and no later one. */
  readonly startTicks: number;
  readonly command: readonly string[];
  readonly executable: string | null;
  readonly goBuild: GoBuildInfo | null;
  readonly rssBytes: number;
  readonly peakRssBytes: number | null;
  /** Pages shared with others count in part: these add up over processes. */
  readonly pssBytes: number | null;
  /** What would be free if only this process ended (USS). */
  readonly privateBytes: number | null;
  readonly anonymousBytes: number | null;
  readonly swapBytes: number | null;
  readonly threads: number | null;
  readonly openFiles: number | null;
  readonly sockets: number | null;
  readonly ageSeconds: number | null;
  readonly room: MemoryRoom;
  readonly agent: AgentPresence | null;
}

/** Programs that were looked into already, by file system and number of the file, so that a hundred workers cost one look. */
export type BuildInfoCache = Map<string, GoBuildInfo | null>;

export interface ReadProcessOptions {
  readonly proc?: string;
  readonly cgroupMount?: string;
  readonly builds?: BuildInfoCache;
  readonly nowMs?: number;
}

/** Reads one process; null when it is gone, or a thread of the kernel. */
export function readProcess(pid: number, options: ReadProcessOptions = {}): ProcessFacts | null {
  const { proc = '/proc', cgroupMount, builds = new Map(), nowMs = Date.now() } = options;
  const folder = `${proc}/${pid}`;
  const status = procText(`${folder}/status`);
  const stat = procText(`${folder}/stat`);
  if (status === null || stat === null || !/^VmRSS:/m.test(status)) return null;
  const sample = sampleProcess(pid, proc);
  if (!sample) return null;
  const executable = procLink(`${folder}/exe`);
  const command = argumentsOf(procText(`${folder}/cmdline`) ?? '');
  const goBuild = executable === null ? null : buildOf(`${folder}/exe`, builds);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN);
  const pidInside = Number(/^NSpid:.*\s(\d+)$/m.exec(status)?.[1] ?? pid);
  const startTicks = Number(fields[19]);
  const start = sample['process_start_time_seconds'];
  return {
    pid,
    ppid: Number(fields[1]),
    pidInside,
    uid,
    startTicks,
    command,
    executable,
    goBuild,
    ...recognise({
      command,
      executable,
      name: /^Name:\s+(.*)$/m.exec(status)?.[1] ?? '',
      go: goBuild !== null,
    }),
    ...containerPlace(procText(`${folder}/cgroup`) ?? ''),
    rssBytes: sample['process_resident_memory_bytes'] ?? 0,
    peakRssBytes: kilobytes(status, 'VmHWM'),
    pssBytes: sample['process_pss_bytes'] ?? null,
    privateBytes: sample['process_private_bytes'] ?? null,
    anonymousBytes: sample['process_anonymous_memory_bytes'] ?? null,
    swapBytes: sample['process_swap_bytes'] ?? null,
    threads: sample['process_threads'] ?? null,
    openFiles: sample['process_open_fds'] ?? null,
    sockets: socketInodes(pid, proc)?.size ?? null,
    ageSeconds: start === undefined ? null : Math.max(0, Math.round(nowMs / 1000 - start)),
    room: memoryRoom(pid, proc, cgroupMount),
    agent: agentPresence(pid, { uid, pidInside, startTicks }, proc),
  };
}

/** Separated by NUL; a title that was written over them ends in many. */
function argumentsOf(text: string): string[] {
  const parts = text.split('\0');
  while (parts.length > 0 && parts.at(-1) === '') parts.pop();
  return parts;
}

/** Read through `/proc/<pid>/exe`: that also reaches programs within containers, and deleted ones. */
function buildOf(link: string, builds: BuildInfoCache): GoBuildInfo | null {
  const file = fileMark(link);
  const known = file === null ? undefined : builds.get(file);
  if (known !== undefined) return known;
  const found = goBuildInfo(link);
  if (file !== null) builds.set(file, found);
  return found;
}

/** Two containers have different programs at one path. */
function fileMark(link: string): string | null {
  try {
    const { dev, ino } = statSync(link);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

function kilobytes(status: string, name: string): number | null {
  const value = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return value === undefined ? null : Number(value) * 1024;
}
