import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { listProcesses } from '../../sources/processes/process-list.ts';
import { preparePythonProcess } from '../targets/python.ts';
import { prepareRubyProcess } from '../targets/ruby.ts';
import type { PreparedTarget } from '../targets/target.ts';
import { interpreters } from '../testing/interpreters.ts';
import { callByGdb, gdbObstacle } from './gdb-call.ts';
import { gdbParts } from './gdb-script.ts';
import { functionAddresses } from './gdb-symbols.ts';
import { guestFolder, guestPlace } from './guest-folder.ts';
import { mappedFiles, mappedPaths, openMapped } from './mapped-files.ts';
import { programInPath } from './program-in-path.ts';
import { pythonVersion } from './python-guest.ts';
import { remoteDoor } from './python-remote.ts';
import { threadsOf } from './thread-that-goes-on.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-guest-test-'));
const children: ChildProcess[] = [];
let folders = 0;
const works = (...command: string[]): boolean =>
  spawnSync(command[0]!, command.slice(1), { stdio: 'ignore' }).status === 0;
const linux = process.platform === 'linux';
const gdb = linux && process.arch === 'x64' && process.getuid?.() === 0 && works('gdb', '--version');
type Versioned = [version: string, command: string];
const versions = (language: 'python' | 'ruby'): Versioned[] =>
  (gdb ? interpreters(language) : []).map(({ version, command }) => [version, command]);
const pythons = versions('python');
const rubies = versions('ruby');
/** Its own door for debuggers came with 3.14. */
const hasDoor = (version: string): boolean => Number(version.split('.')[1]) >= 14;

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function started(...command: string[]): Promise<number> {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child.pid!;
}

async function takeTwice(pid: number, runtime: 'python' | 'ruby'): Promise<{ way: string; folder: string }> {
  const facts = listProcesses().find((process) => process.pid === pid)!;
  const { signal } = new AbortController();
  const folder = mkdtempSync(join(root, `${++folders}-`));
  const wish = { count: 2, everyMs: 0, profileMs: 0, disk: folder, signal };
  const prepared: PreparedTarget = await (runtime === 'python' ? preparePythonProcess : prepareRubyProcess)(
    facts,
    wish,
  );
  const access = prepared.preFlight.checks.find(({ name }) => name === 'access')!;
  expect(access.state).toBe('ask');
  for (const label of ['A', 'B']) await prepared.capture({ label, folder, signal });
  expect(await prepared.close()).toBeNull();
  expect(children.at(-1)).toMatchObject({ exitCode: null, signalCode: null });
  expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/TracerPid:\s+0\n/);
  expect(pendingStops(pid)).toEqual([]);
  return { way: access.says, folder };
}

/** Threads that would stop as soon as they go on. */
function pendingStops(pid: number): number[] {
  const bit = 1n << BigInt(constants.signals.SIGSTOP - 1);
  return threadsOf(pid).filter((thread) =>
    [...readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8').matchAll(/^S[ih][gd]Pnd:\s+(\w+)/gm)].some(
      ([, bits]) => (BigInt(`0x${bits}`) & bit) !== 0n,
    ),
  );
}

/** Works without a pause on several threads: the worst moment to be stopped in. */
const BUSY_PYTHON = `
import threading, sys
def spin():
    while True: [str(n) for n in range(500)]
for _ in range(2): threading.Thread(target=spin, daemon=True).start()
print(1, flush=True)
spin()`;
const BUSY_RUBY = `
$stdout.sync = true
2.times { Thread.new { loop { (1..500).map(&:to_s); GC.start if rand < 0.001 } } }
puts 1
loop { (1..500).map(&:to_s) }`;
/** From 3.3 on, a thread waits for a whole round of time slices each time that it has let the others go on: here they pause now and then, as services do. */
const WORKING_RUBY = BUSY_RUBY.replaceAll('.map(&:to_s)', '.map(&:to_s); sleep 0.001');
/** As Puma does it. */
const WAITING_RUBY = `
require 'socket'
$stdout.sync = true
server = TCPServer.new('127.0.0.1', 0)
waiting = Thread.new { loop { IO.select([server]); server.accept.close } }
3.times { Thread.new { Queue.new.pop } }
puts 1
waiting.join`;
const WAITING_PYTHON = `
import socket, threading
server = socket.create_server(("127.0.0.1", 0))
def serve():
    while True: server.accept()[0].close()
thread = threading.Thread(target=serve, daemon=True)
thread.start()
print(1, flush=True)
thread.join()`;
const SLEEPING_RUBY = `
$stdout.sync = true
Thread.new { loop { sleep 1 } }
puts 1
Thread.new { Queue.new.pop }.join`;

