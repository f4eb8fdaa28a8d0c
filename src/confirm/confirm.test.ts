import { describe, expect, test } from 'vitest';
import { type Series, seriesFrom } from '../model/series.ts';
import { confirm } from './confirm.ts';
import { confirmSet } from './confirm-set.ts';
import { parseDeploys } from './deploys.ts';
import { joinPods, ownerOfPod, withoutCopies } from './pods.ts';

const START = Date.UTC(2024, 0, 20);

function series(
  name: string,
  values: readonly number[],
  stepMs = 300_000,
  labels = {},
  fromMs = START,
): Series {
  return seriesFrom(
    { name, labels, unit: 'bytes', kind: 'gauge', source: 'test' },
    values.map((_, at) => fromMs + at * stepMs),
    values,
  );
}

const count = (length: number): number[] => Array.from({ length }, (_, at) => at);

test('a process that began anew is not mixed with the one before', () => {
  const values = count(200).map((at) => 4e8 + (at < 120 ? at * 1e6 : (at - 120) * 1e6) + (at % 7) * 1e5);
  const starts = count(200).map((at) => (at < 120 ? 1000 : 37_000));
  const result = confirm({
    memory: series('process_resident_memory_bytes', values),
    others: [{ ...series('process_start_time_seconds', starts), unit: 'seconds' }],
  });
  expect(result.restarts.map(({ at, sign }) => [at, sign])).toEqual([['2024-01-20T10:00:00Z', 'start-time']]);
  expect(result.verdict).toBe('leak');
  expect(result.ratePerHour!.value).toBeCloseTo(12e6, -6);
  expect(result.segments.map(({ kind }) => kind)).toContain('restart');
});

test('a working set that stays says that usage is page cache', () => {
  const usage = series(
    'container_memory_usage_bytes',
    count(300).map((at) => 4e8 + at * 2e6 + (at % 5) * 1e5),
  );
  const inner = series(
    'container_memory_working_set_bytes',
    count(300).map((at) => 3e8 + (at % 11) * 1e5),
  );
  expect(confirm({ memory: usage, others: [inner] })).toMatchObject({
    verdict: 'no-leak',
    shape: 'page-cache',
  });
  expect(confirm({ memory: usage }).verdict).toBe('leak');
});

test('growth with the load is no leak; growth at equal load is', () => {
  const wave = count(400).map((at) => 100 + at * 0.2 + 30 * Math.sin(at * 0.9) + 20 * Math.sin(at * 0.37));
  const load = { ...series('requests_per_second', wave), unit: null };
  const memory = wave.map((each, at) => 4e8 + each * 1e6 + (at % 5) * 1e5);
  expect(confirm({ memory: series('rss_bytes', memory), others: [load] })).toMatchObject({
    verdict: 'no-leak',
    shape: 'load-driven',
  });
  const leaking = memory.map((each, at) => each + at * 1e6);
  expect(confirm({ memory: series('rss_bytes', leaking), others: [load] }).verdict).toBe('leak');
});

test('who knows that a minute is long for a process may say so', () => {
  const memory = series(
    'rss_bytes',
    count(60).map((at) => 1e8 + at * 1e6),
    1000,
  );
  expect(confirm({ memory }).verdict).toBe('inconclusive');
  expect(confirm({ memory, leastMs: 30_000 }).verdict).toBe('leak');
});

test('a few minutes clear nobody', () => {
  const result = confirm({
    memory: series(
      'rss_bytes',
      count(60).map((at) => 4e8 + (at % 3)),
      1000,
    ),
  });
  expect(result.verdict).toBe('inconclusive');
  expect(result.missing.join()).toMatch(/10 min at least/);
});

test.each([
  ['nothing', []],
  ['one sample', [1]],
  ['all equal', count(100).map(() => 5)],
  ['zeros', count(100).map(() => 0)],
  ['falling', count(100).map((at) => 1e9 - at * 1e6)],
  ['two values by turns', count(100).map((at) => (at % 2) * 1e6)],
  ['huge', count(100).map((at) => 1e300 + at * 1e298)],
  ['negative', count(100).map((at) => -1e6 - (at % 7))],
])('%s is no leak and no crash', (_, values) => {
  const result = confirm({ memory: series('rss_bytes', values), limit: 1e9 });
  if (values[0] !== 1e300) expect(result.verdict).not.toBe('leak');
  expect(JSON.parse(JSON.stringify(result)).schema).toBe('stanch/confirm@1');
});

