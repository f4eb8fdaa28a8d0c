import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { StanchError } from '../../base/errors.ts';
import { capturedOutput } from '../captured-output.ts';
import type { Context } from '../context.ts';
import type { Output } from '../output.ts';
import { confirmCommand } from './confirm.ts';

const folder = mkdtempSync(join(tmpdir(), 'stanch-confirm-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function stanch(args: readonly string[], changes: Partial<Output> = {}) {
  const output = capturedOutput(changes);
  const context: Context = { output, run: async () => 0, exitCode: 0 };
  try {
    await confirmCommand(context).parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof StanchError)) throw error;
    return { exitCode: error.exitCode, out: output.results(), message: error.message, hint: error.hint };
  }
  return { exitCode: context.exitCode, out: output.results(), message: '', hint: '' };
}

/** A table of two days, five minutes apart; `value` of the hour and of the row's wiggle from −1 to 1. */
function table(head: string, value: (hour: number, wiggle: number) => string, hours = 48): string {
  const rows = [head];
  for (let row = 0; row < hours * 12; row++) {
    const time = new Date(Date.UTC(2024, 0, 20) + row * 300_000).toISOString();
    rows.push(`${time},${value(row / 12, Math.sin(row * 12.9898) * Math.cos(row * 78.233))}`);
  }
  return `${rows.join('\n')}\n`;
}

const leaking = file(
  'leak.csv',
  table('time,rss_mb', (hour, wiggle) => String(500 + 5 * hour + 6 * wiggle)),
);
const flat = file(
  'flat.csv',
  table('time,rss_mb', (_, wiggle) => String(500 + 6 * wiggle)),
);

test('a leak: the rate with its interval, the time to the limit, exit code 1', async () => {
  const { exitCode, out } = await stanch([leaking, '--limit', '1GB', '--json']);
  const { verdict, ratePerHour, timeToLimit, schema, metric, onset } = JSON.parse(out);
  expect(exitCode).toBe(1);
  expect({ schema, verdict, metric, onset }).toEqual({
    schema: 'stanch/confirm@1',
    verdict: 'leak',
    metric: 'rss_mb',
    onset: null,
  });
  expect(ratePerHour.low).toBeLessThanOrEqual(5e6);
  expect(ratePerHour.high).toBeGreaterThanOrEqual(5e6);
  expect(ratePerHour.high / ratePerHour.low).toBeLessThan(1.15);
  expect(timeToLimit.limitBytes).toBe(1e9);
  expect(timeToLimit.hours).toBeGreaterThan(50);
  expect(timeToLimit.hours).toBeLessThan(54);
});

test('text says the same within the width, with a chart', async () => {
  const { out } = await stanch([leaking, '--limit', '1GB'], { width: 80 });
  expect(out).toMatch(/^✗ Leak: 5\.0\d MB an hour, 5\d\.\d h to the limit \(linear\)/);
  expect(out).toMatch(/499 MB [⠁-⣿]{5}/);
  expect(Math.max(...out.split('\n').map((each) => each.length))).toBeLessThanOrEqual(80);
});

test('no leak is exit code 0, and says what would have been seen', async () => {
  const { exitCode, out } = await stanch([flat]);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^✓ No leak/);
  expect(out).toMatch(/would have been seen/);
});

test('too little is exit code 5, and says what is missing', async () => {
  const few = file('few.csv', 'time,memory_gb\n2024-01-21,1.8\n2024-01-21 18:00,2.4\n2024-01-22 06:30,3.2\n');
  const { exitCode, out } = await stanch([few]);
  expect(exitCode).toBe(5);
  expect(out).toMatch(/needs 2 more samples/);
  expect(out).toMatch(/speeds up: the last was 1\.92 times as fast/);
});