describe.runIf(gdb)('a process that was not prepared, through gdb', () => {
  test.each(pythons)(
    'Python %s under load gives two dumps and works on',
    async (version, command) => {
      const { way, folder } = await takeTwice(await started(command, '-c', BUSY_PYTHON), 'python');
      expect(way).toContain(hasDoor(version) ? 'sys.remote_exec' : 'gdb');
      expect(readdirSync(folder)).toEqual(['A.pygc', 'B.pygc']);
    },
    120_000,
  );

  test.each(pythons.filter(([version]) => hasDoor(version)))(
    'Python %s that has switched remote debugging off is asked through gdb, and it is told why',
    async (_, command) => {
      const program = [command, '-X', 'disable-remote-debug', '-c', BUSY_PYTHON];
      const { way, folder } = await takeTwice(await started(...program), 'python');
      expect(way).toMatch(/gdb.*switched off/);
      expect(readdirSync(folder)).toEqual(['A.pygc', 'B.pygc']);
    },
    120_000,
  );

  test.each(pythons.filter(([version]) => hasDoor(version)))(
    'Python %s whose main thread never wakes gives two dumps by a thread that does',
    async (_, command) => {
      const pid = await started(command, '-c', WAITING_PYTHON);
      // A thread that has just begun may be one that serves a request, and is left alone.
      await sleep(11_000);
      const { folder } = await takeTwice(pid, 'python');
      expect(readdirSync(folder)).toEqual(['A.pygc', 'B.pygc']);
    },
    120_000,
  );

  test.each(
    pythons
      .filter(([version]) => hasDoor(version))
      .flatMap(([version, command]): [string, string, string][] => [
        [version, 'runs what it was asked when it wakes', command],
        [version, 'runs nothing of what was taken back before', command],
      ]),
  )(
    'Python %s %s',
    async (_, what, command) => {
      const program = `import time; print(1, flush=True); time.sleep(4)
n = sum(n % 7 for n in range(200000)); time.sleep(0.5); print(n, flush=True); time.sleep(60)`;
      const pid = await started(command, '-c', program);
      const folder = await guestFolder(pid, await guestPlace(pid));
      try {
        await folder.write('load.py', `open(${JSON.stringify(`${folder.inside}/ran`)}, 'w').write('yes')`);
        const door = remoteDoor(pid);
        if ('closed' in door) throw new Error(door.closed);
        const woken = once(children.at(-1)!.stdout!, 'data');
        const { takeBack } = door.ask(`${folder.inside}/load.py`);
        if (what.includes('taken back')) takeBack();
        await woken;
        expect(await folder.read('ran')).toBe(what.includes('taken back') ? null : 'yes');
      } finally {
        await folder.remove();
      }
    },
    60_000,
  );

  test.each(rubies)(
    'Ruby %s under load gives two dumps and works on',
    async (version, command) => {
      const program = Number(version) < 3.3 ? BUSY_RUBY : WORKING_RUBY;
      const { way, folder } = await takeTwice(await started(command, '-e', program), 'ruby');
      expect(way).toContain('gdb');
      expect(readdirSync(folder)).toEqual(['A.json', 'A.names.jsonl', 'B.json', 'B.names.jsonl']);
    },
    120_000,
  );

  test.each(
    rubies.flatMap(([version, command]): [...string[]][] => [
      [version, 'that waits for connections in another thread', command, WAITING_RUBY],
      [version, 'whose threads only sleep', command, SLEEPING_RUBY],
    ]),
  )(
    'Ruby %s %s gives two dumps, though its main thread never wakes',
    async (_, _what, command, program) => {
      const { folder } = await takeTwice(await started(command!, '-e', program!), 'ruby');
      expect(readdirSync(folder)).toEqual(['A.json', 'A.names.jsonl', 'B.json', 'B.names.jsonl']);
    },
    120_000,
  );

  test('its thread is found by its number in the kernel, however this gdb counts', async () => {
    const pid = await started(process.execPath, '-e', 'console.log(1); setInterval(() => {}, 1000)');
    const threads = threadsOf(pid);
    const idHere = threads.at(-1)!;
    const chosenFile = join(root, 'chosen');
    writeFileSync(chosenFile, '');
    const parts = gdbParts({
      // A wrong guess: versions of gdb count in either direction.
      thread: { id: idHere, idHere, number: 2 },
      guard: null,
      function: 0n,
      arguments: [],
      syscallInstruction: 0n,
      payloadFile: '',
      chosenFile,
    });
    const files = (['guess', 'choose'] as const).map((name) => {
      writeFileSync(join(root, name), parts[name]);
      return join(root, name);
    });
    const commands = [`attach ${pid}`, ...files.map((file) => `source ${file}`), 'thread', 'detach'];
    const { stdout } = spawnSync('gdb', ['-nx', '-batch', ...commands.flatMap((each) => ['-ex', each])], {
      encoding: 'utf8',
    });
    expect(stdout).toMatch(new RegExp(`Current thread is \\d+ \\(.*LWP ${idHere}\\b`));
  }, 60_000);

  test('one that somebody has stopped is left alone', async () => {
    const pid = await started('python3', '-c', 'print(1, flush=True); import time; time.sleep(60)');
    process.kill(pid, 'SIGSTOP');
    while (!/^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
    const call = { function: 'Py_AddPendingCall', arguments: [], succeeded: () => true };
    expect(gdbObstacle(pid, call)).toMatchObject({ reason: expect.stringContaining('state T') });
    // Also when that happens after it was looked at.
    await expect(callByGdb(pid, call, '')).rejects.toThrow('it is stopped now');
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/State:\s+T[\s\S]*TracerPid:\s+0\n/);
    process.kill(pid, 'SIGCONT');
    await expect.poll(() => readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/State:\s+S/);
    expect(pendingStops(pid)).toEqual([]);
  });

  test('what is mapped is not taken from another file at its path', async () => {
    const file = join(root, 'program');
    copyFileSync('/bin/sleep', file);
    const child = spawn(file, ['60'], { stdio: 'ignore' });
    children.push(child);
    await expect.poll(() => mappedPaths(child.pid!)[0]).toBe(file);
    const mapped = mappedFiles(child.pid!)[0]!;
    // As where the kernel keeps `map_files` for root, in a layered file system: neither the link nor the number helps.
    const elsewhere = { ...mapped, range: 'none', inode: 1 };
    const opened = openMapped(child.pid!, elsewhere, '/proc');
    expect(opened).not.toBeNull();
    closeSync(opened!);
    const other = { ...elsewhere, path: '/bin/cat' };
    expect(openMapped(child.pid!, other, '/proc')).toBeNull();
  });
});

