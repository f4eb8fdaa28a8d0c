import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { StanchError } from '../../base/errors.ts';
import { newCase } from '../../casework/case-folder.ts';
import { readResults } from '../../casework/results.ts';
import type { Series } from '../../model/series.ts';
import { rollout } from '../../verify/testing/rollout-series.ts';
import type { SeriesSide } from '../../verify/verify-series.ts';
import { capturedOutput } from '../captured-output.ts';
import type { Context } from '../context.ts';
import { verifyCommand } from './verify.ts';

const folder = mkdtempSync(join(tmpdir(), 'stanch-verify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const captured = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'go-goroutines', 'captured');

async function stanch(...args: string[]) {
  const output = capturedOutput({ width: 80 });
  const context: Context = { output, run: async () => 0, exitCode: 0 };
  try {
    await verifyCommand(context).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof StanchError)) throw error;
    return { exitCode: error.exitCode, out: output.results(), message: error.message };
  }
  return { exitCode: context.exitCode, out: output.results(), message: '' };
}

function csv(name: string, ...sides: readonly SeriesSide[]): string {
  const rows = ['time,process_resident_memory_bytes'];
  for (const { memory } of sides) rows.push(...rowsOf(memory));
  const path = join(folder, name);
  writeFileSync(path, `${rows.join('\n')}\n`);
  return path;
}

function rowsOf({ times, values }: Series): string[] {
  return [...times].map((time, at) => `${new Date(time).toISOString()},${Math.round(values[at]!)}`);
}

const repaired = rollout('rss', { seed: 4, left: 0, stepSeconds: 300 });
const halved = rollout('rss', { seed: 4, left: 0.5, stepSeconds: 300 });
const before = csv('before.csv', repaired.before);
const fixed = csv('fixed.csv', repaired.after);
const half = csv('half.csv', halved.after);

test('a fix: exit code 0, with the smallest leak that would have been seen', async () => {
  const { exitCode, out } = await stanch('--before', before, '--after', fixed, '--json');
  const { schema, verdict, series } = JSON.parse(out);
  expect({ exitCode, schema, verdict }).toEqual({ exitCode: 0, schema: 'stanch/verify@1', verdict: 'fixed' });
  expect(series.smallestLeakPerHour).toBeGreaterThan(0);
  expect(series.smallestLeakPerHour).toBeLessThan(0.1 * repaired.ratePerHour);
  expect(series.before.ratePerHour.value / repaired.ratePerHour).toBeCloseTo(1, 1);
});

test('half a fix: exit code 1, with what is left', async () => {
  const { exitCode, out } = await stanch('--before', before, '--after', half);
  expect(exitCode).toBe(1);
  expect(out).toMatch(/^✗ Still leaking: .* an hour, (4[5-9]|5[0-5])(\.\d)? % of the leak/);
  expect(Math.max(...out.split('\n').map((each) => each.length))).toBeLessThanOrEqual(80);
});

test('too short: exit code 5, and the time that it would take', async () => {
  const { after } = rollout('rss', { seed: 4, left: 0, hoursAfter: 30 / 3600, stepSeconds: 2 });
  const { exitCode, out } = await stanch('--before', before, '--after', csv('short.csv', after));
  expect(exitCode).toBe(5);
  expect(out).toMatch(/^\? Not enough data: needs .* behind the warm-up/);
});

test('one series that holds both, divided where the fix went live', async () => {
  const both = csv('both.csv', repaired.before, repaired.after);
  const at = new Date(repaired.after.memory.times[0]!).toISOString();
  expect((await stanch('--before', both, '--deployed', at)).exitCode).toBe(0);
});

test('a rate that was told will do', async () => {
  const rate = String(Math.round(repaired.ratePerHour));
  expect((await stanch('--rate', rate, '--after', fixed)).exitCode).toBe(0);
  expect((await stanch('--rate', rate, '--after', before)).exitCode).toBe(1);
});

test('dumps: the same cause must be gone, and another is another leak', async () => {
  const leak = join(captured, 'ticker-range');
  const healthy = join(captured, 'fixed-pool');
  const gone = await stanch('--before', leak, '--after', healthy, '--operations', '100,100', '--json');
  expect(JSON.parse(gone.out)).toMatchObject({ verdict: 'fixed', dumps: { causes: [{ state: 'gone' }] } });
  expect(gone.exitCode).toBe(0);
  const same = JSON.parse((await stanch('--before', leak, '--after', leak, '--json')).out);
  expect(same).toMatchObject({ verdict: 'still-leaking', dumps: { causes: [{ state: 'remains' }] } });
  const hardly = await stanch('--before', leak, '--after', healthy, '--operations', '1000,1');
  expect(hardly.exitCode).toBe(5);
});

test('a case keeps the answer, and knows the rate of before', async () => {
  const dir = join(folder, 'case');
  await newCase(dir, { title: 'a leak' });
  expect((await stanch('--case', dir, '--after', fixed)).message).toMatch(/knows neither a rate nor a cause/);
  expect((await stanch('--case', dir, '--before', before, '--after', fixed)).exitCode).toBe(0);
  const [kept] = await readResults(dir);
  expect(kept?.result).toMatchObject({ schema: 'stanch/verify@1', verdict: 'fixed' });
});

test('a live target: too short a time is told before anything is watched', async () => {
  const { exitCode, out } = await stanch(String(process.pid), '--for', '10m', '--before', before);
  expect(exitCode).toBe(5);
  expect(out).toMatch(/--for 10 min is too short/);
});

test('a live target is watched for as long as was asked', async () => {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  try {
    const args = [String(child.pid), '--for', '2s', '--before', before, '--anyway', '--json'];
    const { exitCode, out } = await stanch(...args);
    expect(exitCode).toBe(5);
    expect(JSON.parse(out).series.after.samples).toBeGreaterThanOrEqual(2);
  } finally {
    child.kill();
  }
});

test('what is missing from the command line is told', async () => {
  expect(await stanch('--after', fixed)).toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/nothing to compare/),
  });
  expect(await stanch('--before', before)).toMatchObject({ exitCode: 2 });
  expect(await stanch('1', '--before', before, '--after', fixed)).toMatchObject({ exitCode: 2 });
});
