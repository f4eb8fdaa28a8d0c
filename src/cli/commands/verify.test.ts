import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { StanchError } from '../../base/errors.ts';
import { newCase } from '../../casework/case-folder.ts';
import { keepConfirmation } from '../../casework/keep-confirmation.ts';
import { readResults } from '../../casework/results.ts';
import { confirm } from '../../confirm/confirm.ts';
import type { Series } from '../../model/series.ts';
import type { SeriesSide } from '../../verify/series-side.ts';
import { rollout } from '../../verify/testing/rollout-series.ts';
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

/** A case in which the leak was confirmed, with the numbers behind that. */
async function confirmedCase(name: string): Promise<string> {
  const dir = join(folder, name);
  await newCase(dir, { title: name });
  const { memory } = repaired.before;
  await keepConfirmation(dir, confirm({ memory }), [memory], null);
  return dir;
}

test('a case is what was before: the numbers that it kept, by --before as by --case', async () => {
  const dir = await confirmedCase('confirmed');
  for (const option of ['--before', '--case']) {
    const good = await stanch(option, dir, '--after', fixed, '--json');
    expect(good.exitCode, good.message).toBe(0);
    expect(JSON.parse(good.out).series.before.samples).toBeGreaterThan(200);
    expect((await stanch(option, dir, '--after', half)).exitCode).toBe(1);
  }
  expect((await readResults(dir)).at(-1)?.result).toMatchObject({ schema: 'stanch/verify@1' });
});

test('a case and a live target: the time needed is told first, then it is watched', async () => {
  const dir = await confirmedCase('confirmed-live');
  const short = await stanch(String(process.pid), '--for', '10m', '--before', dir);
  expect([short.exitCode, short.out]).toEqual([5, expect.stringMatching(/--for 10 min is too short/)]);
  const live = [String(process.pid), '--for', '2s', '--anyway', '--json'];
  const { exitCode, out, message } = await stanch(...live, '--before', dir);
  expect(exitCode, message).toBe(5);
  const { series } = JSON.parse(out);
  expect(series.before.ratePerHour.value / repaired.ratePerHour).toBeCloseTo(1, 1);
  expect(series.after.samples).toBeGreaterThanOrEqual(2);
});

test('a live target and dumps after the fix: numbers are watched, causes compared', async () => {
  const dumps = ['--after', join(captured, 'fixed-pool'), '--operations', '100,100'];
  const { exitCode, out, message } = await stanch(
    ...[String(process.pid), '--for', '2s', '--anyway', '--json'],
    ...['--before', before, join(captured, 'ticker-range'), ...dumps],
  );
  expect(exitCode, message).toBe(5);
  expect(JSON.parse(out)).toMatchObject({
    verdict: 'not-enough-data',
    series: { verdict: 'not-enough-data' },
    dumps: { verdict: 'fixed', causes: [{ state: 'gone' }] },
  });
  const both = await stanch('1', '--before', before, '--after', fixed);
  expect(both).toMatchObject({ exitCode: 2, message: expect.stringMatching(/which of them is after/) });
});

test('what cannot be meant is told, with what could', async () => {
  const dir = join(folder, 'empty');
  await newCase(dir, { title: 'empty' });
  const said = async (...args: string[]) => (await stanch(...args)).message;
  expect(await said('1', '--before', dir)).toMatch(/knows neither a rate nor a cause/);
  expect(await said(dir, '--before', before)).toMatch(/is a case, not a process/);
  expect(await said('1', '--before', before, '--deployed', '2024-01-01T00:00Z')).toMatch(/no other after/);
  expect(await said('--before', before, '--after', fixed, '--for', '5m')).toMatch(/--for is how long/);
});

test('what is missing from the command line is told', async () => {
  expect(await stanch('--after', fixed)).toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/nothing to compare/),
  });
  expect(await stanch('--before', before)).toMatchObject({ exitCode: 2 });
  expect(await stanch('1', '--before', before, '--after', fixed)).toMatchObject({ exitCode: 2 });
});
