import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockTarget } from './capture-lock.ts';

let folder: string;
const { XDG_RUNTIME_DIR } = process.env;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stanch-lock-'));
  process.env['XDG_RUNTIME_DIR'] = folder;
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  if (XDG_RUNTIME_DIR === undefined) delete process.env['XDG_RUNTIME_DIR'];
  else process.env['XDG_RUNTIME_DIR'] = XDG_RUNTIME_DIR;
});

const inside = (): string => join(folder, readdirSync(folder)[0]!);
const files = (): string[] => readdirSync(inside());

test('is held until it is given back, and leaves no file', () => {
  const identity = randomUUID();
  const unlock = lockTarget(identity, 'process 1');
  expect(() => lockTarget(identity, 'process 1')).toThrow('process 1');
  lockTarget(randomUUID(), 'process 2')();
  unlock();
  expect(files()).toEqual([]);
  lockTarget(identity, 'process 1')();
});

test('of a process that has ended does not count, nor that of an earlier process with the pid of a living one', () => {
  const identity = randomUUID();
  lockTarget(identity, 'x')();
  const unlock = lockTarget(identity, 'x');
  const file = join(inside(), files()[0]!);
  const ended = spawnSync(process.execPath, ['-e', '']).pid;
  const owners = [
    { pid: ended, startTicks: 1 },
    ...(process.platform === 'linux' ? [{ pid: 1, startTicks: -1 }] : []),
  ];
  for (const owner of owners) {
    writeFileSync(file, JSON.stringify(owner));
    const again = lockTarget(identity, 'x');
    // What is given back late is not ours any more.
    unlock();
    expect(readFileSync(file, 'utf8')).toContain(`"pid":${process.pid}`);
    again();
  }
  expect(files()).toEqual([]);
});

test('that says nothing was left by a crash, and does not lock anybody out', () => {
  const identity = randomUUID();
  lockTarget(identity, 'x')();
  lockTarget(identity, 'x');
  writeFileSync(join(inside(), files()[0]!), '');
  lockTarget(identity, 'x')();
});
