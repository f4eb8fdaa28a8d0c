import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newCase } from '../../casework/case-folder.ts';
import { log, viewCase } from '../../casework/case-view.ts';
import { keepResult } from '../../casework/results.ts';
import { capturedOutput } from '../captured-output.ts';
import type { Context } from '../context.ts';
import { checkCommand } from './check.ts';
import { confirmCommand } from './confirm.ts';
import { reportCommand } from './report.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-report-command-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = join(root, 'leak');
const MAIL = ['anna', 'shop.example.org'].join('@');

async function stanch(
  command: (context: Context) => { parseAsync: (args: string[], from: { from: 'user' }) => Promise<unknown> },
  ...args: string[]
): Promise<{ out: string; exitCode: number }> {
  const output = capturedOutput();
  const context: Context = { output, run: () => Promise.resolve(0), exitCode: 0 };
  await command(context).parseAsync(args, { from: 'user' });
  return { out: output.results(), exitCode: context.exitCode };
}

beforeAll(async () => {
  await newCase(folder, { title: 'killed every night' });
  await log(folder, { kind: 'alert', text: `memory at 92 %, says ${MAIL}`, facts: { severity: 'P1' } });
  const rows = Array.from(
    { length: 5000 },
    (_, at) =>
      `${new Date(Date.UTC(2024, 0, 21) + at * 10_000).toISOString()},${200e6 + at * 20_000 + (at % 11) * 4e5}`,
  );
  writeFileSync(join(root, 'memory.csv'), `time,rss_bytes\n${rows.join('\n')}\n`);
  await stanch(confirmCommand, join(root, 'memory.csv'), '--limit', '1GB', '--case', folder);
  writeFileSync(
    join(root, 'incident.md'),
    '# Incident\n\n**Growth Rate**: 10MB every hour\n\n00:00  100MB\n01:00  200MB\n02:00  300MB\n',
  );
  await stanch(checkCommand, join(root, 'incident.md'), '--case', folder);
});

test('confirm and check keep their answers in the case, the series thinned', async () => {
  const { results } = await viewCase(folder);
  expect(results.map(({ schema }) => schema)).toEqual(['stanch/confirm@1', 'stanch/check@1']);
  const document = JSON.parse(readFileSync(join(folder, results[0]!.file), 'utf8'));
  expect(document).toMatchObject({ verdict: 'leak', limit: 1e9, samples: { of: 5000 } });
  expect(document.samples.times.length).toBeLessThanOrEqual(800);
  expect(Math.max(...document.samples.values)).toBe(
    Math.max(...Array.from({ length: 5000 }, (_, at) => 200e6 + at * 20_000 + (at % 11) * 4e5)),
  );
  await expect(
    stanch(confirmCommand, join(root, 'memory.csv'), '--case', join(root, 'none')),
  ).rejects.toMatchObject({ exitCode: 2 });
});

test('in the terminal it fits the width, says what is known and what is missing', async () => {
  const { out } = await stanch(reportCommand, folder);
  expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  for (const text of [
    'killed every night',
    'P1',
    'rss_bytes grows by',
    'What is missing',
    'stanch capture',
    'Claims, checked',
  ])
    expect(out).toContain(text);
  expect(out).not.toContain(MAIL);
});

test('values are shown on demand only', async () => {
  expect((await stanch(reportCommand, folder, '--show-values')).out).toContain(MAIL);
  await expect(stanch(reportCommand, folder, '--show-values', '--mask-hosts')).rejects.toMatchObject({
    exitCode: 2,
  });
  expect((await stanch(reportCommand, folder, '--mask', 'killed')).out).not.toContain('killed');
});

test('a file is private, whole, and stands on the timeline once', async () => {
  for (const name of ['a.html', 'a.md', 'a.json']) {
    await stanch(reportCommand, folder, '-o', join(root, name));
    expect(statSync(join(root, name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(root, name), 'utf8')).not.toContain(MAIL);
  }
  expect(JSON.parse(readFileSync(join(root, 'a.json'), 'utf8'))).toMatchObject({
    schema: 'stanch/report@1',
    masked: true,
  });
  const { timeline } = await viewCase(folder);
  expect(timeline.filter(({ facts }) => facts?.['report'] !== undefined)).toHaveLength(1);
});

test('a name whose end says nothing is refused before anything is read or written', async () => {
  await expect(stanch(reportCommand, folder, '-o', join(root, 'report.pdf'))).rejects.toMatchObject({
    exitCode: 2,
  });
  expect(existsSync(join(root, 'report.pdf'))).toBe(false);
  await expect(stanch(reportCommand, join(root, 'nowhere'))).rejects.toMatchObject({ exitCode: 2 });
});

test('a document that is not what its schema says is named by its record and breaks nothing', async () => {
  const other = join(root, 'other');
  await newCase(other);
  for (const schema of [
    'stanch/confirm@1',
    'stanch/check@1',
    'stanch/verify@1',
    'stanch/run@1',
    'stanch/new@7',
  ])
    await keepResult(
      other,
      { schema, verdict: 'leak', claims: 7, series: {}, causes: [{}], metrics: null } as { schema: string },
      `said by ${schema}`,
    );
  const { out } = await stanch(reportCommand, other);
  expect(out).toContain('said by stanch/verify@1');
});
