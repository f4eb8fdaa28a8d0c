import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { finishLeftOpen } from '../../capture/finish-left-open.ts';
import { noteOpening } from '../../capture/probes/opened-inspectors.ts';
import {
  canIsolate,
  type IsolatedService,
  isolatedService,
} from '../../sources/containers/testing/isolated-service.ts';
import { standInEngine } from '../../sources/containers/testing/stand-in-engine.ts';
import { type StandInPod, standInKubectl } from '../../sources/containers/testing/stand-in-kubectl.ts';
import { listenersAround } from '../../sources/processes/listening-ports.ts';
import { processMark } from '../../sources/processes/process-identity.ts';
import { capturedOutput } from '../captured-output.ts';
import type { Context } from '../context.ts';
import { captureCommand } from './capture.ts';
import { topCommand } from './top.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-capture-containers-'));
const services: IsolatedService[] = [];
const servers: Server[] = [];
const { PATH, DOCKER_HOST, XDG_RUNTIME_DIR } = process.env;
let folders = 0;
const newFolder = (): string => join(root, `case-${++folders}`);

beforeEach(() => {
  // Nobody's own engine is asked.
  process.env['DOCKER_HOST'] = `unix://${join(root, 'none.sock')}`;
});
afterEach(() => {
  for (const { child } of services.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
  process.env['PATH'] = PATH;
  if (DOCKER_HOST === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = DOCKER_HOST;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Document {
  preFlight: { target: string; checks: { name: string; says: string }[] };
  moments: { files: { file: string; kind: string }[] }[];
  endedEarly: string | null;
  leftOpen: string | null;
}

async function run(command: typeof captureCommand, ...args: string[]): Promise<unknown> {
  const output = capturedOutput();
  const context: Context = { output, run: () => Promise.resolve(0), exitCode: 0 };
  await command(context).parseAsync([...args, '--json'], { from: 'user' });
  return JSON.parse(output.results());
}
const capture = (...args: string[]): Promise<Document> => run(captureCommand, ...args) as Promise<Document>;

const SERVICE = `
  globalThis.kept = Array.from({ length: 500 }, (_, at) => ({ at: 'number ' + at }));
  require('http').createServer((_, response) => response.end('served')).listen(8080, '127.0.0.1', () => console.log('up'));`;

async function service(program: string = SERVICE): Promise<IsolatedService> {
  const started = await isolatedService([process.execPath, '-e', program]);
  services.push(started);
  return started;
}

const inspectorIsOpen = ({ hostPid }: IsolatedService): boolean =>
  listenersAround(hostPid).some(({ port }) => port === 9229);

const ID = 'c0'.repeat(32);
async function engineOf(isolated: IsolatedService | null, pid: number): Promise<void> {
  const socket = join(root, `engine-${++folders}.sock`);
  const container = { id: ID, name: 'web', service: isolated, pid, limitBytes: 512e6, usageBytes: 100e6 };
  servers.push(await standInEngine(socket, [container]));
  process.env['DOCKER_HOST'] = `unix://${socket}`;
}

function podOf(changes: Partial<StandInPod>): void {
  const bin = newFolder();
  mkdirSync(bin);
  standInKubectl(bin, {
    namespace: 'shop',
    name: 'web-7d4b9c',
    container: 'app',
    enter: [],
    exec: 'forbidden',
    ports: [8080],
    memory: '300Mi',
    ...changes,
  });
  process.env['PATH'] = `${bin}:${PATH}`;
}

describe.runIf(canIsolate)('capture of a service in namespaces of its own', () => {
  test('by its pid, through its network, with the inspector closed afterwards', async () => {
    const web = await service();
    const folder = newFolder();
    const { leftOpen } = await capture(String(web.hostPid), '-o', folder);
    expect(leftOpen).toBeNull();
    expect(readdirSync(folder)).toEqual(['A.heapsnapshot.gz']);
    expect(inspectorIsOpen(web)).toBe(false);
  });

  test.each([
    ['its pid', ({ hostPid }: IsolatedService) => String(hostPid), 'it has ended meanwhile'],
    ['the name of its container', () => 'container:web', 'does not answer any more'],
  ])(
    'by %s, killed within a series: that ends early, and what was taken is kept',
    async (_, target, says) => {
      const web = await service();
      await engineOf(web, 0);
      const folder = newFolder();
      const all = capture(target(web), '--count', '2', '--every', '3s', '-o', folder, '--yes');
      const whole = (): boolean => existsSync(folder) && readdirSync(folder).includes('A.heapsnapshot.gz');
      while (!whole()) await sleep(50);
      process.kill(web.hostPid, 'SIGKILL');
      const { moments, endedEarly, leftOpen } = await all;
      // Nor is anybody told later that it may be.
      expect(leftOpen).toBeNull();
      expect(moments).toHaveLength(1);
      expect(endedEarly).toContain(says);
      expect(readdirSync(folder)).toEqual(['A.heapsnapshot.gz']);
    },
    60_000,
  );

  test('by the name of a container whose processes cannot be seen, with the Node.js that it has', async () => {
    const web = await service();
    await engineOf(web, 0);
    const folder = newFolder();
    const { preFlight, leftOpen } = await capture('container:web', '-o', folder, '--yes');
    expect(preFlight).toMatchObject({ target: 'container:web, process 1' });
    expect(preFlight.checks[0]!.says).toContain('docker exec web');
    expect(leftOpen).toBeNull();
    expect(readdirSync(folder)).toEqual(['A.heapsnapshot.gz']);
    expect(inspectorIsOpen(web)).toBe(false);
  });

  test('an inspector that a killed run has left open in a container is taken over and closed', async () => {
    const web = await service();
    await engineOf(web, 0);
    process.env['XDG_RUNTIME_DIR'] = root;
    try {
      const { startTicks } = processMark(web.hostPid)!;
      process.kill(web.hostPid, 'SIGUSR1');
      while (!inspectorIsOpen(web)) await sleep(20);
      const dead = { pid: spawnSync(process.execPath, ['-e', '']).pid, startTicks: 1 };
      noteOpening({ pid: 1, startTicks, door: 'container:web' }, []);
      const notes = join(root, `stanch-state-${process.getuid!()}`);
      const file = join(notes, readdirSync(notes).find((name) => name.startsWith('opened-'))!);
      const note = JSON.parse(readFileSync(file, 'utf8')) as object;
      writeFileSync(file, JSON.stringify({ ...note, by: dead }));
      const said = async (): Promise<string[]> => {
        const all: string[] = [];
        await finishLeftOpen((text) => all.push(text));
        return all;
      };
      expect(await said()).toEqual([
        expect.stringContaining('stanch capture container:web --dry-run closes it'),
      ]);
      expect(inspectorIsOpen(web)).toBe(true);
      await capture('container:web', '--dry-run');
      expect(inspectorIsOpen(web)).toBe(false);
      expect(await said()).toEqual([]);
    } finally {
      if (XDG_RUNTIME_DIR === undefined) delete process.env['XDG_RUNTIME_DIR'];
      else process.env['XDG_RUNTIME_DIR'] = XDG_RUNTIME_DIR;
    }
  });

  test('by its pod, through exec and port-forward', async () => {
    const web = await service();
    podOf({ enter: web.enter([]), exec: 'runs' });
    const folder = newFolder();
    const { preFlight, leftOpen } = await capture(
      'pod:shop/web-7d4b9c',
      '--kind',
      'census',
      '--for',
      '10ms',
      '-o',
      folder,
      '--yes',
    );
    expect(preFlight.target).toBe('pod:shop/web-7d4b9c/app, process 1');
    expect(leftOpen).toBeNull();
    expect(readdirSync(folder).sort()).toEqual(['A.census.json', 'A.heapprofile']);
    expect(inspectorIsOpen(web)).toBe(false);
  });

  test('that is a Go service in a pod, by its pprof handler', async () => {
    const go = await service(`require('http').createServer((request, response) => response.end(
      request.url.includes('debug=1') ? 'goroutine profile: total 3\\n3 @ 0x1\\n' : 'x')).listen(6060, '127.0.0.1', () => console.log('up'))`);
    podOf({ enter: go.enter([]), exec: 'not-found' });
    const folder = newFolder();
    const { preFlight } = await capture('pod:shop/web-7d4b9c', '-o', folder);
    expect(preFlight.checks[0]!.says).toContain('port 6060 of pod:shop/web-7d4b9c/app');
    expect(readdirSync(join(folder, 'A'))).toContain('heap.pb.gz');
  });
});

test('a pod that may not be entered is explained with the rights that are missing', async () => {
  podOf({});
  await expect(capture('pod:shop/web-7d4b9c')).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining('forbidden'),
  });
  await expect(capture('pod:shop/other')).rejects.toMatchObject({
    message: expect.stringContaining('not found'),
  });
  await expect(capture('pod:shop/--flag')).rejects.toMatchObject({ code: 'usage' });
});

test('a container that is not there, and an engine that is not, are told apart', async () => {
  await expect(capture('container:web')).rejects.toMatchObject({
    exitCode: 4,
    hint: expect.stringContaining('DOCKER_HOST'),
  });
  await engineOf(null, 0);
  await expect(capture('container:other')).rejects.toMatchObject({
    message: expect.stringContaining('no such container'),
  });
});

test('top lists containers and pods with their limits, worst first', async () => {
  await engineOf(null, 0);
  podOf({});
  expect(await run(topCommand, '--containers', '--pods')).toMatchObject({
    groups: [],
    containers: [{ name: 'web', memoryBytes: 100e6 - 1000, limitBytes: 512e6, hostPid: null }],
    pods: [
      {
        namespace: 'shop',
        pod: 'web-7d4b9c',
        container: 'app',
        memoryBytes: 300 * 2 ** 20,
        limitBytes: 512 * 2 ** 20,
        restarts: 3,
        lastEnd: 'OOMKilled',
      },
    ],
  });
  podOf({ memory: null });
  expect(await run(topCommand, '--pods')).toMatchObject({ containers: null, pods: [{ memoryBytes: null }] });
});
