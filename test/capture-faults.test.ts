import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'rolldown';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { listenersOf } from '../src/sources/processes/listening-ports.ts';
import { processMark } from '../src/sources/processes/process-identity.ts';

// Stanch as a process of its own, so that it can be killed; the services are real ones, and answer requests afterwards.

const repository = join(import.meta.dirname, '..');
const root = mkdtempSync(join(tmpdir(), 'stanch-faults-'));
const program = join(root, 'dist', 'stanch.mjs');
const children: ChildProcess[] = [];
const undo: (() => void)[] = [];
let folders = 0;

const isRoot = process.getuid?.() === 0;
const has = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const python =
  process.platform === 'linux' && has('python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 8))');
const ruby = process.platform === 'linux' && has('ruby', '-robjspace', '-e', '1');
const gdb = python && process.arch === 'x64' && has('gdb', '--version') && has('timeout', '--version');

beforeAll(async () => {
  chmodSync(root, 0o755);
  for (const name of ['agents', 'package.json', 'node_modules'])
    symlinkSync(join(repository, name), join(root, name));
  await build({
    input: join(repository, 'src/cli/main.ts'),
    platform: 'node',
    logLevel: 'silent',
    external: ['playwright-core'],
    output: { file: program, codeSplitting: false },
  });
}, 60_000);

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const each of undo.splice(0).reverse()) each();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const newFolder = (): string => {
  const folder = join(root, `evidence-${++folders}`);
  mkdirSync(folder, { mode: 0o777 });
  return folder;
};

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

function stanch(
  args: readonly string[],
  as: readonly string[] = [],
): { child: ChildProcess; ended: Promise<Ended> } {
  const [command, ...rest] = [...as, process.execPath, '--preserve-symlinks-main', program, ...args];
  const child = spawn(command!, rest, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // What one run leaves for the next is not to be found by whoever else runs here.
    env: { ...process.env, XDG_RUNTIME_DIR: root },
  });
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
  }
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, said })) };
}

const capture = (pid: number, folder: string, ...more: string[]) =>
  stanch(['capture', String(pid), '--yes', '-o', folder, ...more]);

interface Service {
  readonly pid: number;
  readonly child: ChildProcess;
  answers(): Promise<boolean>;
}

async function service(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Service> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const [said] = (await once(child.stdout!, 'data')) as [Buffer];
  const port = Number(said.toString().trim());
  return {
    pid: child.pid!,
    child,
    answers: () =>
      new Promise((resolve) => {
        const request = get({ port, host: '127.0.0.1', agent: false, timeout: 20_000 }, (response) => {
          response.resume();
          resolve(response.statusCode === 200);
        });
        request.on('error', () => resolve(false)).on('timeout', () => request.destroy());
      }),
  };
}

const pythonService = (objects = 100_000) =>
  service('python3', [
    '-c',
    `import http.server
KEPT = [{'at': at} for at in range(${objects})]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header('content-length', '0'); self.end_headers()
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()`,
  ]);

const freePort = async (): Promise<number> => {
  const server = createTcp().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const nodeService = async (objects = 200_000, inspectPort?: number) =>
  service(process.execPath, [
    ...[`--inspect-port=127.0.0.1:${inspectPort ?? (await freePort())}`, '-e'],
    `globalThis.kept = Array.from({ length: ${objects} }, (_, at) => ({ at: 'number ' + at }));
     require('http').createServer((_, response) => response.end()).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`,
  ]);

const tracerOf = (pid: number): number =>
  Number(/^TracerPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
const runs = (pid: number): boolean => !/^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
const guestFolders = (stanchPid: number): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`stanch-guest-${stanchPid}-`));

async function until(seen: () => boolean, given: Promise<unknown>): Promise<void> {
  let over = false;
  void given.then(() => {
    over = true;
  });
  while (!over && !seen()) await sleep(1);
}

/** What has its name is whole: the last block of a Python dump is its `Z`. */
function expectWholeFiles(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.pygc'))) {
    expect(readFileSync(join(folder, name)).subarray(-4000).toString('latin1')).toContain('Z\0\0\0');
  }
}

