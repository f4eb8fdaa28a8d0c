import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One look at a process or a cgroup: names of metrics and their values, bytes and counts. Missing is what cannot be read. */
export type MemorySample = Readonly<Record<string, number>>;

/** A look at a process through /proc. Costs one read of `smaps_rollup`, which the kernel walks the address space for. */
export function sampleProcess(pid: number, proc: string = '/proc'): MemorySample | null {
  const folder = join(proc, String(pid));
  const status = textOf(join(folder, 'status'));
  if (status === null) return null;
  const rollup = kilobytes(textOf(join(folder, 'smaps_rollup')) ?? '');
  const plain = kilobytes(status);
  const start = startSeconds(textOf(join(folder, 'stat')) ?? '', textOf(join(proc, 'stat')) ?? '');
  return present({
    process_resident_memory_bytes: plain['VmRSS'],
    process_anonymous_memory_bytes: plain['RssAnon'],
    process_file_memory_bytes: plain['RssFile'],
    process_shared_memory_bytes: plain['RssShmem'],
    process_swap_bytes: plain['VmSwap'],
    process_virtual_memory_bytes: plain['VmSize'],
    process_pss_bytes: rollup['Pss'],
    process_private_bytes: sum(rollup['Private_Clean'], rollup['Private_Dirty']),
    process_threads: Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN),
    process_open_fds: countOf(join(folder, 'fd')),
    process_start_time_seconds: start,
  });
}

/**
 * A look at a memory cgroup, version 1 or 2. The working set is usage less `inactive_file`, as the kubelet and `docker stats`
 * have it, never below zero.
 *
 * @param folder of the cgroup, as `/sys/fs/cgroup/system.slice/x.service`
 */
export function sampleCgroup(folder: string): MemorySample | null {
  const stat = pairs(textOf(join(folder, 'memory.stat')) ?? '');
  const current = numberIn(folder, 'memory.current');
  if (current !== undefined) {
    const events = pairs(textOf(join(folder, 'memory.events')) ?? '');
    return present({
      container_memory_usage_bytes: current,
      container_memory_working_set_bytes: Math.max(0, current - (stat['inactive_file'] ?? 0)),
      container_memory_rss: stat['anon'],
      container_memory_cache: stat['file'],
      container_memory_sock: stat['sock'],
      container_memory_slab: stat['slab'],
      container_memory_swap: numberIn(folder, 'memory.swap.current'),
      container_spec_memory_limit_bytes: numberIn(folder, 'memory.max'),
      container_memory_high_bytes: numberIn(folder, 'memory.high'),
      container_oom_events_total: events['oom_kill'],
    });
  }
  const usage = numberIn(folder, 'memory.usage_in_bytes');
  if (usage === undefined) return null;
  const inactive = stat['total_inactive_file'] ?? stat['inactive_file'] ?? 0;
  const limit = numberIn(folder, 'memory.limit_in_bytes');
  return present({
    container_memory_usage_bytes: usage,
    container_memory_working_set_bytes: Math.max(0, usage - inactive),
    container_memory_rss: stat['total_rss'] ?? stat['rss'],
    container_memory_cache: stat['total_cache'] ?? stat['cache'],
    // Version 1 writes "no limit" as the largest number of pages.
    container_spec_memory_limit_bytes: limit !== undefined && limit < 2 ** 62 ? limit : undefined,
    container_memory_failcnt: numberIn(folder, 'memory.failcnt'),
    container_oom_events_total: pairs(textOf(join(folder, 'memory.oom_control')) ?? '')['oom_kill'],
  });
}

/** The folder of a process's memory cgroup; null where there is none. */
export function cgroupOf(
  pid: number,
  proc: string = '/proc',
  mount: string = '/sys/fs/cgroup',
): string | null {
  const text = textOf(join(proc, String(pid), 'cgroup')) ?? '';
  const v1 = /^\d+:[^:]*\bmemory\b[^:]*:(.*)$/m.exec(text)?.[1];
  const v2 = /^0::(.*)$/m.exec(text)?.[1];
  const candidates = [
    ...(v1 === undefined ? [] : [join(mount, 'memory', v1), join(mount, 'memory')]),
    ...(v2 === undefined ? [] : [join(mount, v2), mount]),
  ];
  return candidates.find((folder) => sampleCgroup(folder) !== null) ?? null;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function countOf(folder: string): number | undefined {
  try {
    return readdirSync(folder).length;
  } catch {
    return undefined;
  }
}

function kilobytes(text: string): Record<string, number> {
  return Object.fromEntries(
    [...text.matchAll(/^(\w+):\s+(\d+) kB$/gm)].map(([, name, value]) => [name!, Number(value) * 1024]),
  );
}

function pairs(text: string): Record<string, number> {
  return Object.fromEntries(
    [...text.matchAll(/^(\w+) (\d+)$/gm)].map(([, name, value]) => [name!, Number(value)]),
  );
}

function numberIn(folder: string, file: string): number | undefined {
  const text = textOf(join(folder, file))?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Clock ticks of `starttime` (field 22) are hundredths of a second on every Linux that Node runs on. */
function startSeconds(stat: string, system: string): number | undefined {
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  const boot = Number(/^btime (\d+)$/m.exec(system)?.[1] ?? Number.NaN);
  const start = boot + ticks / 100;
  return Number.isFinite(start) ? start : undefined;
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function present(sample: Record<string, number | undefined>): MemorySample {
  return Object.fromEntries(
    Object.entries(sample).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
}
