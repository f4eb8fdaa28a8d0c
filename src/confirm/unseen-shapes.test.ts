import { expect, test } from 'vitest';
import { type Series, seriesFrom } from '../model/series.ts';
import { confirm } from './confirm.ts';

const START = Date.UTC(2024, 0, 20);
const MINUTES_5 = 300_000;

const count = (length: number): number[] => Array.from({ length }, (_, at) => at);

function series(name: string, values: readonly number[], unit: Series['unit'] = 'bytes'): Series {
  return seriesFrom(
    { name, labels: {}, unit, kind: 'gauge', source: 'test' },
    values.map((_, at) => START + at * MINUTES_5),
    values,
  );
}

/** From −1 to 1, the same each time. */
const wiggle = (at: number): number => Math.sin(at * 12.9898) * Math.cos(at * 78.233);

test('a worker that is busy now and then is not taken for a process that begins anew', () => {
  const lengths = [37, 29, 44, 31, 52, 26, 41, 35, 47, 33, 39, 28, 45, 36];
  const values = lengths.flatMap((length, turn) =>
    count(length).map((at) => 4e8 + (turn % 2) * (6e8 + 3e7 * wiggle(at)) + 2e6 * wiggle(at + turn)),
  );
  expect(confirm({ memory: series('process_resident_memory_bytes', values) })).toMatchObject({
    restarts: [],
    ratePerHour: null,
  });
});

test('a count of restarts says where a process begins', () => {
  const values = count(864).map((at) => 4e8 + (at % 144) * 8e5 + 2e6 * wiggle(at));
  const restarts = series(
    'kube_pod_container_status_restarts_total',
    count(864).map((at) => Math.floor(at / 144)),
    'count',
  );
  const result = confirm({ memory: series('rss_bytes', values), others: [restarts] });
  expect(result.restarts.map(({ sign }) => sign)).toEqual(Array(5).fill('restart-count'));
  expect(result.verdict).toBe('leak');
});

test('a rise from one level to another that ends in the view is no leak', () => {
  const values = count(900).map(
    (at) => 1e9 + 4e8 * Math.min(1, Math.max(0, (at - 250) / 180)) + 8e6 * wiggle(at),
  );
  expect(confirm({ memory: series('rss_bytes', values) }).verdict).toBe('no-leak');
});

test('the process that runs now is not outvoted by a longer one that is gone', () => {
  const values = count(1000).map((at) => (at < 640 ? 1e9 : 1e9 + (at - 640) * 1e6) + 6e6 * wiggle(at));
  const starts = count(1000).map((at) => (at < 640 ? 1000 : 200_000));
  const result = confirm({
    memory: series('rss_bytes', values),
    others: [series('process_start_time_seconds', starts, 'seconds')],
  });
  expect(result.verdict).toBe('leak');
});

test('the time to the limit counts from the last sample', () => {
  const values = count(576).map((at) => 5e8 + at * 5e5 + 1e6 * wiggle(at));
  const { timeToLimit } = confirm({ memory: series('rss_bytes', values), limit: 1e9 });
  expect(timeToLimit!.hours / ((1e9 - values.at(-1)!) / 6e6)).toBeCloseTo(1, 1.7);
});

test('the used memory of a Java virtual machine is a heap, and its time in collections is known', () => {
  const values = count(400).map((at) => Math.min(9.7e8, 4e8 + at * 3e6) + 2e7 * (1 + wiggle(at)));
  const spent = count(400).map((at) => (at < 200 ? at * 2 : 400 + (at - 200) * 40));
  const result = confirm({
    memory: series('jvm_memory_used_bytes', values),
    others: [series('jvm_gc_collection_seconds_sum', spent, 'seconds')],
  });
  expect(result).toMatchObject({ verdict: 'leak', shape: 'limit-plateau' });
});

/** 1 % of noise beside a rise of half the level over 300 samples. */
const rise = (course: (share: number) => number): number[] =>
  count(300).map((at) => 4e8 * (1 + 0.5 * course(at / 300)) + 4e6 * wiggle(at));

test('a rise that slows all the time and has not come to rest is left open, an even one is not', () => {
  const slowing = confirm({
    memory: series(
      'rss_bytes',
      rise((share) => 1 - Math.exp(-1.4 * share)),
    ),
  });
  expect(slowing.verdict).toBe('inconclusive');
  expect(slowing.reasons.join()).toMatch(
    /slows down: the second half rose at [45]\d\.?\d* % of the pace of the first/,
  );
  const even = confirm({
    memory: series(
      'rss_bytes',
      rise((share) => share),
    ),
  });
  expect(even.verdict).toBe('leak');
  expect(even.reasons).toContain('it does not slow down, as a warm-up or a cache that fills would');
});

test('what grows ever faster is told by its later rate, and the range goes to what the end is', () => {
  const { shape, ratePerHour } = confirm({
    memory: series(
      'rss_bytes',
      rise((share) => share ** 2),
    ),
  });
  const mean = (4e8 * 0.5) / 25;
  expect(shape).toBe('accelerating');
  expect(ratePerHour!.low).toBeLessThan(mean);
  expect(ratePerHour!.value).toBeGreaterThan(1.3 * mean);
  expect(ratePerHour!.high).toBeGreaterThan(1.9 * mean);
});

test('a load that rose all morning hides what it drives; at even load the same rise is a leak', () => {
  const memory = series(
    'rss_bytes',
    count(90).map((at) => 4e8 * (1 + 0.2 * (at / 90)) + 1e6 * wiggle(at)),
  );
  const load = (of: (at: number) => number) =>
    series(
      'requests_per_second',
      count(90).map((at) => of(at) + wiggle(at + 7)),
      null,
    );
  expect(confirm({ memory, others: [load((at) => 20 + at)] }).verdict).toBe('inconclusive');
  expect(confirm({ memory, others: [load(() => 60)] }).verdict).toBe('leak');
});

test('six noisy samples clear nobody', () => {
  const values = [0.2, -1, 0.7, 1.1, -0.6, -0.1, 0.9, -0.8].map((noise) => 4e8 * (1 + 0.1 * noise));
  expect(confirm({ memory: series('rss_bytes', values) }).verdict).toBe('inconclusive');
});

test('a heap that is held below its limit by ever more collections is a leak, whatever its level does there', () => {
  const limit = 1e9;
  const live = count(600).map((at) => Math.min(0.97 * limit, 4e8 + 2.4e6 * at));
  const used = live.map((each, at) => each + (limit - each) * (0.5 + 0.45 * wiggle(at)));
  let spent = 0;
  const seconds = live.map((each) => (spent += 6e8 / Math.max(limit - each, 2e7)));
  const gc = series('jvm_gc_collection_seconds_sum', seconds, 'seconds');
  const judge = (values: readonly number[]) =>
    confirm({ memory: series('jvm_memory_used_bytes', values), others: [gc], limit });
  expect(judge(used)).toMatchObject({ verdict: 'leak', shape: 'limit-plateau' });
  // With steps on the way there, which are judged by themselves.
  expect(judge(used.map((each, at) => Math.min(limit, each + (at % 200 > 100 ? 6e7 : 0))))).toMatchObject({
    verdict: 'leak',
  });
});