describe.runIf(gdb && isRoot)('kill -9 of stanch while gdb captures an unprepared Python service', () => {
  type Moment = (stanchPid: number, servicePid: number, folder: string) => boolean;
  const steps: [string, Moment][] = [
    ['in the pre-flight', () => true],
    ['when the folder for the guest is made', (stanchPid) => guestFolders(stanchPid).length > 0],
    ['while gdb holds the service', (_, pid) => tracerOf(pid) !== 0],
    [
      'while the dump is written by the service',
      (stanchPid) => guestFolders(stanchPid).some((name) => existsSync(join(tmpdir(), name, 'begun'))),
    ],
    [
      'while the dump is streamed',
      (_, __, folder) => readdirSync(folder).some((name) => name.endsWith('.part')),
    ],
    ['right after the rename', (_, __, folder) => existsSync(join(folder, 'A.pygc'))],
  ];

  test.each(steps)(
    '%s leaves a service that answers, no half file under a whole name, and no lock',
    async (_, moment) => {
      const { pid, answers } = await pythonService();
      const folder = newFolder();
      const { child, ended } = capture(pid, folder);
      await until(() => moment(child.pid!, pid, folder), ended);
      child.kill('SIGKILL');
      await ended;
      undo.push(() => {
        for (const name of guestFolders(child.pid!))
          rmSync(join(tmpdir(), name), { recursive: true, force: true });
      });
      expect(await answers()).toBe(true);
      await until(() => tracerOf(pid) === 0, sleep(20_000));
      expect([tracerOf(pid), runs(pid)]).toEqual([0, true]);
      expectWholeFiles(folder);
      const again = newFolder();
      expect(await capture(pid, again).ended).toMatchObject({ code: 0 });
      expect(readdirSync(again)).toEqual(['A.pygc']);
      expectWholeFiles(again);
      expect(await answers()).toBe(true);
    },
    120_000,
  );
});

describe.runIf(process.platform === 'linux')('kill -9 of stanch while it captures Node.js', () => {
  test('leaves a service that answers and can be captured', async () => {
    const { pid, answers } = await nodeService();
    const folder = newFolder();
    const { child, ended } = capture(pid, folder, '--kind', 'heap');
    await until(() => readdirSync(folder).some((name) => name.endsWith('.part')), ended);
    child.kill('SIGKILL');
    await ended;
    expect(await answers()).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.heapsnapshot'))).toEqual([]);
    expect(await capture(pid, newFolder(), '--kind', 'heap').ended).toMatchObject({ code: 0 });
    expect(await answers()).toBe(true);
  }, 120_000);
});

describe.runIf(process.platform === 'linux')(
  'what a killed stanch has left open is closed by the next',
  () => {
    const portsOf = (pid: number): number[] => (listenersOf(pid) ?? []).map(({ port }) => port);
    const SAYS = 'which a stanch that was killed had left open';

    /** A service whose inspector was opened by a stanch that is dead now. */
    async function leftOpen(
      moment: (pid: number, folder: string) => boolean,
      inspectPort?: number,
    ): Promise<Service & { isOpen(): boolean }> {
      const target = await nodeService(200_000, inspectPort);
      const before = portsOf(target.pid);
      const isOpen = (): boolean => portsOf(target.pid).length > before.length;
      const folder = newFolder();
      const { child, ended } = capture(target.pid, folder, '--kind', 'heap');
      await until(() => isOpen() && moment(target.pid, folder), ended);
      child.kill('SIGKILL');
      await ended;
      expect(isOpen()).toBe(true);
      return { ...target, isOpen };
    }
    const whileStreamed = (_: number, folder: string): boolean =>
      readdirSync(folder).some((name) => name.endsWith('.part'));

    test.each([
      ['top', ['top', '--match', 'nothing-is-called-this']],
      ['case', ['case', 'new', join(root, 'case-after-kill')]],
    ])(
      'by stanch %s, which says so once',
      async (_, args) => {
        const { pid, answers, isOpen } = await leftOpen(whileStreamed);
        expect((await stanch(args).ended).said).toContain(`closed the inspector of process ${pid}, ${SAYS}`);
        expect(isOpen()).toBe(false);
        expect((await stanch(['top', '--match', 'nothing-is-called-this']).ended).said).not.toContain(SAYS);
        expect(await answers()).toBe(true);
      },
      120_000,
    );

    test('by a capture of the same process, also where the service chooses its port itself', async () => {
      const { pid, answers, isOpen } = await leftOpen(() => true, 0);
      const { code, said } = await capture(pid, newFolder(), '--kind', 'heap').ended;
      expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining(SAYS) });
      expect(isOpen()).toBe(false);
      expect(await answers()).toBe(true);
    }, 120_000);

    test('but not while that stanch lives, and not an inspector that somebody else has opened since', async () => {
      const { pid, answers, isOpen } = await leftOpen(whileStreamed);
      const notes = readdirSync(join(root, `stanch-state-${process.getuid!()}`)).filter((name) =>
        /^opened-/.test(name),
      );
      expect(notes).toHaveLength(1);
      const file = join(root, `stanch-state-${process.getuid!()}`, notes[0]!);
      const note = JSON.parse(readFileSync(file, 'utf8')) as { by: object; path: string };
      const own = processMark(process.pid);
      writeFileSync(file, JSON.stringify({ ...note, by: own }));
      const look = () => stanch(['top', '--match', 'nothing-is-called-this']).ended;
      expect((await look()).said).not.toContain(SAYS);
      expect(isOpen()).toBe(true);
      writeFileSync(file, JSON.stringify({ ...note, path: '/another' }));
      expect((await look()).said).not.toContain(SAYS);
      expect(isOpen()).toBe(true);
      expect(existsSync(file)).toBe(false);
      expect(await answers()).toBe(true);
      expect(pid).toBeGreaterThan(0);
    }, 120_000);
  },
);

