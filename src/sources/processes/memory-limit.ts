import { dirname } from 'node:path';
import { cgroupOf, sampleCgroup } from '../procfs/memory-sample.ts';
import { procText } from './proc-text.ts';

/** What a process and its neighbours may use, and what of it is left. All in bytes. */
export interface MemoryRoom {
  /** The limit that will be met first; null without one. */
  readonly limitBytes: number | null;
  /** Working set under that limit, of all processes that share it. */
  readonly usedBytes: number | null;
  /** Folder of the cgroup that has the limit. */
  readonly cgroup: string | null;
  /** `MemAvailable` of the machine. */
  readonly machineFreeBytes: number | null;
  /** What is left before the kernel kills somebody: the less of the two. Null when nothing is known. */
  readonly headroomBytes: number | null;
}

/**
 * The limit counts at every level of the cgroup tree: the one with the least left decides. The working set is taken, not the
 * usage: the kernel drops inactive file pages before it kills.
 */
export function memoryRoom(
  pid: number,
  proc: string = '/proc',
  mount: string = '/sys/fs/cgroup',
): MemoryRoom {
  const machine = /^MemAvailable:\s+(\d+) kB$/m.exec(procText(`${proc}/meminfo`) ?? '')?.[1];
  const machineFreeBytes = machine === undefined ? null : Number(machine) * 1024;
  let tightest: { limitBytes: number; usedBytes: number; cgroup: string } | null = null;
  let folder = cgroupOf(pid, proc, mount);
  while (folder?.startsWith(mount)) {
    const sample = sampleCgroup(folder);
    const limitBytes = sample?.['container_spec_memory_limit_bytes'];
    const usedBytes = sample?.['container_memory_working_set_bytes'];
    if (limitBytes !== undefined && usedBytes !== undefined) {
      if (!tightest || limitBytes - usedBytes < tightest.limitBytes - tightest.usedBytes) {
        tightest = { limitBytes, usedBytes, cgroup: folder };
      }
    }
    if (folder === mount) break;
    folder = dirname(folder);
  }
  const rooms = [machineFreeBytes, tightest && Math.max(0, tightest.limitBytes - tightest.usedBytes)];
  const known = rooms.filter((room) => room !== null);
  return {
    limitBytes: tightest?.limitBytes ?? null,
    usedBytes: tightest?.usedBytes ?? null,
    cgroup: tightest?.cgroup ?? null,
    machineFreeBytes,
    headroomBytes: known.length === 0 ? null : Math.min(...known),
  };
}
