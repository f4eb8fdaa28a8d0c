import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { containerPlace } from './container.ts';
import { listenersOf, ownerOfSocket } from './listening-ports.ts';
import { memoryRoom } from './memory-limit.ts';
import { type BuildInfoCache, type ProcessFacts, readProcess } from './process-facts.ts';
import { listProcesses } from './process-list.ts';
import { groupByTree, heaviestWorker } from './process-tree.ts';
import { signalAction } from './signals.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-processes-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function folder(name: string, files: Record<string, string>): void {
  mkdirSync(join(root, name), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, name, file), text);
}

const onLinux = describe.runIf(process.platform === 'linux');

onLinux('processes of this machine', () => {
  test('this process is a Node.js process with memory, files and an age', () => {
    const self = readProcess(process.pid)!;
    expect(self).toMatchObject({
      pid: process.pid,
      ppid: process.ppid,
      runtime: 'node',
      uid: process.getuid!(),
    });
    expect(self.rssBytes).toBeGreaterThan(10e6);
    expect(self.pssBytes).toBeLessThanOrEqual(self.rssBytes * 1.1);
    expect(self.peakRssBytes).toBeGreaterThanOrEqual(self.rssBytes * 0.5);
    expect(self.room.headroomBytes).toBeGreaterThan(0);
    expect(readProcess(2 ** 30)).toBeNull();
  });

  test('two programs at one path, as two containers have them, are two; their workers cost one look each', () => {
    const proc = join(root, 'proc-programs');
    const builds: BuildInfoCache = new Map();
    const read = (pid: number, program: string): ProcessFacts | null => {
      folder(`proc-programs/${pid}`, {
        status: 'Name:\tserver\nVmRSS:\t1000 kB\n',
        stat: `${pid} (server) S 1 ${'0 '.repeat(48)}`,
      });
      // A link tells the path within the container, and leads to the file itself.
      linkSync(program, join(proc, String(pid), 'server'));
      symlinkSync('server', join(proc, String(pid), 'exe'));
      return readProcess(pid, { proc, builds });
    };
    const [one, other] = ['one', 'other'].map((name) => {
      writeFileSync(join(root, name), name);
      return join(root, name);
    }) as [string, string];
    expect([read(1, one)?.executable, read(2, other)?.executable]).toEqual(['server', 'server']);
    expect([...builds.values()]).toEqual([null, null]);
    const go = { version: 'go1.22.3', path: 'shop/server' };
    builds.set([...builds.keys()][1]!, go);
    expect([read(3, one)?.goBuild, read(4, other)?.goBuild]).toEqual([null, go]);
  });

  test('a child of the same runtime is in the group of its parent', async () => {
    const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)']);
    children.push(child);
    await once(child.stdout, 'data');
    const group = groupByTree(listProcesses()).find(({ members }) =>
      members.some(({ pid }) => pid === child.pid),
    )!;
    expect(group.members.map(({ pid }) => pid)).toContain(process.pid);
    const weights = group.members.map(({ pssBytes, swapBytes }) => (pssBytes ?? 0) + (swapBytes ?? 0));
    expect(weights).toEqual(weights.toSorted((a, b) => b - a));
  });

  test('its listening ports are found, and whose they are', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const listener = listenersOf(process.pid)!.find((each) => each.port === port)!;
    expect(listener.loopback).toBe(true);
    expect(ownerOfSocket(listener.inode)).toBe(process.pid);
    server.close();
  });
});

test('the limit that will be met first counts, at whatever level of the tree it stands', () => {
  const mount = join(root, 'cgroup');
  const stat = 'anon 1\nfile 1\ninactive_file 100\n';
  folder('proc/7', { cgroup: '0::/slice/pod\n' });
  folder('proc', { meminfo: 'MemTotal: 9000 kB\nMemAvailable: 8000 kB\n' });
  folder('cgroup/slice', { 'memory.current': '5100\n', 'memory.max': '6000\n', 'memory.stat': stat });
  folder('cgroup/slice/pod', { 'memory.current': '1100\n', 'memory.max': '4000\n', 'memory.stat': stat });
  expect(memoryRoom(7, join(root, 'proc'), mount)).toEqual({
    limitBytes: 6000,
    usedBytes: 5000,
    cgroup: join(mount, 'slice'),
    machineFreeBytes: 8_192_000,
    headroomBytes: 1000,
  });
});

test('a container is known by its cgroup, under each of the drivers', () => {
  const id = 'a1'.repeat(32);
  expect(containerPlace(`0::/docker/${id}\n`).containerId).toBe(id);
  expect(containerPlace(`0::/system.slice/docker-${id}.scope\n`).containerId).toBe(id);
  const pod = '1234abcd-12ab-34cd-56ef-1234567890ab';
  expect(
    containerPlace(
      `0::/kubepods.slice/kubepods-burstable-pod${pod.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope\n`,
    ),
  ).toEqual({ containerId: id, podUid: pod });
  expect(containerPlace('0::/user.slice/session-1.scope\n')).toEqual({ containerId: null, podUid: null });
});

test('what a process does with a signal is read from its masks', () => {
  const status = 'SigIgn:\t0000000000001000\nSigCgt:\t0000000000000200\n';
  expect([10, 13, 12].map((number) => signalAction(status, number))).toEqual([
    'handled',
    'ignored',
    'default',
  ]);
  expect(signalAction('', 10)).toBe('unknown');
});

test('the heaviest worker of a master is its child, no dump being written, and no master', () => {
  const process = (pid: number, ppid: number, rssBytes: number, role: string): ProcessFacts =>
    ({
      pid,
      ppid,
      rssBytes,
      pssBytes: null,
      swapBytes: null,
      runtime: 'ruby',
      role,
      master: role === 'puma master',
    }) as ProcessFacts;
  const master = process(1, 0, 50, 'puma master');
  const all = [
    master,
    process(2, 1, 100, 'puma worker 0'),
    process(3, 1, 200, 'puma worker 1'),
    process(4, 1, 900, 'a dump being written'),
  ];
  expect(heaviestWorker(master, all)?.pid).toBe(3);
  expect(heaviestWorker(all[1]!, all)).toBeNull();
});