describe.runIf(process.platform === 'linux')('an inspector that was open before', () => {
  test('is found where the service was told to choose its port itself, is used, and stays open', async () => {
    const { pid, answers } = await nodeService(1000, 0);
    const before = listenersOf(pid)!.length;
    process.kill(pid, 'SIGUSR1');
    await until(() => listenersOf(pid)!.length > before, sleep(10_000));
    const { code, said } = await capture(pid, newFolder(), '--kind', 'heap').ended;
    expect({ code, said }).toMatchObject({
      code: 0,
      said: expect.stringContaining('its inspector was open'),
    });
    expect(listenersOf(pid)!.length).toBe(before + 1);
    expect(await answers()).toBe(true);
  }, 60_000);
});

describe.runIf(gdb && isRoot)('the target is killed', () => {
  test('while its dump is written: stanch says so, keeps nothing and leaves nothing', async () => {
    const { pid, child: target } = await pythonService(1_000_000);
    const neighbour = await pythonService(10);
    const folder = newFolder();
    const { child, ended } = capture(pid, folder);
    await until(
      () => guestFolders(child.pid!).some((name) => existsSync(join(tmpdir(), name, 'begun'))),
      ended,
    );
    target.kill('SIGKILL');
    const { code, said } = await ended;
    expect({ code, said }).toMatchObject({ code: 4, said: expect.stringContaining('ended') });
    expect(readdirSync(folder)).toEqual([]);
    expect(guestFolders(child.pid!)).toEqual([]);
    expect(await neighbour.answers()).toBe(true);
  }, 60_000);
});

describe.runIf(process.platform === 'linux')('a Node.js target is killed', () => {
  test('while its snapshot is streamed: nothing half is left', async () => {
    const { pid, child: target } = await nodeService();
    const folder = newFolder();
    const { ended } = capture(pid, folder, '--kind', 'heap');
    await until(() => readdirSync(folder).some((name) => name.endsWith('.part')), ended);
    target.kill('SIGKILL');
    expect(await ended).toMatchObject({ code: 4 });
    expect(readdirSync(folder)).toEqual([]);
  }, 60_000);
});

