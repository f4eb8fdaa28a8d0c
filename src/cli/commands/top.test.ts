import { describe, expect, test } from 'vitest';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { groupByTree } from '../../sources/processes/process-tree.ts';
import { capturedOutput } from '../captured-output.ts';
import type { Context } from '../context.ts';
import { paint } from '../render/text.ts';
import { topLines } from '../render/top.ts';
import { topCommand } from './top.ts';

async function top(...args: string[]): Promise<string> {
  const output = capturedOutput();
  const context: Context = { output, run: () => Promise.resolve(0), exitCode: 0 };
  await topCommand(context).parseAsync(args, { from: 'user' });
  return output.results();
}

describe.runIf(process.platform === 'linux')('top', () => {
  test('lists the processes of this machine, worst first, without their command lines', async () => {
    const document = JSON.parse(await top('--json')) as {
      schema: string;
      groups: {
        memoryBytes: number;
        processes: { pid: number; growthBytes: number | null; command?: unknown }[];
      }[];
    };
    expect(document.schema).toBe('stanch/top@1');
    const sizes = document.groups.map(({ memoryBytes }) => memoryBytes);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    const self = document.groups
      .flatMap(({ processes }) => processes)
      .find(({ pid }) => pid === process.ppid)!;
    expect(self.command).toBeUndefined();
    // One look is no trend.
    expect(self.growthBytes).toBeNull();
  });

  test('shows only what matches, and no pattern is an error', async () => {
    expect(await top('--match', 'no such process anywhere \\d{40}')).toBe('no process matches\n');
    await expect(top('--match', '(')).rejects.toMatchObject({ code: 'usage' });
  });
});

test('a master and its workers stand together, the one near its limit is marked, lines keep the width', () => {
  const process = (pid: number, ppid: number, rssBytes: number, role: string): ProcessFacts =>
    ({
      pid,
      ppid,
      rssBytes,
      role,
      pssBytes: null,
      privateBytes: null,
      swapBytes: 0,
      runtime: 'ruby',
      master: ppid === 1,
      containerId: null,
      openFiles: 9,
      sockets: 2,
      ageSeconds: 7300,
      startTicks: 1,
      agent: null,
      room: { limitBytes: 2e9, usedBytes: 1.9e9, cgroup: '', machineFreeBytes: null, headroomBytes: 1e8 },
    }) as unknown as ProcessFacts;
  const groups = groupByTree([
    process(10, 1, 60e6, 'puma master'),
    process(11, 10, 900e6, 'puma worker 0'),
    process(12, 10, 300e6, 'puma worker 1'),
  ]);
  const text = paint(topLines({ groups, watched: null }, 5, 100), false);
  const rows = text.split('\n');
  expect(rows[1]).toMatch(/1\.26 GB .*ruby +puma master, 3 processes/);
  expect(rows[2]).toMatch(/^ *11 .*95 % of 2\.00 GB .*2 h .*puma worker 0/);
  expect(rows[4]).toMatch(/^ *10 /);
  expect(Math.max(...rows.map(({ length }) => length))).toBeLessThanOrEqual(100);
});
