import { describe, expect, test } from 'vitest';
import { parseTimeMs } from './sample-time.ts';
import { type SeriesMeta, seriesFrom, seriesId, sliceSeries } from './series.ts';
import { parseSizeBytes, unitOfName } from './series-unit.ts';

const META: SeriesMeta = { name: 'm', labels: {}, unit: null, kind: 'gauge', source: 'test' };

test('points are put in order, what is not finite goes, and the last of several at one time stays', () => {
  const series = seriesFrom(META, [3, 1, 2, 2, 4], [30, 10, 20, 21, Number.NaN]);
  expect([...series.times]).toEqual([1, 2, 3]);
  expect([...series.values]).toEqual([10, 21, 30]);
});

test('a slice holds its start and not its end', () => {
  const series = seriesFrom(META, [1, 2, 3, 4], [1, 2, 3, 4]);
  expect([...sliceSeries(series, 2, 4).values]).toEqual([2, 3]);
});

test('an id is written as Prometheus does, labels in order', () => {
  expect(seriesId({ name: 'm', labels: { b: '2', a: '1' } })).toBe('m{a="1",b="2"}');
});

describe('times', () => {
  test.each([
    ['2024-01-21T00:05:00Z', Date.UTC(2024, 0, 21, 0, 5)],
    ['2024-01-21 00:05', Date.UTC(2024, 0, 21, 0, 5)],
    ['2024-01-21T02:05:00.250+02:00', Date.UTC(2024, 0, 21, 0, 5, 0, 250)],
    ['2024-01-21', Date.UTC(2024, 0, 21)],
    ['1705795500', 1705795500000],
    ['1705795500.5', 1705795500500],
    ['1705795500000', 1705795500000],
    ['1705795500000000', 1705795500000],
    ['1705795500000000000', 1705795500000],
    ['0', 0],
  ])('%s', (text, expected) => {
    expect(parseTimeMs(text)).toBe(expected);
  });

  test.each(['', 'yesterday', '2024-02-31', '2024-13-01', '12:30'])("'%s' is none", (text) => {
    expect(parseTimeMs(text)).toBeNaN();
  });
});

describe('units', () => {
  test.each([
    ['rss_mb', 'bytes', 1e6],
    ['memory (MiB)', 'bytes', 1024 ** 2],
    ['heapUsedBytes', 'bytes', 1],
    ['rss_kb', 'bytes', 1024],
    ['go_gc_duration_seconds_sum', 'seconds', 1],
    ['container_cpu_usage_seconds_total', 'seconds', 1],
    ['mem_percent', 'share', 0.01],
    ['http_requests_total', 'count', 1],
  ])('%s', (name, unit, scale) => {
    expect(unitOfName(name)).toEqual({ unit, scale });
  });

  test('a name without a unit has none', () => {
    expect(unitOfName('go_goroutines')).toBeNull();
  });

  test('sizes as people write them', () => {
    expect(parseSizeBytes('512MiB')).toBe(512 * 1024 ** 2);
    expect(parseSizeBytes('2Gi')).toBe(2 * 1024 ** 3);
    expect(parseSizeBytes('1.5 GB')).toBe(1.5e9);
    expect(parseSizeBytes('4_096')).toBe(4096);
    expect(parseSizeBytes('5 apples')).toBeNull();
  });
});