describe.runIf(gdb && isRoot)('the disk is full', () => {
  test('in the middle of a series: the whole capture is kept, the other leaves nothing, the service answers', async () => {
    const { pid, answers } = await pythonService();
    const folder = newFolder();
    const mounted =
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'stanch-test', folder]).status === 0;
    expect(mounted, 'a small file system can be mounted here').toBe(true);
    undo.push(() => spawnSync('umount', ['-l', folder]));
    const { ended } = capture(pid, folder, '--count', '2', '--every', '1s');
    await until(() => existsSync(join(folder, 'A.pygc')), ended);
    spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=1M'], { stdio: 'ignore' });
    const { code, said } = await ended;
    expect(code).not.toBe(0);
    expect(said).toMatch(/ENOSPC|no space/i);
    expect(readdirSync(folder).sort()).toEqual(['A.pygc', 'filler']);
    expectWholeFiles(folder);
    expect(await answers()).toBe(true);
  }, 60_000);

  test('already at the pre-flight: refused before anything is done', async () => {
    const { pid, answers } = await pythonService();
    const folder = newFolder();
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'stanch-test', folder]);
    undo.push(() => spawnSync('umount', ['-l', folder]));
    const { code, said } = await capture(pid, folder).ended;
    expect({ code, said }).toMatchObject({
      code: 4,
      said: expect.stringMatching(/refused[\s\S]*another disk/),
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(await answers()).toBe(true);
  });
});

/** A memory cgroup of this system, with a process in it; null where none can be made. */
function memoryCgroup(): { folder: string; limitFile: string; usageFile: string } | null {
  const tries = [
    ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes', 'memory.usage_in_bytes'],
    ['/sys/fs/cgroup', 'memory.max', 'memory.current'],
  ] as const;
  for (const [mount, limit, usage] of tries) {
    const folder = join(mount, `stanch-test-${process.pid}`);
    try {
      mkdirSync(folder);
      if (existsSync(join(folder, limit)))
        return { folder, limitFile: join(folder, limit), usageFile: join(folder, usage) };
      rmdirSync(folder);
    } catch {
      // Not ours to make.
    }
  }
  return null;
}

describe('a target at 95 % of the limit of its memory cgroup', () => {
  const cgroup = isRoot && gdb ? memoryCgroup() : null;
  if (cgroup) rmdirSync(cgroup.folder);
  test.runIf(cgroup === null)('is not tested: no memory cgroup can be made here', () =>
    expect(cgroup).toBeNull(),
  );

  const LIMIT_BYTES = 160 * 1024 * 1024;
  const inCgroup = async (start: () => Promise<Service>, fill: (target: Service) => Promise<void>) => {
    const { folder, limitFile, usageFile } = memoryCgroup()!;
    const target = await start();
    undo.push(() => rmdirSync(folder));
    undo.push(() => {
      target.child.kill('SIGKILL');
      spawnSync('sleep', ['0.3']);
    });
    writeFileSync(limitFile, String(LIMIT_BYTES));
    writeFileSync(join(folder, 'cgroup.procs'), String(target.pid));
    await fill(target);
    expect(Number(readFileSync(usageFile, 'utf8')) / LIMIT_BYTES).toBeGreaterThan(0.93);
    return target;
  };

  const FILLING = `import http.server, sys
KEPT = []
USAGE = sys.argv[1]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == '/fill':
            while int(open(USAGE).read()) < ${LIMIT_BYTES} * 0.95: KEPT.append(b'x' * 262144)
        self.send_response(200); self.send_header('content-length', '0'); self.end_headers()
    def log_message(self, *_): pass
server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()`;

  test.runIf(cgroup !== null)(
    'is refused with what to do instead, and is not touched',
    async () => {
      let port = 0;
      const target = await inCgroup(
        async () => {
          const child = spawn('python3', ['-c', FILLING, cgroup!.usageFile], {
            stdio: ['ignore', 'pipe', 'ignore'],
          });
          children.push(child);
          const [said] = (await once(child.stdout, 'data')) as [Buffer];
          port = Number(said.toString());
          return {
            pid: child.pid!,
            child,
            answers: async () => (await fetch(`http://127.0.0.1:${port}/`)).ok,
          };
        },
        async () => {
          await fetch(`http://127.0.0.1:${port}/fill`);
        },
      );
      const folder = newFolder();
      const { code, said } = await capture(target.pid, folder).ended;
      expect({ code, said }).toMatchObject({
        code: 4,
        said: expect.stringMatching(/refused[\s\S]*limit[\s\S]*raise the limit/),
      });
      expect(readdirSync(folder)).toEqual([]);
      expect(await target.answers()).toBe(true);
    },
    60_000,
  );
});