test('the verdict does not hang on the unit or on the beginning of time', () => {
  const memory = series(
    'rss_bytes',
    count(300).map((at) => 5e8 + at * 1e6 + 4e6 * Math.sin(at * 1.7)),
  );
  const base = confirm({ memory });
  const scaled = confirm({ memory: { ...memory, values: memory.values.map((each) => each / 1024 ** 2) } });
  const shifted = confirm({
    memory: { ...memory, times: memory.times.map((each) => each - 3 * 86_400_000) },
  });
  for (const other of [scaled, shifted]) expect(other.verdict).toBe(base.verdict);
  expect(scaled.ratePerHour!.value * 1024 ** 2).toBeCloseTo(base.ratePerHour!.value, -1);
  expect(shifted.ratePerHour!.value).toBeCloseTo(base.ratePerHour!.value, -1);
});

describe('deep falls that nothing says are new processes', () => {
  const teeth = (name: string, lives: number, stepMs: number, rise = 2.4): Series =>
    series(
      name,
      count(40 * lives).map((at) => 5e7 * (1 + ((at % 40) / 40) * (rise - 1)) + (at % 7) * 1e4),
      stepMs,
    );
  const bare = (given: Series): Series => ({ ...given, name: 'value', unit: null });

  test('minutes apart they may be collections: neither accused nor cleared, and what is missing is said', () => {
    for (const lives of [2, 3]) {
      const { verdict, missing } = confirm({ memory: teeth('process_resident_memory_bytes', lives, 15_000) });
      expect(verdict).toBe('inconclusive');
      expect(missing.join()).toMatch(/process_start_time_seconds/);
    }
    const unnamed = confirm({ memory: bare(teeth('x', 24, 15_000)) });
    expect(unnamed.verdict).toBe('inconclusive');
    expect(unnamed.missing.join()).toMatch(/the name of the metric/);
  });

  test('start times, events, a limit, or many hours between them make them processes', () => {
    const memory = teeth('process_resident_memory_bytes', 3, 15_000);
    const starts = [...memory.times.keys()].map((at) => 1000 + 600 * Math.floor(at / 40));
    const started = { ...series('process_start_time_seconds', starts, 15_000), unit: 'seconds' as const };
    expect(confirm({ memory, others: [started] }).verdict).toBe('leak');
    expect(confirm({ memory, limit: 1.25e8 }).verdict).toBe('leak');
    expect(confirm({ memory: teeth('process_resident_memory_bytes', 3, 600_000) }).verdict).toBe('leak');
  });

  test('a rise far beyond where it had been is no tooth', () => {
    const memory = series(
      'process_resident_memory_bytes',
      count(160).map((at) => (at < 40 ? 5e7 * (1 + at / 40) : 5e7 * (1 + (at - 40) / 20)) + (at % 7) * 1e4),
      15_000,
    );
    expect(confirm({ memory }).verdict).toBe('leak');
  });
});

describe('behind a warm-up', () => {
  const HOURS = 24;
  const noise = (at: number): number => 4e6 * Math.sin(at * 12.9898) * Math.cos(at * 78.233);
  const judged = (course: (hour: number) => number) =>
    confirm({
      memory: series(
        'process_resident_memory_bytes',
        count(HOURS * 12).map((at) => 2e8 + course(at / 12) + noise(at)),
      ),
    });

  test('an even rise is a leak, however fast the warm-up was beside it', () => {
    for (const rate of [1.5e6, 4e6, 8e6]) {
      const { verdict, ratePerHour } = judged((hour) => 6e7 * (1 - Math.exp(-hour / 0.5)) + rate * hour);
      expect(verdict).toBe('leak');
      expect(Math.abs(ratePerHour!.value / rate - 1)).toBeLessThan(0.15);
    }
  });

  test.each([
    ['comes to rest', (hour: number) => 6e7 * (1 - Math.exp(-hour / 2))],
    ['grows with the logarithm of time', (hour: number) => 3e7 * Math.log1p(hour / 0.2)],
  ])('what %s is none', (_, course) => {
    expect(judged(course).verdict).toBe('no-leak');
  });
});

