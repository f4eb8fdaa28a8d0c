import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { heldStill } from './held-still.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-held-still-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

describe('a process that answers nobody', () => {
  // As Docker 20.10 was seen to leave them on a machine with cgroups of both versions.
  write('proc/7/status', 'Name:\tnode\nState:\tD (disk sleep)\n');
  write(
    'proc/7/cgroup',
    '9:memory:/docker/abc\n3:freezer:/docker/abc\n1:name=systemd:/docker/abc\n0::/docker/abc\n',
  );
  write('proc/8/status', 'State:\tS (sleeping)\n');
  write('proc/8/cgroup', '0::/system.slice/docker-abc.scope\n');

  test.each([
    ['version 1', 7, 'cgroup/freezer/docker/abc/freezer.state', 'FROZEN\n', 'THAWED\n'],
    [
      'version 2',
      8,
      'cgroup/system.slice/docker-abc.scope/cgroup.events',
      'populated 1\nfrozen 1\n',
      'populated 1\nfrozen 0\n',
    ],
    [
      'version 2 beside 1',
      8,
      'cgroup/unified/system.slice/docker-abc.scope/cgroup.events',
      'populated 1\nfrozen 1\n',
      'populated 1\nfrozen 0\n',
    ],
  ])('is told by its cgroup, %s', (_, pid, file, frozen, thawed) => {
    write(file, frozen);
    expect(heldStill(pid, join(root, 'proc'), join(root, 'cgroup'))).toBe('frozen');
    write(file, thawed);
    expect(heldStill(pid, join(root, 'proc'), join(root, 'cgroup'))).toBeNull();
  });

  test.skipIf(process.platform !== 'linux')('is told by its state, when a signal stopped it', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    try {
      expect(heldStill(child.pid!)).toBeNull();
      child.kill('SIGSTOP');
      await expect.poll(() => heldStill(child.pid!)).toBe('stopped');
    } finally {
      child.kill('SIGKILL');
    }
  });
});
