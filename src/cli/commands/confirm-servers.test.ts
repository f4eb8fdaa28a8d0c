import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StanchError } from '../../base/errors.ts';
import { PrometheusClient } from '../../sources/prometheus/client.ts';
import { capturedOutput } from '../captured-output.ts';
import type { Context } from '../context.ts';
import { confirmCommand } from './confirm.ts';

/** History that is filled in behind: two services, one of which leaks, each five seconds for two days, one of them renamed by a rollout. */
const STEP_S = 5;
const HOURS = 50;
const NOW_S = Math.floor(Date.now() / 1000 / 3600) * 3600;
const START_S = NOW_S - HOURS * 3600;
const LEAK_PER_HOUR = 8e6;
const COUNT = (HOURS * 3600) / STEP_S;

interface Made {
  /** Of the points, one of so many is there. */
  readonly every?: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: (second: number, at: number) => number;
}

async function stanch(args: readonly string[]) {
  const output = capturedOutput();
  const context: Context = { output, run: async () => 0, exitCode: 0 };
  try {
    await confirmCommand(context).parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof StanchError)) throw error;
    return { exitCode: error.exitCode, out: output.results(), message: error.message };
  }
  return { exitCode: context.exitCode, out: output.results(), message: '' };
}

const MEMORY = 'process_resident_memory_bytes';
/** A fleet whose history is a point each ten minutes. */
const FLEET = 100;
const FLEET_LEAKS = 37;
const SPARSE = 120;
const wiggle = (at: number): number => Math.sin(at * 12.9898) * Math.cos(at * 78.233);
const MADE: readonly Made[] = [
  {
    name: 'process_resident_memory_bytes',
    labels: { job: 'api', instance: '10.0.0.1:80' },
    value: (second, at) => 4e8 + (LEAK_PER_HOUR * second) / 3600 + 5e6 * wiggle(at),
  },
  {
    name: 'process_resident_memory_bytes',
    labels: { job: 'api', instance: '10.0.0.2:80' },
    value: (_, at) => 4e8 + 5e6 * wiggle(at),
  },
  ...['10.0.0.1:80', '10.0.0.2:80'].map((instance) => ({
    name: 'process_start_time_seconds',
    labels: { job: 'api', instance },
    value: () => START_S - 1000,
  })),
  ...Array.from({ length: FLEET }, (_, host) => ({
    name: 'fleet_memory_bytes',
    labels: { job: 'fleet', instance: `host-${host}` },
    every: SPARSE,
    value: (second: number, at: number) =>
      4e8 + (host === FLEET_LEAKS ? (LEAK_PER_HOUR * second) / 3600 : 0) + 5e6 * wiggle(at + host),
  })),
];

function labelText({ labels }: Made): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}="${value}"`)
    .join(',');
}

function isThere(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

const hasPrometheus = isThere('prometheus', '--version') && isThere('promtool', '--version');
const hasVictoria = isThere('victoria-metrics', '--version');
const folder = mkdtempSync(join(tmpdir(), 'stanch-servers-'));
const servers: ChildProcess[] = [];

afterAll(async () => {
  for (const server of servers) {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A port that nobody has: those of the services that Debian starts by itself are left alone. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function started(
  command: string,
  args: readonly string[],
  url: string,
  ready: string,
): Promise<string> {
  servers.push(spawn(command, args, { stdio: 'ignore' }));
  for (let tries = 0; tries < 300; tries++) {
    const ok = await fetch(`${url}${ready}`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return url;
    await sleep(100);
  }
  throw new Error(`${command} did not come up`);
}

async function prometheus(): Promise<string> {
  const lines = ['# TYPE process_resident_memory_bytes gauge'];
  const samples = (name: string): void => {
    for (const made of MADE.filter((each) => each.name === name)) {
      for (let at = 0; at < COUNT; at += made.every ?? 1)
        lines.push(`${name}{${labelText(made)}} ${made.value(at * STEP_S, at)} ${START_S + at * STEP_S}`);
    }
  };
  samples('process_resident_memory_bytes');
  lines.push('# TYPE process_start_time_seconds gauge');
  samples('process_start_time_seconds');
  lines.push('# TYPE fleet_memory_bytes gauge');
  samples('fleet_memory_bytes');
  lines.push('# EOF\n');
  const history = join(folder, 'history.om');
  writeFileSync(history, lines.join('\n'));
  const data = join(folder, 'prometheus');
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', history, data], { stdio: 'ignore' });
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, 'scrape_configs: []\n');
  const port = await freePort();
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${data}`,
    '--storage.tsdb.retention.time=30d',
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  return started('prometheus', args, `http://127.0.0.1:${port}`, '/-/ready');
}

