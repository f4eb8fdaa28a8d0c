import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { canIsolate, type IsolatedService, isolatedService } from '../containers/testing/isolated-service.ts';
import { type StandInContainer, standInEngine } from '../containers/testing/stand-in-engine.ts';
import { watchContainer } from './watch-container.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-watch-container-'));
const servers: Server[] = [];
const services: IsolatedService[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  for (const { child } of services) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

/** Where the tests run in a container themselves, its id stands in every cgroup: theirs is taken then. */
const ID = ownContainer() ?? 'c3'.repeat(32);
const OTHER = '5d'.repeat(32);

function ownContainer(): string | undefined {
  try {
    return /[0-9a-f]{64}/.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[0];
  } catch {
    return undefined;
  }
}

async function engine(...containers: readonly Partial<StandInContainer>[]): Promise<{ socketPath: string }> {
  const socketPath = join(root, `${servers.length}.sock`);
  const usual = { id: ID, name: 'web', service: null, pid: 0, limitBytes: 0, usageBytes: 5000 };
  servers.push(
    await standInEngine(
      socketPath,
      containers.map((each) => ({ ...usual, ...each })),
    ),
  );
  return { socketPath };
}

/** A process whose files name the container, as overlay mounts do. It holds 64 MB. */
async function containerised(lastsMs = 60_000): Promise<IsolatedService> {
  const mounted = join(root, ID);
  mkdirSync(mounted, { recursive: true });
  const program = `globalThis.held = Buffer.alloc(64e6, 1); console.log('ready'); setTimeout(() => {}, ${lastsMs})`;
  const service = await isolatedService([
    'sh',
    '-c',
    'mount --bind "$0" "$0" && exec "$@"',
    mounted,
    process.execPath,
    '-e',
    program,
  ]);
  services.push(service);
  return service;
}

const look = { forMs: 1000, everyMs: 1000 };

describe.skipIf(!canIsolate)('a container of this machine', () => {
  test.each(['web', ID.slice(0, 12)])('%s is watched under its name', async (name) => {
    const service = await containerised();
    const { series, notes } = await watchContainer(await engine({ pid: service.hostPid }), name, look);
    const resident = series.find((each) => each.name === 'process_resident_memory_bytes')!;
    expect(resident).toMatchObject({
      source: 'container web',
      labels: { container: 'web', pid: String(service.hostPid) },
      unit: 'bytes',
    });
    expect(resident.values.length).toBeGreaterThanOrEqual(2);
    for (const value of resident.values) expect(value).toBeGreaterThan(64e6);
    expect(new Set(series.map(({ source }) => source))).toEqual(new Set(['container web']));
    expect(notes).toEqual([]);
  });

  test('of two containers the one that was named is watched', async () => {
    const service = await containerised();
    const both = await engine({ id: OTHER, name: 'worker', pid: 0 }, { name: 'web', pid: service.hostPid });
    const { series } = await watchContainer(both, 'web', look);
    expect(series[0]!.labels['pid']).toBe(String(service.hostPid));
  });

  test('that ends meanwhile gives what was seen until then, and says so', async () => {
    const service = await containerised(1500);
    const { series, notes } = await watchContainer(await engine({ pid: service.hostPid }), 'web', {
      forMs: 20_000,
      everyMs: 1000,
    });
    expect(notes).toEqual([`process ${service.hostPid} ended while it was watched`]);
    expect(series[0]!.values.length).toBeGreaterThan(0);
  });
});

describe('what cannot be watched', () => {
  test('a name that nothing has', async () => {
    await expect(watchContainer(await engine({}), 'other', look)).rejects.toMatchObject({
      exitCode: 4,
      message: "no file, process or container is called 'other'",
      hint: expect.stringContaining('stanch top'),
    });
  });

  test('a container whose engine tells no pid', async () => {
    await expect(watchContainer(await engine({ pid: 0 }), 'web', look)).rejects.toMatchObject({
      code: 'target-unreachable',
      exitCode: 4,
      message: 'container web: its processes cannot be seen from here',
    });
  });

  // The pid of a remote engine is a number of its machine: here it may belong to anybody.
  test('a process that only happens to have the same pid is not taken for it', async () => {
    const elsewhere = await engine({ id: OTHER, pid: process.pid });
    await expect(watchContainer(elsewhere, 'web', look)).rejects.toMatchObject({
      exitCode: 4,
      message: 'container web: its processes cannot be seen from here',
    });
  });

  test('an engine that is not there', async () => {
    await expect(watchContainer({ socketPath: join(root, 'none.sock') }, 'web', look)).rejects.toMatchObject({
      exitCode: 4,
    });
  });
});
