import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { capturedOutput } from '../captured-output.ts';
import type { Context } from '../context.ts';
import { caseCommand } from './case.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-case-cli-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = join(root, 'leak');

async function stanchCase(...args: string[]): Promise<{ out: string; exitCode: number }> {
  const output = capturedOutput();
  const context: Context = { output, run: async () => 0, exitCode: 0 };
  await caseCommand(context).parseAsync(args, { from: 'user' });
  return { out: output.results(), exitCode: context.exitCode };
}

const widest = (text: string): number => Math.max(...text.split('\n').map((each) => each.length));

test('a case is opened, filled, checked, shown, handed over and closed', async () => {
  expect((await stanchCase('new', folder, '--title', 'killed every night')).out).toContain(
    'killed every night',
  );
  writeFileSync(
    join(root, 'memory.csv'),
    'time,memory_bytes\n2024-01-21T00:00:00Z,1\n2024-01-21T00:01:00Z,2\n',
  );
  const added = await stanchCase('add', folder, join(root, 'memory.csv'), '--note', 'from the dashboard');
  expect(added.out).toMatch(/memory\.csv .*csv/);
  await stanchCase('log', folder, 'workers restarted', '--kind', 'action', '--at', '2024-01-21T03:10Z');
  expect((await stanchCase('check', folder)).exitCode).toBe(0);
  const zip = await stanchCase('zip', folder, '-o', join(root, 'leak.zip'), '--json');
  expect(JSON.parse(zip.out)).toMatchObject({
    schema: 'stanch/case-zip@1',
    leftOut: [{ name: 'memory.csv' }],
  });
  await stanchCase('close', folder, '--verdict', 'mitigated');
  const { out } = await stanchCase('show', folder);
  expect(out).toContain('closed: mitigated');
  expect(out).toMatch(/2024-01-21 03:10:00 {2}action +workers restarted/);
  expect(widest(out)).toBeLessThanOrEqual(100);
  const { out: json } = await stanchCase('show', folder, '--json');
  expect(JSON.parse(json)).toMatchObject({
    schema: 'stanch/case-view@1',
    verdict: 'mitigated',
    diagnosis: null,
  });
});

test('commits of a checkout come on the timeline once, with their tags', async () => {
  const repository = join(root, 'repository');
  mkdirSync(repository);
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-C', repository, '-c', 'user.name=x', '-c', 'user.email=x@x', ...args], {
      stdio: 'pipe',
    });
  git('init', '-q');
  git('commit', '-q', '--allow-empty', '-m', 'first');
  git('tag', 'v1.0');
  git('commit', '-q', '--allow-empty', '-m', 'cache for sessions');
  const again = async () =>
    JSON.parse((await stanchCase('deploys', folder, repository, '--json')).out).records;
  expect((await again()).map(({ text }: { text: string }) => text)).toEqual([
    expect.stringMatching(/^v1\.0 [0-9a-f]{10} first$/),
    expect.stringMatching(/^[0-9a-f]{10} cache for sessions$/),
  ]);
  expect(await again()).toEqual([]);
  await expect(stanchCase('deploys', folder, root)).rejects.toMatchObject({
    code: 'no-git-log',
    exitCode: 3,
  });
});

test('damage gives exit code 3 and its name', async () => {
  writeFileSync(join(folder, 'timeline.jsonl'), '');
  const { out, exitCode } = await stanchCase('check', folder);
  expect(exitCode).toBe(3);
  expect(out).toContain('✗ missing  timeline.jsonl');
});

test.each([
  ['log', 'x', 'text', '--kind', 'opened'],
  ['close', 'x', '--verdict', 'perhaps'],
  ['log', 'x', 'text', '--at', 'yesterday'],
  ['show', 'nowhere'],
])('%s %s is a usage error', async (...args) => {
  await expect(stanchCase(...args)).rejects.toSatisfy(
    (error: { exitCode: number; code: string }) =>
      error.exitCode === 2 || error.code.startsWith('commander.'),
  );
});
