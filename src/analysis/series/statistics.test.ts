import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { increaseOf, rateOf } from './counters.ts';
import { findHinge, findSteps, outsideBursts } from './knots.ts';
import { leastSquares } from './least-squares.ts';
import { mannKendall } from './mann-kendall.ts';
import { roleOf } from './metric-roles.ts';
import { median, quantile, robustSd, theilSenSlope } from './robust.ts';
import { normalQuantile, studentT } from './student-t.ts';
import { findTeeth } from './teeth.ts';
import { fitTrend } from './trend-fit.ts';

const numbers = (least: number) =>
  fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: least, maxLength: 40 });
const range = (count: number): Float64Array => Float64Array.from({ length: count }, (_, at) => at);

test('quantiles are those of the sorted list', () => {
  fc.assert(
    fc.property(numbers(1), fc.nat(), (values, pick) => {
      const sorted = values.toSorted((a, b) => a - b);
      const at = pick % sorted.length;
      expect(quantile(values, sorted.length === 1 ? 0 : at / (sorted.length - 1))).toBeCloseTo(
        sorted[at]!,
        6,
      );
    }),
  );
});

test('the Theil–Sen slope is the median of all slopes, and one wild value does not move it', () => {
  fc.assert(
    fc.property(numbers(2), (values) => {
      const slopes: number[] = [];
      values.forEach((a, i) => {
        for (let j = i + 1; j < values.length; j++) slopes.push((values[j]! - a) / (j - i));
      });
      expect(theilSenSlope(range(values.length), values)).toBeCloseTo(median(slopes), 9);
    }),
  );
  const line = range(20).map((x) => 3 * x);
  line[7] = 1e9;
  expect(theilSenSlope(range(20), line)).toBeCloseTo(3);
});

test('Mann–Kendall on the worked example of Gilbert (1987): S and the variance with ties', () => {
  // 10, 22, 21, 30, 22, 30, 40, 40: S = 20, Var(S) = (8·7·21 − 3·2·1·9)/18 = 62.33
  const { s, z } = mannKendall([10, 22, 21, 30, 22, 30, 40, 40]);
  expect(s).toBe(21);
  expect(z).toBeCloseTo(20 / Math.sqrt((8 * 7 * 21 - 3 * 2 * 9) / 18), 6);
});

test('the quantiles of tables', () => {
  expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 5);
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232, 5);
  for (const [degrees, expected] of [
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [120, 1.98],
  ] as const) {
    expect(studentT(0.975, degrees)).toBeCloseTo(expected, 2);
  }
  expect(studentT(0.999, 8)).toBeCloseTo(4.501, 2);
});

test('least squares leaves residuals that no column can lessen', () => {
  fc.assert(
    fc.property(numbers(6), (values) => {
      const x = range(values.length);
      const columns = [new Float64Array(values.length).fill(1), x, x.map((each) => Math.sin(each))];
      const fit = leastSquares(columns, Float64Array.from(values));
      for (const column of columns) {
        const dot = column.reduce((sum, each, at) => sum + each * fit!.residuals[at]!, 0);
        expect(Math.abs(dot)).toBeLessThan(1e-6);
      }
    }),
  );
  expect(leastSquares([range(5), range(5)], range(5))).toBeNull();
});

/** Noise that is the same in each run. */
function noise(seed: number, count: number, memory: number): Float64Array {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let at = 0; at < 10; at++) next();
  let level = 0;
  return Float64Array.from({ length: count }, () => {
    let sum = -6;
    for (let at = 0; at < 12; at++) sum += next();
    level = memory * level + sum;
    return level;
  });
}

describe('the trend under noise that remembers', () => {
  test.each([0, 0.5, 0.8])('covers the true slope in 95 of 100 series (memory %f)', (memory) => {
    let covered = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const values = noise(seed, 50, memory).map((each, at) => each + 0.3 * at);
      const fit = fitTrend(range(50), values)!;
      if (fit.low <= 0.3 && 0.3 <= fit.high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(180);
  });

  test('accuses hardly a random walk, where Mann–Kendall accuses one in four', () => {
    let accused = 0;
    let accusedByRanks = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const values = noise(seed, 50, 1);
      const fit = fitTrend(range(50), values)!;
      if (fit.t > fit.critical) accused++;
      if (mannKendall(values).z > 2.33) accusedByRanks++;
    }
    expect(accused).toBeLessThanOrEqual(6);
    expect(accusedByRanks).toBeGreaterThan(50);
  });

  test('a step is no trend to it', () => {
    const values = noise(5, 48, 0).map((each, at) => 100 + 0.1 * each + (at >= 20 ? 50 : 0));
    const fit = fitTrend(range(48), values)!;
    expect(fit.t).toBeLessThan(fit.critical);
  });

  test("a day's course does not hide the trend", () => {
    const x = range(72);
    const values = x.map((hour) => 1000 + 2 * hour + 60 * Math.sin((2 * Math.PI * hour) / 24));
    const fit = fitTrend(x, values, { period: 24 })!;
    expect(fit.slope).toBeCloseTo(2, 6);
  });
});

