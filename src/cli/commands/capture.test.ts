import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { listenersAround } from '../../sources/processes/listening-ports.ts';
import { capturedOutput } from '../captured-output.ts';
import type { Context } from '../context.ts';
import { captureCommand } from './capture.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-capture-command-'));
const children: ChildProcess[] = [];
const servers: Server[] = [];
let folders = 0;
const newFolder = (): string => join(root, `case-${++folders}`);

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Document {
  preFlight: { state: string; runtime: string; checks: { name: string; state: string; says: string }[] };
  moments: { label: string; files: { file: string; kind: string; bytes: number; sha256: string }[] }[];
  endedEarly: string | null;
  leftOpen: string | null;
}

async function capture(...args: string[]): Promise<Document> {
  const output = capturedOutput();
  const context: Context = { output, run: () => Promise.resolve(0), exitCode: 0 };
  await captureCommand(context).parseAsync([...args, '--json'], { from: 'user' });
  return JSON.parse(output.results()) as Document;
}

async function started(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ pid: number; said: string; child: ChildProcess }> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const [said] = (await once(child.stdout!, 'data')) as [Buffer];
  return { pid: child.pid!, said: said.toString().trim(), child };
}

const SERVICE = `
  globalThis.kept = Array.from({ length: 500 }, (_, at) => ({ at: 'number ' + at }));
  require('http').createServer((_, response) => response.end('served')).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

const freePort = async (): Promise<number> => {
  const server = createTcp().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

describe.runIf(process.platform === 'linux')('capture of a Node.js service that was not prepared', () => {
  let inspectorPort: number;
  beforeAll(async () => {
    inspectorPort = await freePort();
  });
  const service = () =>
    started(process.execPath, [`--inspect-port=127.0.0.1:${inspectorPort}`, '-e', SERVICE]);
  const isOpen = () => listenersAround(process.pid).some(({ port }) => port === inspectorPort);

  test('takes a series into private files, closes the inspector and leaves the service at work', async () => {
    const { pid, said } = await service();
    const folder = newFolder();
    const document = await capture(String(pid), '--count', '2', '--every', '10ms', '--yes', '-o', folder);
    expect(document).toMatchObject({ preFlight: { runtime: 'node' }, endedEarly: null, leftOpen: null });
    expect(readdirSync(folder).sort()).toEqual(['A.heapsnapshot.gz', 'B.heapsnapshot.gz']);
    for (const { file, sha256, bytes } of document.moments.flatMap(({ files }) => files)) {
      expect(statSync(file)).toMatchObject({ size: bytes });
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(sha256).toBe(createHash('sha256').update(readFileSync(file)).digest('hex'));
    }
    expect(isOpen()).toBe(false);
    expect(await (await fetch(`http://127.0.0.1:${said}`)).text()).toBe('served');
  });

  test('takes nothing over evidence that is there, and closes the inspector all the same', async () => {
    const { pid, said } = await service();
    const folder = newFolder();
    await capture(String(pid), '--yes', '-o', folder);
    const before = statSync(join(folder, 'A.heapsnapshot.gz')).ino;
    await expect(capture(String(pid), '--yes', '-o', folder)).rejects.toMatchObject({ code: 'usage' });
    expect(statSync(join(folder, 'A.heapsnapshot.gz')).ino).toBe(before);
    expect(isOpen()).toBe(false);
    expect(await (await fetch(`http://127.0.0.1:${said}`)).text()).toBe('served');
  });

  test('sends no signal when the port of its inspector is taken, and says by whom', async () => {
    const taken = createServer().listen(inspectorPort, '127.0.0.1');
    await once(taken, 'listening');
    servers.push(taken);
    const { pid, said } = await service();
    const folder = newFolder();
    await expect(capture(String(pid), '-o', folder)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(`process ${process.pid} has taken`),
    });
    expect(existsSync(folder)).toBe(false);
    expect(await (await fetch(`http://127.0.0.1:${said}`)).text()).toBe('served');
  });

  test('stopped by Ctrl-C between two captures, keeps what is whole and closes the inspector', async () => {
    const { pid, said } = await service();
    const folder = newFolder();
    const running = capture(String(pid), '--count', '3', '--every', '1h', '--yes', '-o', folder);
    const ended = expect(running).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
    while (!existsSync(join(folder, 'A.heapsnapshot.gz'))) await sleep(20);
    process.emit('SIGINT', 'SIGINT');
    await ended;
    expect(readdirSync(folder)).toEqual(['A.heapsnapshot.gz']);
    expect(isOpen()).toBe(false);
    expect(await (await fetch(`http://127.0.0.1:${said}`)).text()).toBe('served');
  });

  test('only the pre-flight is made on a dry run', async () => {
    const { pid } = await service();
    const folder = newFolder();
    const { preFlight, moments } = await capture(String(pid), '--dry-run', '-o', folder);
    expect(preFlight.checks.map(({ name }) => name)).toEqual(['access', 'memory', 'pause', 'disk']);
    expect(moments).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    expect(isOpen()).toBe(false);
  });
});