test('in less than an hour nobody is cleared of growth that noise would have hidden', () => {
  const wild = (at: number): number => 3e7 * Math.sin(at * 12.9898) * Math.cos(at * 78.233);
  const over = (samples: number) =>
    confirm({
      memory: series(
        'process_resident_memory_bytes',
        count(samples).map((at) => 2e8 + wild(at)),
        15_000,
      ),
    });
  const short = over(60);
  expect(short.verdict).toBe('inconclusive');
  expect(short.missing.join()).toMatch(/clear nobody|tell a trend/);
  expect(over(60 * 24).verdict).toBe('no-leak');
});

test('a level that rises by steps until the end of a short view is not cleared', () => {
  const memory = series(
    'process_resident_memory_bytes',
    count(300).map((at) => 2e8 + (at > 90 ? 2.5e7 : 0) + (at > 240 ? 2.5e7 : 0) + (at % 7) * 1e4),
    60_000,
  );
  const { verdict, missing } = confirm({ memory });
  expect(verdict).toBe('inconclusive');
  expect(missing.join()).toMatch(/whether more steps come/);
});

describe('pods', () => {
  test.each([
    ['api-7d9f8b6c5-x2x4z', 'api'],
    ['worker-0', 'worker'],
    ['node-exporter-b6c9d', 'node-exporter'],
    ['plain', 'plain'],
  ])('%s is owned by %s', (pod, owner) => {
    expect(ownerOfPod(pod)).toBe(owner);
  });

  test('pods that follow each other are one series with a restart, side by side they stay apart', () => {
    const rise = count(100).map((at) => 1e8 + at * 1e6);
    const first = series('m', rise, 60_000, { pod: 'api-7d9f8b6c5-x2x4z' });
    const second = series('m', rise, 60_000, { pod: 'api-5c6f8b6c5-k8m2n' }, START + 99 * 60_000);
    const [one, ...more] = joinPods([first, second]);
    expect(more).toEqual([]);
    expect(one!.series.values.length).toBe(199);
    expect(one!.events[0]!.kinds).toEqual(['restart']);
    expect(joinPods([first, series('m', rise, 60_000, { pod: 'api-5c6f8b6c5-k8m2n' })])).toHaveLength(2);
  });

  test("cAdvisor's rows for the pod and the pause container are left out, two Prometheis are one", () => {
    const of = (labels: Record<string, string>) =>
      series('container_memory_working_set_bytes', [1, 2, 3], 60_000, labels);
    const kept = withoutCopies([
      of({ pod: 'a', container: 'app', id: '/x', prometheus_replica: '0' }),
      of({ pod: 'a', container: 'app', id: '/x', prometheus_replica: '1' }),
      of({ pod: 'a', container: 'POD' }),
      of({ pod: 'a' }),
    ]);
    expect(kept.map(({ labels, values }) => [labels, ...values])).toEqual([
      [{ pod: 'a', container: 'app' }, 1, 2, 3],
    ]);
  });
});

test('deploys: plain lines, tables and JSON', () => {
  const text =
    'time,event\n2024-01-21T00:05:00Z,v1.42\n1705795500 rollback\n{"time":"2024-01-22","version":"v2"}\nno time here\n2024-01-23 10:00:00 pod restarted\n';
  const { times, texts, kinds } = parseDeploys(text, 'x');
  expect([...texts]).toEqual(
    ['v1.42', 'rollback', 'v2', 'pod restarted'].toSorted(
      (a, b) => times[texts.indexOf(a)]! - times[texts.indexOf(b)]!,
    ),
  );
  expect(kinds).toContain('restart');
});

test('without a name that says memory the columns are listed', () => {
  const a = { ...series('alpha', [1]), unit: null };
  const b = { ...series('beta', [1]), unit: null };
  expect(() => confirmSet([a, b])).toThrow(/no series says by its name/);
  expect(confirmSet([a])).toHaveLength(1);
});