describe.runIf(gdb && isRoot && has('setpriv', '--version'))('without permission', () => {
  test('stanch of another user is refused, says who may, and touches nothing', async () => {
    const { pid, answers } = await pythonService();
    const folder = newFolder();
    chmodSync(folder, 0o777);
    const nobody = [
      'setpriv',
      '--reuid',
      '65534',
      '--regid',
      '65534',
      '--clear-groups',
      'env',
      `TMPDIR=${folder}`,
    ];
    const { code, said } = await stanch(['capture', String(pid), '--yes', '-o', join(folder, 'x')], nobody)
      .ended;
    expect({ code, said }).toMatchObject({ code: 4, said: expect.stringContaining('SYS_PTRACE') });
    expect(existsSync(join(folder, 'x'))).toBe(false);
    expect(await answers()).toBe(true);
  });
});

describe.runIf(process.platform === 'linux')('the wrong process', () => {
  test('a pid that nobody has', async () => {
    expect(await capture(999_999_999, newFolder()).ended).toMatchObject({
      code: 4,
      said: expect.stringContaining('none with this pid'),
    });
  });

  test('a program of no runtime that is known is left alone', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    children.push(child);
    const { code, said } = await capture(child.pid!, newFolder()).ended;
    expect({ code, said }).toMatchObject({ code: 4, said: expect.stringContaining('stanch confirm') });
    expect(child.exitCode).toBeNull();
  });
});

describe.runIf(ruby)('the wrong signal for a server', () => {
  test('a Ruby server that uses every signal that the agent could take gets none of them', async () => {
    const agents = join(root, `agents-of-${++folders}`);
    mkdirSync(agents, { mode: 0o700 });
    const { pid, answers } = await service(
      'ruby',
      [
        '-rsocket',
        '-e',
        `$stdout.sync = true
%w[URG WINCH CONT].each { |name| trap(name) { exit!(7) } }
require '${join(repository, 'agents/ruby/lib/stanch_agent')}'
StanchAgent.start
server = TCPServer.new('127.0.0.1', 0)
sleep 0.1 until File.exist?("#{ENV['STANCH_DIR']}/stanch-#{Process.pid}.status.json")
puts server.addr[1]
loop { client = server.accept; client.gets; client.write("HTTP/1.1 200 OK\\r\\ncontent-length: 0\\r\\nconnection: close\\r\\n\\r\\n"); client.close }`,
      ],
      { STANCH_DIR: agents },
    );
    const folder = newFolder();
    const { code, said } = await capture(pid, folder).ended;
    expect({ code, said }).toMatchObject({
      code: 4,
      said: expect.stringMatching(/every signal[\s\S]*Middleware/),
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(await answers()).toBe(true);
  });
});

describe.runIf(gdb && isRoot)('two captures at once', () => {
  test('the second is refused and names the first, which ends well', async () => {
    const { pid, answers } = await pythonService(500_000);
    const folder = newFolder();
    const first = capture(pid, folder);
    await until(() => guestFolders(first.child.pid!).length > 0, first.ended);
    const { code, said } = await capture(pid, newFolder()).ended;
    expect({ code, said }).toMatchObject({
      code: 4,
      said: expect.stringContaining(`process ${first.child.pid}`),
    });
    expect(await first.ended).toMatchObject({ code: 0 });
    expectWholeFiles(folder);
    expect(await answers()).toBe(true);
  }, 60_000);
});

describe.runIf(gdb && isRoot)('evidence that was altered afterwards', () => {
  test('is named by case check', async () => {
    const { pid, answers } = await pythonService(1000);
    const folder = newFolder();
    expect(await capture(pid, folder).ended).toMatchObject({ code: 0 });
    const house = join(root, `case-${++folders}`);
    expect(await stanch(['case', 'new', house]).ended).toMatchObject({ code: 0 });
    expect(await stanch(['case', 'add', house, join(folder, 'A.pygc')]).ended).toMatchObject({ code: 0 });
    const stored = spawnSync('find', [house, '-type', 'f', '-size', '+10k'], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n');
    expect(stored).toHaveLength(1);
    const bytes = readFileSync(stored[0]!);
    bytes[bytes.length >> 1]! ^= 1;
    chmodSync(stored[0]!, 0o600);
    writeFileSync(stored[0]!, bytes);
    const { code, said } = await stanch(['case', 'check', house]).ended;
    expect(code).not.toBe(0);
    expect(said).toContain('A.pygc');
    expect(await answers()).toBe(true);
  });
});