describe.runIf(process.platform === 'linux')('capture of a Node.js service by other ways', () => {
  test('a census counts its objects, listeners and collections, and holds no value of the service', async () => {
    const port = await freePort();
    const { pid, said } = await started(process.execPath, [
      `--inspect-port=127.0.0.1:${port}`,
      '-e',
      `const { EventEmitter } = require('events');
       class Board { constructor(at) { this.token = 'secret-' + at; } get trap() { process.exit(1); } }
       globalThis.bus = new EventEmitter().setMaxListeners(0);
       globalThis.boards = new Map();
       for (let at = 0; at < 300; at++) { boards.set('key-' + at, new Board(at)); bus.on('beat', function heartbeat() {}); }
       ${SERVICE}`,
    ]);
    const folder = newFolder();
    await capture(String(pid), '--kind', 'census', '--for', '10ms', '-o', folder);
    expect(readdirSync(folder).sort()).toEqual(['A.census.json', 'A.heapprofile']);
    const text = readFileSync(join(folder, 'A.census.json'), 'utf8');
    expect(text).not.toMatch(/secret-|key-/);
    const census = JSON.parse(text) as Record<'classes' | 'listeners' | 'collections', object[]>;
    expect(census).toMatchObject({ schema: 'stanch/node-census@1', pid });
    expect(census.classes).toContainEqual({ name: 'Board', kind: 'other', count: 300 });
    expect(census.listeners).toContainEqual({
      class: 'EventEmitter',
      event: 'beat',
      emitters: 1,
      listeners: 300,
      mostOnOne: 300,
      functionName: 'heartbeat',
    });
    expect(census.collections).toContainEqual({
      class: 'Map',
      kind: 'Map',
      size: 300,
      holds: 'string → Board',
    });
    expect(await (await fetch(`http://127.0.0.1:${said}`)).text()).toBe('served');
  });

  test('a service that was started with --heapsnapshot-signal writes it itself, and none is left there', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    servers.push(taken);
    const { port } = taken.address() as AddressInfo;
    const dumps = newFolder();
    mkdirSync(dumps);
    // The port of its inspector is taken: this is the way that is left.
    const { pid, said } = await started(
      process.execPath,
      [`--inspect-port=127.0.0.1:${port}`, '-e', SERVICE],
      { NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${dumps}` },
    );
    const folder = newFolder();
    const { preFlight, moments } = await capture(String(pid), '--yes', '--no-pack', '-o', folder);
    expect(preFlight.checks[0]!.says).toContain('SIGUSR2');
    expect(readdirSync(folder)).toEqual(['A.heapsnapshot']);
    expect(readdirSync(dumps)).toEqual([]);
    const text = readFileSync(join(folder, 'A.heapsnapshot'), 'utf8');
    expect((JSON.parse(text) as { snapshot: { node_count: number } }).snapshot.node_count).toBeGreaterThan(
      500,
    );
    expect(moments[0]!.files[0]!.bytes).toBe(Buffer.byteLength(text));
    expect(await (await fetch(`http://127.0.0.1:${said}`)).text()).toBe('served');
  });

  test('a signal that the service has taken for itself opens nothing, and the service goes on', async () => {
    const { pid, said } = await started(process.execPath, [
      `--inspect-port=127.0.0.1:${await freePort()}`,
      '-e',
      `process.on('SIGUSR1', () => {}); ${SERVICE}`,
    ]);
    await expect(capture(String(pid), '-o', newFolder())).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('the service handles that signal itself'),
    });
    expect(await (await fetch(`http://127.0.0.1:${said}`)).text()).toBe('served');
  });

  test('SIGUSR1 is not sent to a service that writes snapshots at it', async () => {
    const folder = newFolder();
    const { pid } = await started(process.execPath, ['--heapsnapshot-signal=SIGUSR1', '-e', SERVICE]);
    const { preFlight } = await capture(String(pid), '--dry-run', '-o', folder);
    expect(preFlight.checks[0]!.says).toContain('as it was started with --heapsnapshot-signal');
    expect(preFlight.checks[0]!.says).toContain('SIGUSR1 opens no inspector there');
  });

  test('one that was just captured may recover: the next capture asks first', async () => {
    const { pid } = await started(process.execPath, [
      `--inspect-port=127.0.0.1:${await freePort()}`,
      '-e',
      SERVICE,
    ]);
    await capture(String(pid), '-o', newFolder());
    await expect(capture(String(pid), '-o', newFolder())).rejects.toMatchObject({
      message: expect.stringContaining('cool-down'),
    });
    const { preFlight } = await capture(String(pid), '-o', newFolder(), '--yes');
    expect(preFlight.checks.map(({ name }) => name)).toContain('cool-down');
  });
});

