import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { heldStill } from '../../sources/processes/held-still.ts';
import { processMark } from '../../sources/processes/process-identity.ts';
import { prepareTarget } from './prepare.ts';
import type { PreparedTarget } from './target.ts';
import { whileItRuns } from './while-it-runs.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-while-it-runs-'));
const children: ChildProcess[] = [];
const { signal } = new AbortController();
const linux = process.platform === 'linux';
const works = (...command: string[]): boolean =>
  linux && spawnSync(command[0]!, command.slice(1), { stdio: 'ignore' }).status === 0;

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function started(...command: string[]): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child as ChildProcess & { readonly pid: number };
}

async function stop(child: ChildProcess & { readonly pid: number }): Promise<void> {
  child.kill('SIGSTOP');
  await expect.poll(() => heldStill(child.pid)).toBe('stopped');
}

describe.runIf(linux)('a process that was prepared', () => {
  test('is looked at again before each capture: stopped, at work, ended', async () => {
    const child = await started(process.execPath, '-e', 'console.log(1); setInterval(() => {}, 1000)');
    const taken: string[] = [];
    const target: PreparedTarget = {
      preFlight: {
        target: 'x',
        runtime: 'node',
        role: 'x',
        pid: child.pid,
        kinds: [],
        checks: [],
        extraMemoryBytes: 0,
        pauseMs: 0,
        diskBytes: 0,
      },
      capture: async ({ label }) => {
        taken.push(label);
        return [];
      },
      close: async () => null,
    };
    const prepared = whileItRuns(processMark(child.pid)!, target);
    const capture = (label: string) => prepared.capture({ label, folder: root, signal });
    await capture('A');
    await stop(child);
    expect(await prepared.again!()).toContain('it is stopped');
    await expect(capture('B')).rejects.toThrow('it is stopped');
    child.kill('SIGCONT');
    await expect.poll(() => prepared.again!()).toBeNull();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await prepared.again!()).toContain('it has ended meanwhile');
    await expect(capture('C')).rejects.toThrow('it has ended meanwhile');
    expect(taken).toEqual(['A']);
  });
});

const COUNTING = {
  python: 'import time\nn = 0\nwhile True:\n    n += 1\n    print(n, flush=True)\n    time.sleep(0.05)',
  ruby: '$stdout.sync = true; n = 0; loop { puts n += 1; sleep 0.05 }',
};

describe.each([
  ['Python', works('python3', '-c', ''), ['python3', '-c', COUNTING.python]],
  ['Ruby', works('ruby', '-e', ''), ['ruby', '-e', COUNTING.ruby]],
])('%s that somebody has stopped', (_, isThere, command) => {
  test.runIf(isThere)('is refused before anything is sent, and goes on as it was', async () => {
    const child = await started(...(command as string[]));
    await stop(child);
    // Who traces it, what it has pending and what it handles.
    const state = (): string[] =>
      readdirSync(`/proc/${child.pid}/task`).flatMap((thread) =>
        readFileSync(`/proc/${child.pid}/task/${thread}/status`, 'utf8')
          .split('\n')
          .filter((line) => /^(State|TracerPid|SigPnd|ShdPnd|SigCgt|Threads):/.test(line)),
      );
    const before = state();
    const wish = { count: 1, everyMs: 0, profileMs: 0, disk: root, signal };
    await expect(prepareTarget(String(child.pid), wish)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('it is stopped'),
      hint: expect.stringContaining('kill -CONT'),
    });
    expect(state()).toEqual(before);
    child.stdout!.removeAllListeners('data');
    child.kill('SIGCONT');
    await once(child.stdout!, 'data');
    expect(heldStill(child.pid)).toBeNull();
  });
});