test('the onset is matched with the deploy', async () => {
  const path = file(
    'deploy.csv',
    table('time,rss_mb', (hour, wiggle) => String(500 + 8 * Math.max(0, hour - 20) + 4 * wiggle)),
  );
  const deploys = file('deploys.txt', '2024-01-19T10:00:00Z v1.41\n2024-01-20T20:00:00Z v1.42 new cache\n');
  const { onset, onsetEvent, ratePerHour } = JSON.parse(
    (await stanch([path, '--deploys', deploys, '--json'])).out,
  );
  expect(Math.abs(Date.parse(onset) - Date.UTC(2024, 0, 20, 20))).toBeLessThan(2.4 * 3_600_000);
  expect(onsetEvent).toBe('v1.42 new cache');
  expect(Math.abs(ratePerHour.value - 8e6)).toBeLessThan(0.4e6);
});

test('--since leaves out what is before', async () => {
  const path = file(
    'ended.csv',
    table('time,rss_mb', (hour, wiggle) => String(500 + 10 * Math.min(hour, 12) + 4 * wiggle)),
  );
  expect((await stanch([path, '--since', '30h'])).exitCode).toBe(0);
  expect((await stanch([path, '--since', '2024-01-20T00:00:00Z', '--json'])).exitCode).toBe(0);
  expect((await stanch([path, '--since', 'teatime'])).message).toMatch(/teatime.* is no time/);
});

test('one leaking replica of many is a leak, and stands first', async () => {
  const rows = ['time,pod,memory_bytes'];
  for (let row = 0; row < 300; row++) {
    for (const pod of ['api-a', 'api-b', 'api-c']) {
      const wiggle = Math.sin(row * 12.9898 + pod.charCodeAt(4)) * 1e6;
      rows.push(
        `${1705795200 + row * 300},${pod},${Math.round(4e8 + wiggle + (pod === 'api-b' ? row * 1e6 : 0))}`,
      );
    }
  }
  const { exitCode, out } = await stanch([file('pods.csv', rows.join('\n')), '--json']);
  const { labels, verdict, others } = JSON.parse(out);
  expect(exitCode).toBe(1);
  expect({ labels, verdict }).toEqual({ labels: { pod: 'api-b' }, verdict: 'leak' });
  expect(others.map((each: { verdict: string }) => each.verdict)).toEqual(['no-leak', 'no-leak']);
});

test('packed files and standard input', async () => {
  const packed = file('leak.csv.gz', gzipSync(table('time,rss_mb', (hour) => String(500 + 5 * hour))));
  expect((await stanch([packed])).exitCode).toBe(1);
  const stdin = (async function* () {
    yield new TextEncoder().encode(table('time,rss_mb', (hour) => String(500 + 5 * hour)));
  })();
  expect((await stanch(['-'], { stdin })).exitCode).toBe(1);
});

test('a server with the query API is asked for raw samples', async () => {
  const now = Math.floor(Date.now() / 1000);
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const values = Array.from({ length: 500 }, (_, at) => [now - (500 - at) * 60, String(4e8 + at * 1e6)]);
      const metric = { __name__: 'process_resident_memory_bytes', instance: 'a' };
      response.end(
        JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [{ metric, values }] } }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { exitCode, out } = await stanch([url, '--json']);
  await new Promise((resolve) => server.close(resolve));
  expect(exitCode).toBe(1);
  expect(JSON.parse(out).ratePerHour.value).toBeCloseTo(60e6, -5);
});

describe('what cannot be used', () => {
  test('is exit code 3 when nothing is left, and only named when something is', async () => {
    const other = file('other.txt', 'just words\n');
    expect(await stanch([other])).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('no numbers over time'),
    });
    const { exitCode, out } = await stanch([leaking, other, join(folder, 'none.csv'), '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(out).unreadable.map(({ reason }: { reason: string }) => reason)).toEqual([
      'no numbers over time that Stanch knows',
      'no such file',
    ]);
  });

  test('a metric that is not there is exit code 2, with those that are', async () => {
    const { exitCode, hint } = await stanch([leaking, '--metric', 'heap']);
    expect(exitCode).toBe(2);
    expect(hint).toBe('there are: rss_mb');
  });

  test('a server that is not there is exit code 4', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect((await stanch([`http://127.0.0.1:${port}`])).exitCode).toBe(4);
  });
});
