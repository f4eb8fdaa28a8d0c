import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { listProcesses } from '../../sources/processes/process-list.ts';
import { preparePythonProcess } from '../targets/python.ts';
import { prepareRubyProcess } from '../targets/ruby.ts';
import type { PreparedTarget } from '../targets/target.ts';
import { gdbObstacle } from './gdb-call.ts';
import { functionAddresses } from './gdb-symbols.ts';
import { programInPath } from './program-in-path.ts';
import { pythonVersion } from './python-guest.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-guest-test-'));
const children: ChildProcess[] = [];
let folders = 0;
const works = (...command: string[]): boolean =>
  spawnSync(command[0]!, command.slice(1), { stdio: 'ignore' }).status === 0;
const linux = process.platform === 'linux';
const gdb = linux && process.arch === 'x64' && process.getuid?.() === 0 && works('gdb', '--version');

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
  return { way: access.says, folder };
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
/** As Puma does it. */
const WAITING_RUBY = `
require 'socket'
$stdout.sync = true
server = TCPServer.new('127.0.0.1', 0)
waiting = Thread.new { loop { IO.select([server]); server.accept.close } }
3.times { Thread.new { Queue.new.pop } }
puts 1
waiting.join`;
const SLEEPING_RUBY = `
$stdout.sync = true
Thread.new { loop { sleep 1 } }
puts 1
Thread.new { Queue.new.pop }.join`;

describe.runIf(gdb)('a process that was not prepared, through gdb', () => {
  test.runIf(works('python3', '-c', ''))(
    'Python under load gives two dumps and works on',
    async () => {
      const { way, folder } = await takeTwice(await started('python3', '-c', BUSY_PYTHON), 'python');
      expect(way).toMatch(/gdb|remote_exec/);
      expect(readdirSync(folder)).toEqual(['A.pygc', 'B.pygc']);
    },
    60_000,
  );

  test.runIf(works('ruby', '-robjspace', '-e', '1'))(
    'Ruby under load gives two dumps and works on',
    async () => {
      const { way, folder } = await takeTwice(await started('ruby', '-e', BUSY_RUBY), 'ruby');
      expect(way).toContain('gdb');
      expect(readdirSync(folder)).toEqual(['A.json', 'A.names.jsonl', 'B.json', 'B.names.jsonl']);
    },
    120_000,
  );

  test.runIf(works('ruby', '-robjspace', '-e', '1')).each([
    ['that waits for connections in another thread', WAITING_RUBY],
    ['whose threads only sleep', SLEEPING_RUBY],
  ])(
    'Ruby %s gives two dumps, though its main thread never wakes',
    async (_, program) => {
      const { folder } = await takeTwice(await started('ruby', '-e', program), 'ruby');
      expect(readdirSync(folder)).toEqual(['A.json', 'A.names.jsonl', 'B.json', 'B.names.jsonl']);
    },
    120_000,
  );

  test('one that somebody has stopped is left alone', async () => {
    const pid = await started('python3', '-c', 'print(1, flush=True); import time; time.sleep(60)');
    process.kill(pid, 'SIGSTOP');
    while (!/^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
    const call = { function: 'Py_AddPendingCall', arguments: [], succeeded: () => true };
    expect(gdbObstacle(pid, call)).toMatchObject({ reason: expect.stringContaining('state T') });
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
  expect(pythonVersion('', path)).toBe(version);
});