test('a bend is found where it is', () => {
  const values = range(40).map((x) => (x < 25 ? 5 : 5 + 3 * (x - 25)));
  const hinge = findHinge(range(40), values)!;
  expect(hinge.at).toBe(25);
  expect(hinge.before).toBeCloseTo(0);
  expect(hinge.after).toBeCloseTo(3);
});

test('steps are changes that stay; bursts go back and are left out', () => {
  const wiggle = noise(9, 40, 0);
  const step = range(40).map((x) => 100 + 0.2 * wiggle[x]! + (x >= 17 ? 30 : 0));
  expect(findSteps(step).map(({ at }) => at)).toEqual([17]);
  const burst = range(40).map((x) => 100 + 0.2 * wiggle[x]! + (x >= 17 && x < 20 ? 30 : 0));
  expect(outsideBursts(burst)).toEqual([...Array(40).keys()].filter((x) => x < 17 || x >= 20));
});

test('the teeth of a sawtooth are counted, those of noise and of days are none', () => {
  const saw = range(400).map((x) => 100 + (x % 40) * 2 + 0.1 * x);
  expect(findTeeth(range(400), saw).troughs).toEqual([40, 80, 120, 160, 200, 240, 280, 320, 360]);
  expect(findTeeth(range(400), saw).periodMs).toBe(40);
  expect(findTeeth(range(400), noise(3, 400, 0.9)).troughs).toEqual([]);
  expect(
    findTeeth(
      range(400),
      range(400).map((x) => Math.sin(x / 30)),
    ).troughs,
  ).toEqual([]);
});

test('counters: resets are made good, and rates never fall below zero', () => {
  const counter = {
    name: 'requests_total',
    labels: {},
    unit: 'count',
    kind: 'counter',
    source: 'test',
    times: Float64Array.of(0, 1000, 2000, 3000),
    values: Float64Array.of(10, 20, 5, 8),
  } as const;
  expect(increaseOf(counter)).toBe(18);
  expect([...rateOf(counter).values]).toEqual([10, 5, 3]);
});

test('the spread of more than half equal values is nothing', () => {
  expect(robustSd([1, 1, 1, 1, 9])).toBe(0);
});

test.each([
  ['nodejs_heap_space_size_used_bytes', { space: 'old' }, 'heap-old'],
  ['nodejs_heap_size_used_bytes', {}, 'heap-used'],
  ['nodejs_gc_duration_seconds_count', { kind: 'major' }, 'gc-major-count'],
  ['nodejs_gc_duration_seconds_sum', {}, 'gc-time'],
  ['go_memstats_heap_inuse_bytes', {}, 'heap-used'],
  ['go_goroutines', {}, 'goroutines'],
  ['python_gc_collections_total', { generation: '2' }, 'gc-major-count'],
  ['ruby_rss', {}, 'rss'],
  ['ruby_major_gc_ops_total', {}, 'gc-major-count'],
  ['ruby_heap_live_slots', {}, 'heap-used'],
  ['puma_busy_threads', {}, 'concurrency'],
  ['container_memory_working_set_bytes', {}, 'working-set'],
  ['container_memory_usage_bytes', {}, 'usage'],
  ['container_memory_cache', {}, 'page-cache'],
  ['container_spec_memory_limit_bytes', {}, 'limit'],
  ['process_start_time_seconds', {}, 'start-time'],
  ['process_resident_memory_bytes', {}, 'rss'],
  ['v8js.memory.heap.used', {}, 'heap-used'],
  ['process.memory.usage', {}, 'rss'],
  ['heapUsed', {}, 'heap-used'],
  ['rss_mb', {}, 'rss'],
  ['memory_mb', {}, 'memory'],
  ['http_requests_total', {}, 'load'],
  ['nodejs_eventloop_listeners_count', {}, 'listeners'],
  ['cpu', {}, null],
] as const)('%s is known for what it is', (name, labels, role) => {
  expect(roleOf(name, labels)).toBe(role);
});