describe('capture of a Go service by its pprof handler', () => {
  /** Speaks as net/http/pprof does. */
  async function pprof(goroutines: number): Promise<{ url: string; asked: string[]; server: Server }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url!);
      const { pathname, search } = new URL(request.url!, 'http://x');
      if (request.socket.destroyed) return;
      if (!pathname.startsWith('/debug/pprof/')) response.writeHead(404).end();
      else if (search === '?debug=1' && pathname.endsWith('goroutine'))
        response.end(
          `goroutine profile: total ${goroutines}\n${goroutines} @ 0x1 0x2\n#\t0x1\tmain.f+0x1\t/a.go:1\n`,
        );
      else response.end(`${pathname}${search}`);
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server };
  }

  test('counts come first and all stacks last, a folder for each moment', async () => {
    const { url, asked } = await pprof(100);
    const folder = newFolder();
    await capture(url, '--count', '2', '--every', '10ms', '-o', folder);
    expect(readdirSync(folder).sort()).toEqual(['A', 'B']);
    // The runtime's own proof marks what later dumps would show again: once, and last of all.
    expect(readdirSync(join(folder, 'A'))).not.toContain('goroutineleak.pb.gz');
    expect(asked.at(-1)).toBe('/debug/pprof/goroutineleak');
    expect(readdirSync(join(folder, 'B')).sort()).toEqual([
      'allocs.pb.gz',
      'goroutine-debug1.txt.gz',
      'goroutine-debug2.txt.gz',
      'goroutineleak.pb.gz',
      'heap-debug1.txt.gz',
      'heap.pb.gz',
    ]);
    const stacks = asked.indexOf('/debug/pprof/goroutine?debug=2');
    expect(asked.indexOf('/debug/pprof/goroutine?debug=1')).toBeLessThan(stacks);
    expect(asked.indexOf('/debug/pprof/heap?gc=1')).toBeLessThan(stacks);
  });

  test('that ends in the middle leaves nothing of that moment', async () => {
    const { url, server } = await pprof(100);
    const folder = newFolder();
    server.prependListener('request', (request) => {
      if (request.url!.includes('allocs')) request.socket.destroy();
    });
    await expect(capture(url, '-o', folder)).rejects.toMatchObject({ exitCode: 4 });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('above 20,000 goroutines nothing is taken without --yes, and no stacks are asked for', async () => {
    const { url, asked } = await pprof(30_000);
    const folder = newFolder();
    await expect(capture(url, '-o', folder)).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('--yes'),
    });
    expect(asked.filter((each) => each.includes('debug=2'))).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    await capture(url, '--yes', '-o', folder);
    expect(asked.filter((each) => each.includes('debug=2'))).toHaveLength(1);
  });
});

