import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cgroupOf, sampleCgroup, sampleProcess } from './memory-sample.ts';
import { watchProcess } from './sampler.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-procfs-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function folder(name: string, files: Record<string, string>): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

test('this process is seen with its resident memory, start time and descriptors', () => {
  const sample = sampleProcess(process.pid)!;
  expect(sample['process_resident_memory_bytes']).toBeGreaterThan(10e6);
  expect(
    Math.abs(sample['process_start_time_seconds']! - (Date.now() / 1000 - process.uptime())),
  ).toBeLessThan(5);
  expect(sample['process_open_fds']).toBeGreaterThan(2);
  expect(sampleProcess(2 ** 30)).toBeNull();
});

test('a version 2 cgroup: the working set is current less inactive_file, "max" is no limit', () => {
  const path = folder('v2/pod', {
    'memory.current': '1000000\n',
    'memory.max': 'max\n',
    'memory.stat': 'anon 600000\nfile 400000\ninactive_file 300000\nslab 5\nsock 7\n',
    'memory.events': 'low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\n',
  });
  expect(sampleCgroup(path)).toEqual({
    container_memory_usage_bytes: 1_000_000,
    container_memory_working_set_bytes: 700_000,
    container_memory_rss: 600_000,
    container_memory_cache: 400_000,
    container_memory_sock: 7,
    container_memory_slab: 5,
    container_oom_events_total: 1,
  });
});

test('a version 1 cgroup: totals of the hierarchy, no negative working set, the largest number is no limit', () => {
  const path = folder('memory/pod', {
    'memory.usage_in_bytes': '1000\n',
    'memory.limit_in_bytes': '9223372036854771712\n',
    'memory.failcnt': '85\n',
    'memory.stat':
      'cache 1\nrss 2\ninactive_file 1\ntotal_cache 1200\ntotal_rss 600\ntotal_inactive_file 1500\n',
    'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
  });
  expect(sampleCgroup(path)).toEqual({
    container_memory_usage_bytes: 1000,
    container_memory_working_set_bytes: 0,
    container_memory_rss: 600,
    container_memory_cache: 1200,
    container_memory_failcnt: 85,
    container_oom_events_total: 1,
  });
});

test('the cgroup of a process is found in either hierarchy, or at the root of a container', () => {
  folder('proc/7', { cgroup: '4:memory:/pod\n0::/\n' });
  folder('proc/8', { cgroup: '0::/v2/pod\n' });
  folder('proc/9', { cgroup: '0::/nowhere\n' });
  expect(cgroupOf(7, join(root, 'proc'), root)).toBe(join(root, 'memory/pod'));
  expect(cgroupOf(8, join(root, 'proc'), root)).toBe(join(root, 'v2/pod'));
  expect(cgroupOf(9, join(root, 'proc'), root)).toBeNull();
});

test('watching gives one series a metric, and a process that is not there is an error', async () => {
  const { series } = await watchProcess(process.pid, { forMs: 1 });
  const rss = series.find(({ name }) => name === 'process_resident_memory_bytes')!;
  expect(rss.unit).toBe('bytes');
  expect(rss.values.length).toBeGreaterThan(0);
  await expect(watchProcess(2 ** 30, { forMs: 1 })).rejects.toMatchObject({ exitCode: 4 });
});
