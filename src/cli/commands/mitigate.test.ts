import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { newCase } from '../../casework/case-folder.ts';
import { keepResult } from '../../casework/results.ts';
import { capturedOutput } from '../captured-output.ts';
import type { Context } from '../context.ts';
import type { MitigateDocument } from '../mitigate/document.ts';
import { outcomeLines, planLines } from '../render/mitigate.ts';
import { paint } from '../render/text.ts';
import { mitigateCommand } from './mitigate.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-mitigate-command-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ text: string; exitCode: number }> {
  const output = capturedOutput();
  const context: Context = { output, run: () => Promise.resolve(0), exitCode: 0 };
  await mitigateCommand(context).parseAsync(args, { from: 'user' });
  return { text: output.results(), exitCode: context.exitCode };
}

const CONFIRMED = {
  schema: 'stanch/confirm@1',
  metric: 'process_resident_memory_bytes',
  verdict: 'leak',
  unit: 'bytes',
  shape: 'linear',
  ratePerHour: { value: 40e6, low: 30e6, high: 50e6 },
  timeToLimit: null,
  restarts: [],
  floor: { times: [0, 1], values: [100e6, 300e6] },
};
const plan: MitigateDocument = {
  schema: 'stanch/mitigate@1',
  target: '4711',
  act: 'restart',
  state: 'planned',
  what: 'Puma, puma master 4711',
  case: null,
  workers: [
    { pid: 4712, role: 'puma worker 0', memoryBytes: 8e8, rssBytes: 9e8, ageSeconds: 7300, target: true },
  ],
  gates: [
    { name: 'supervisor', state: 'pass', says: 'the master forks another', next: null },
    { name: 'evidence', state: 'note', says: 'Without evidence, because: test', next: null },
  ],
  steps: [
    {
      does: 'sends SIGTERM to worker 4712',
      why: 'it has most memory',
      safe: 'documented',
      stops: 'a gate',
      command: null,
    },
  ],
  interval: null,
  noInterval: null,
  outcomes: [],
  stopped: null,
  next: 'stanch mitigate 4711 restart --worst --started 77 --yes',
};

describe('stanch mitigate', () => {
  test.each([
    [['4711', 'explode'], 'nothing that mitigate does'],
    [['deployment/x', 'restart'], 'all pods are restarted'],
    [['deployment/x', 'gc'], 'gc takes a pid'],
    [['a/b', 'restart'], 'neither a pid'],
    [['1', 'restart', '--signal', 'USR2'], '--signal is for rolling-restart'],
    [['1', 'restart', '--without-evidence', ' '], 'a reason is needed'],
    [['1', 'restart', '--ready', 'ftp://x'], 'is no http address'],
    [['1', 'restart', '--accept', 'evidence='], 'a gate and a reason'],
    [['1', 'restart', '--every', '3 parsecs'], 'a duration'],
    [['1', 'gc', '--confirm', '/nowhere'], '/nowhere'],
  ])('%j is not understood', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });

  test('a process that is not there is told so', async () => {
    await expect(run('999999999', 'restart')).rejects.toMatchObject({ code: 'no-process', exitCode: 4 });
  });

  test.runIf(process.platform === 'linux')(
    'a plan in text: nothing is done, and the exit code tells that a gate refuses',
    async () => {
      const { text, exitCode } = await run(String(process.pid), 'restart');
      expect(exitCode).toBe(4);
      expect(text).toContain('nothing was done');
      expect(text).toContain('✗ supervisor');
    },
  );

  test.runIf(process.platform === 'linux')(
    'an interval comes from a file, or from what the case has kept',
    async () => {
      const file = join(root, 'confirm.json');
      writeFileSync(file, JSON.stringify(CONFIRMED));
      const given = await run(String(process.pid), 'gc', '--confirm', file, '--limit', '500MB', '--json');
      const { interval } = JSON.parse(given.text) as MitigateDocument;
      expect(interval).toMatchObject({
        hours: 6,
        ratePerHour: 50e6,
        metric: 'process_resident_memory_bytes',
      });
      const folder = join(root, 'case');
      await newCase(folder);
      await keepResult(folder, CONFIRMED, 'it leaks');
      const kept = await run(
        String(process.pid),
        'gc',
        '--case',
        folder,
        '--limit',
        '500MB',
        '--floor',
        '300MB',
      );
      expect(kept.text).toContain('every 2 h');
      expect(kept.text).toContain('fixes nothing');
      const without = await run(String(process.pid), 'gc', '--case', folder, '--json');
      expect(JSON.parse(without.text)).toMatchObject({
        interval: null,
        noInterval: expect.stringContaining('--limit SIZE'),
      });
    },
  );
});

describe('the text of a plan', () => {
  test('shows the workers, the steps with why and what would stop them, the gates and the command that does it', () => {
    const text = paint(planLines(plan, 100), false);
    expect(text).toMatch(/→\s+4712\s+800 MB\s+900 MB\s+2 h 1 min\s+puma worker 0/);
    expect(text).toMatch(
      /1\. sends SIGTERM to worker 4712\n\s+why\s+it has most memory\n\s+safe\s+documented\n\s+stops\s+a gate/,
    );
    expect(text).toMatch(/· evidence\s+Without evidence, because: test/);
    expect(text).toContain(`\n  ${plan.next}\n`);
  });

  test('a refusal says what to do, and no command to copy', () => {
    const refused: MitigateDocument = {
      ...plan,
      state: 'refused',
      next: null,
      gates: [{ name: 'role', state: 'refuse', says: 'it is the master', next: '--worst' }],
    };
    const text = paint(planLines(refused, 100), false);
    expect(text).toMatch(/✗ role\s+it is the master\n\s+→ --worst/);
    expect(text).toContain('refused by 1 gate; nothing was done');
    expect(text).not.toContain('--yes');
  });

  test('how it ended, with failed questions and what was left', () => {
    const text = paint(
      outcomeLines(
        {
          outcomes: [
            {
              state: 'no-relief',
              says: '4712 → 4800',
              oldPids: [4712],
              newPids: [4800],
              memoryBeforeBytes: 2,
              memoryAfterBytes: 2,
              checks: { asked: 9, failed: 1 },
              elapsedMs: 2500,
            },
          ],
          stopped: 'it brought nothing; 1 more was left as it was',
        },
        'case',
        100,
      ),
      false,
    );
    expect(text).toContain('! no-relief 4712 → 4800 (2.5 s)');
    expect(text).toContain('1 of 9 questions');
    expect(text).toContain('stopped: it brought nothing');
    expect(text).toContain('on the timeline of case');
  });
});