const ruby = spawnSync('ruby', ['-v']).status === 0 && process.platform === 'linux';
describe.runIf(ruby)('capture of a Ruby process', () => {
  test('by its agent takes the dump over, with its names', async () => {
    const agents = join(root, `agent-${++folders}`);
    mkdirSync(agents, { mode: 0o700 });
    const library = join(import.meta.dirname, '../../../agents/ruby/lib/stanch_agent.rb');
    const { pid } = await started(
      'ruby',
      ['-r', library, '-e', '$stdout.sync = true; StanchAgent.start; puts 1; sleep'],
      {
        STANCH_DIR: agents,
        STANCH_COOL_DOWN: '0',
      },
    );
    while (!existsSync(join(agents, `stanch-${pid}.status.json`))) await sleep(50);
    const folder = newFolder();
    const { moments } = await capture(String(pid), '-o', folder);
    expect(moments[0]!.files.map(({ kind }) => kind)).toEqual(['heap', 'names']);
    expect(readdirSync(folder).sort()).toEqual(['A.json', 'A.names.jsonl']);
    expect(readdirSync(agents).filter((name) => name.endsWith('.json') && !name.includes('status'))).toEqual(
      [],
    );
  });

  test('without one is not touched unless the user agrees: the pre-flight asks, or says what is missing', async () => {
    const { pid, child } = await started('ruby', ['-e', '$stdout.sync = true; puts 1; sleep']);
    await expect(capture(String(pid))).rejects.toMatchObject({
      code: expect.stringMatching(/^(usage|capture-find)$/),
      hint: expect.stringMatching(/--yes|StanchAgent.start/),
    });
    expect(child.exitCode).toBeNull();
  });

  test('that is a master names the worker to take instead', async () => {
    const program = `$stdout.sync = true; $0 = 'puma 6.4.0 (tcp://127.0.0.1:0) [x]'; c = fork { $0 = 'puma: cluster worker 0: 1 [x]'; sleep 60 }
      at_exit { Process.kill(:KILL, c) rescue nil }; trap(:TERM) { exit }; sleep 0.3; puts c; sleep`;
    const { pid, said, child } = await started('ruby', ['-e', program]);
    await expect(capture(String(pid))).rejects.toMatchObject({
      code: 'capture-master',
      hint: expect.stringContaining(`stanch capture ${said}`),
    });
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
});

const python = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0;
describe.runIf(python && process.platform === 'linux')('capture of a Python process', () => {
  test('by its agent, found on the ports of the process', async () => {
    const dumps = join(root, `dumps-${++folders}`);
    mkdirSync(dumps);
    const port = await freePort();
    const token = 'a-token-of-more-than-16';
    const agent = join(import.meta.dirname, '../../../agents/python');
    const program = `import stanch_agent, time; stanch_agent.start(directory='${dumps}', port=${port}, token='${token}'); print(1, flush=True); time.sleep(60)`;
    const { pid } = await started('python3', ['-c', program], {
      PYTHONPATH: agent,
      PYTHONDONTWRITEBYTECODE: '1',
    });
    process.env['STANCH_TOKEN'] = token;
    try {
      const folder = newFolder();
      const { preFlight } = await capture(String(pid), '-o', folder);
      expect(preFlight.runtime).toBe('python');
      expect(readdirSync(folder)).toEqual(['A.pygc']);
      expect(readdirSync(dumps)).toEqual([]);
    } finally {
      delete process.env['STANCH_TOKEN'];
    }
  });
});

test('what is no process and no address is said to be so', async () => {
  await expect(capture('nonsense')).rejects.toMatchObject({ code: 'usage' });
  if (process.platform === 'linux') await expect(capture('999999999')).rejects.toMatchObject({ exitCode: 4 });
});

test('an address where nobody listens is said to be so, by the name that the user gave it', async () => {
  const address = `http://127.0.0.1:${await freePort()}`;
  await expect(capture(address)).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(
      new RegExp(`^${address}/: connecting: nobody answers there: .*ECONNREFUSED`),
    ),
  });
});
