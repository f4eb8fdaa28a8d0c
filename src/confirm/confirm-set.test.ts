import { describe, expect, test } from 'vitest';
import { type Series, seriesFrom } from '../model/series.ts';
import type { Unit } from '../model/series-unit.ts';
import { confirmSet } from './confirm-set.ts';
import { withReplicaColumns } from './replica-columns.ts';

const START = Date.UTC(2024, 0, 20);
const STEP_MS = 300_000;

function column(
  name: string,
  value: (at: number) => number,
  more: {
    labels?: Record<string, string>;
    source?: string;
    unit?: Unit | null;
    rows?: readonly [number, number];
  } = {},
): Series {
  const { labels = {}, source = 'test.csv', unit = 'bytes', rows: [from, to] = [0, 300] } = more;
  const rows = Array.from({ length: to - from }, (_, at) => from + at);
  return seriesFrom(
    { name, labels, unit, kind: 'gauge', source },
    rows.map((at) => START + at * STEP_MS),
    rows.map((at) => value(at) + 1e6 * Math.sin(at * 12.9898 + name.length)),
  );
}

const flat = (): number => 4e8;
const rising = (at: number): number => 4e8 + 1e6 * at;

describe('whichever column comes first', () => {
  test('resident memory that grows beside a heap that does not is a leak', () => {
    const [worst, other] = confirmSet([column('heap_used_bytes', flat), column('rss_bytes', rising)]);
    expect(worst).toMatchObject({ metric: 'rss_bytes', verdict: 'leak' });
    expect(worst!.reasons.join('; ')).toMatch(/the heap does not grow: it is native memory or fragmentation/);
    expect(other).toMatchObject({ metric: 'heap_used_bytes', verdict: 'no-leak' });
  });

  test('a heap that grows below what the process has once taken is a leak', () => {
    const [worst] = confirmSet([
      column('rss_bytes', flat),
      column('heap_used_bytes', (at) => 1e8 + 5e5 * at),
    ]);
    expect(worst).toMatchObject({ metric: 'heap_used_bytes', verdict: 'leak' });
  });

  test('usage with its page cache accuses nobody whose working set stays', () => {
    const all = [
      column('container_memory_working_set_bytes', flat),
      column('container_memory_usage_bytes', rising),
    ];
    expect(confirmSet(all).map(({ verdict }) => verdict)).toEqual(['no-leak']);
    expect(confirmSet(all.toReversed()).map(({ verdict }) => verdict)).toEqual(['no-leak']);
  });

  test('who asks for one metric is answered for that one', () => {
    const all = [column('heap_used_bytes', flat), column('rss_bytes', rising)];
    expect(confirmSet(all, { metric: 'heap_used_bytes' }).map(({ verdict }) => verdict)).toEqual(['no-leak']);
  });
});

describe('a column for each replica', () => {
  test.each([
    ['api-1 rss_mb', 'api-2 rss_mb', 'api-2'],
    ['rss_bytes.web1', 'rss_bytes.web2', 'web2'],
    ['sum(container_memory_rss{pod="x1"})', 'sum(container_memory_rss{pod="x2"})', 'x2'],
    ['api-7d9f8-x2x4z', 'api-7d9f8-k8m2n', 'api-7d9f8-k8m2n'],
  ])('%s: the one that leaks stands first', (first, second, instance) => {
    const [worst, ...others] = confirmSet([column(first, flat), column(second, rising)]);
    expect(worst).toMatchObject({ verdict: 'leak', labels: { instance } });
    expect(others.map(({ verdict }) => verdict)).toEqual(['no-leak']);
  });

  test('has what is called after it beside it, and nothing of the others', () => {
    const renamed = withReplicaColumns([
      column('red_rss', flat),
      column('red_requests', flat),
      column('blue_rss', flat),
      column('blue_requests', flat),
    ]);
    expect(renamed.map(({ name, labels }) => [name, labels['instance']])).toEqual([
      ['rss', 'red'],
      ['requests', 'red'],
      ['rss', 'blue'],
      ['requests', 'blue'],
    ]);
  });

  test.each([
    [['go_memstats_heap_alloc_bytes', 'go_memstats_heap_inuse_bytes']],
    [['mem_avg', 'mem_max']],
    [['heap_used', 'heap_total', 'rss']],
    [['memory', 'users']],
  ])('%j are measures of one process', (names) => {
    const columns = names.map((name) => column(name, flat));
    expect(withReplicaColumns(columns)).toEqual(columns);
  });
});

test('of several files each has its own memory, whatever that is called', () => {
  const results = confirmSet([
    column('heap_used_bytes', flat, { source: 'a.csv' }),
    column('rss_mb', rising, { source: 'b.csv' }),
  ]);
  expect(results.map(({ source, verdict }) => [source, verdict])).toEqual([
    ['b.csv', 'leak'],
    ['a.csv', 'no-leak'],
  ]);
});

test('a file is not cleared by its heap because another file begins with resident memory', () => {
  const [worst] = confirmSet([
    column('heap_used_bytes', flat, { source: 'a.csv' }),
    column('rss_bytes', rising, { source: 'a.csv' }),
    column('rss_bytes', flat, { source: 'b.csv' }),
  ]);
  expect(worst).toMatchObject({ source: 'a.csv', metric: 'rss_bytes', verdict: 'leak' });
});

test('a pod that came in the middle and leaks has leaked since it came', () => {
  const of = (pod: string) => ({ labels: { pod } });
  const [worst] = confirmSet([
    column('container_memory_rss', flat, { ...of('web-old'), rows: [0, 100] }),
    column('container_memory_rss', rising, { ...of('web-new'), rows: [100, 300] }),
  ]);
  expect(worst).toMatchObject({
    verdict: 'leak',
    onset: new Date(START + 100 * STEP_MS).toISOString().replace('.000Z', 'Z'),
  });
});

test('a share of the limit ends at all of it', () => {
  const share = column('memory_usage_percent', (at) => 0.4 + at * 1e-3, { unit: 'share' });
  const even = {
    ...share,
    values: share.values.map((_, at) => 0.4 + at * 1e-3 + 1e-3 * Math.sin(at * 12.9)),
  };
  const [worst] = confirmSet([even]);
  expect(worst!.timeToLimit).toMatchObject({ limitBytes: 1 });
  expect(worst!.timeToLimit!.hours).toBeCloseTo((0.6 - 0.299) / 1e-3 / 12, 0);
});