async function victoria(): Promise<string> {
  const port = await freePort();
  const args = [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${join(folder, 'victoria')}`,
    '-retentionPeriod=12',
    '-search.latencyOffset=0s',
  ];
  const url = await started('victoria-metrics', args, `http://127.0.0.1:${port}`, '/health');
  const body = MADE.map(({ name, labels, value, every = 1 }) => {
    const points = Array.from({ length: COUNT / every }, (_, index) => index * every);
    return JSON.stringify({
      metric: { __name__: name, ...labels },
      values: points.map((at) => value(at * STEP_S, at)),
      timestamps: points.map((at) => (START_S + at * STEP_S) * 1000),
    });
  }).join('\n');
  const answer = await fetch(`${url}/api/v1/import`, { method: 'POST', body });
  expect(answer.status).toBe(204);
  await fetch(`${url}/internal/force_flush`);
  return url;
}

describe.each([
  { what: 'Prometheus', has: hasPrometheus, start: prometheus, status: 400 },
  { what: 'VictoriaMetrics', has: hasVictoria, start: victoria, status: 422 },
])('a real $what', ({ what, has, start, status }) => {
  const skip = has ? '' : ` (not tested: ${what.toLowerCase()})`;
  describe.skipIf(!has)(`with two days of history${skip}`, () => {
    let url = '';
    beforeAll(async () => {
      url = await start();
    }, 120_000);
    test('its own limit of points refuses the whole range at once', async () => {
      const parameters = { query: MADE[0]!.name, start: START_S, end: NOW_S, step: STEP_S };
      const query = new URLSearchParams(
        Object.entries(parameters).map(([key, value]) => [key, String(value)]),
      );
      const answer = await fetch(`${url}/api/v1/query_range?${query}`);
      expect(answer.status).toBe(status);
    });

    test('raw samples come whole through the range vector, and ranges in pieces', async () => {
      const client = new PrometheusClient({ url });
      const selector = 'process_resident_memory_bytes{instance="10.0.0.1:80"}';
      const [raw, ...more] = await client.rawSamples(selector, START_S * 1000 - 1, NOW_S * 1000);
      expect(more).toEqual([]);
      expect(raw!.values.length).toBe(COUNT);
      expect(raw!.values[100]).toBeCloseTo(MADE[0]!.value(100 * STEP_S, 100), 3);
      const [range] = await client.queryRange(selector, START_S * 1000, NOW_S * 1000 - 1000, STEP_S * 1000);
      expect(range!.values.length).toBe(COUNT);
    });

    test.each([
      ['--metric', MEMORY],
      ['--selector', `${MEMORY}{job="api"}`],
      ['--promql', `sum by (instance) (${MEMORY}{job=~"a.*"})`],
    ])('stanch confirm %s: the leaking one of both is named first, with its rate', async (option, asked) => {
      const { exitCode, out } = await stanch([url, option, asked, '--limit', '1GB', '--json']);
      const worst = JSON.parse(out);
      expect([exitCode, worst.verdict, worst.labels.instance]).toEqual([1, 'leak', '10.0.0.1:80']);
      expect(worst.ratePerHour.low).toBeLessThan(LEAK_PER_HOUR);
      expect(worst.ratePerHour.high).toBeGreaterThan(LEAK_PER_HOUR);
      const hours = (1e9 - 4e8 - HOURS * LEAK_PER_HOUR) / LEAK_PER_HOUR;
      expect(worst.timeToLimit.hours / hours).toBeGreaterThan(0.9);
      expect(worst.timeToLimit.hours / hours).toBeLessThan(1.1);
      expect(worst.others.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['no-leak']);
    });

    test('a hundred series are judged in batches by their lowest samples, worst first', async () => {
      const { exitCode, out } = await stanch([url, '--selector', 'fleet_memory_bytes', '--json']);
      const { verdict, labels, ratePerHour, others, notes } = JSON.parse(out);
      expect([exitCode, verdict, labels.instance]).toEqual([1, 'leak', `host-${FLEET_LEAKS}`]);
      expect(ratePerHour.low).toBeLessThan(LEAK_PER_HOUR);
      expect(ratePerHour.high).toBeGreaterThan(LEAK_PER_HOUR);
      expect(others).toHaveLength(FLEET - 1);
      expect(others.some((each: { verdict: string }) => each.verdict === 'leak')).toBe(false);
      expect(notes.join()).toMatch(/100 series: judged by the lowest sample/);
    });

    test('what it refuses is told in its own words', async () => {
      const { exitCode, message } = await stanch([url, '--promql', 'sum(']);
      expect(exitCode).toBe(4);
      expect(message).toMatch(/HTTP 4\d\d: .*(?:parse|unexpected)/i);
    });
  });
});