describe.runIf(linux && works('ruby', '-rrbtrace', '-e', '1') && programInPath('rbtrace'))('rbtrace', () => {
  test('is used where the process has it, and the settings of the machine stay', async () => {
    const setting = (): string => readFileSync('/proc/sys/kernel/msgmnb', 'utf8');
    const before = setting();
    const program = '$stdout.sync = true; puts 1; loop { (1..500).map(&:to_s); sleep 0.01 }';
    const { way, folder } = await takeTwice(await started('ruby', '-rrbtrace', '-e', program), 'ruby');
    expect(way).toContain('rbtrace');
    expect(existsSync(join(folder, 'B.json'))).toBe(true);
    expect(setting()).toBe(before);
  }, 60_000);
});

test.runIf(gdb)('functions are found behind a chroot, and in a program that was replaced since', async () => {
  const files = ['/lib64/ld-linux-x86-64.so.2', '/lib/x86_64-linux-gnu/libc.so.6', '/bin/sleep'];
  const tree = mkdtempSync(join(root, 'tree-'));
  for (const file of files.filter((each) => existsSync(each))) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    copyFileSync(file, join(tree, file));
  }
  const child = spawn('chroot', [tree, '/bin/sleep', '60'], { stdio: 'ignore' });
  children.push(child);
  while (!mappedPaths(child.pid!).some((path) => path.startsWith(tree) && path.includes('libc')));
  expect(functionAddresses(child.pid!, ['mmap']).has('mmap')).toBe(true);
  rmSync(tree, { recursive: true });
  expect(functionAddresses(child.pid!, ['mmap']).has('mmap')).toBe(true);
  expect((await guestPlace(process.pid)).outside).not.toContain('/proc/');
});

test.runIf(works('unshare', '--mount', 'true') && works('which', 'mount'))(
  'a place that is read-only, or leads upwards, is none',
  async () => {
    const own = mkdtempSync(join(root, 'read-only-'));
    const place = (TMPDIR: string, setup: string) => {
      const child = spawn('unshare', ['--mount', 'sh', '-c', `${setup} && echo 1 && exec sleep 60`], {
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, TMPDIR },
      });
      children.push(child);
      return once(child.stdout, 'data').then(() => guestPlace(child.pid!));
    };
    expect((await place(own, 'true')).inside).toBe(own);
    expect((await place(own, `mount -t tmpfs -o ro none ${own}`)).inside).not.toBe(own);
    expect((await place(`${own}/../${basename(own)}`, 'true')).inside).not.toContain('..');
  },
);

test.runIf(linux)('functions are found where the process has them', () => {
  const found = functionAddresses(process.pid, ['mmap', 'getpid', 'no_such_function']);
  expect([...found.keys()].sort()).toEqual(['getpid', 'mmap']);
});

test.each([
  ['/usr/bin/python3.11', 311],
  ['/opt/python/bin/python3.14t', 314],
  ['/usr/lib/x86_64-linux-gnu/libpython3.9.so.1.0', 309],
  ['/usr/lib/python3.12/lib-dynload/_json.cpython-312-x86_64-linux-gnu.so', 312],
  ['/usr/sbin/uwsgi', null],
])('the version of the Python in %s', (path, version) => {
  expect(pythonVersion(0, path)).toBe(version);
});
