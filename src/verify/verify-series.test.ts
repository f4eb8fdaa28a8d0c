import { describe, expect, test } from 'vitest';
import { seriesFrom } from '../model/series.ts';
import { steepestOfDay } from './daily-course.ts';
import { hoursToTell, slopeError } from './power.ts';
import { Draws } from './testing/draws.ts';
import { KINDS, type RolloutOptions, rollout } from './testing/rollout-series.ts';
import type { FixVerdict, SeriesVerification } from './verification.ts';
import { neededHours, verifySeries } from './verify-series.ts';

const SEEDS = 20;

function verdicts(results: readonly SeriesVerification[]): Partial<Record<FixVerdict, number>> {
  const counts: Partial<Record<FixVerdict, number>> = {};
  for (const { verdict } of results) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

function runs(kind: (typeof KINDS)[number], options: Omit<RolloutOptions, 'seed'>): SeriesVerification[] {
  return Array.from({ length: SEEDS }, (_, seed) => {
    const { before, after } = rollout(kind, { stepSeconds: 120, ...options, seed: seed + 1 });
    return verifySeries(before, after);
  });
}

describe.each(KINDS)('20 seeded rollouts, %s', (kind) => {
  test('a fix is fixed, warm-up or not', () => {
    const results = runs(kind, { left: 0 });
    expect(verdicts(results)['still-leaking'] ?? 0).toBeLessThanOrEqual(1);
    expect(verdicts(results).fixed ?? 0).toBeGreaterThanOrEqual(18);
  });

  test('no fix is never fixed', () => {
    const counts = verdicts(runs(kind, { left: 1 }));
    expect(counts.fixed ?? 0).toBe(0);
    expect(counts['still-leaking']).toBeGreaterThanOrEqual(SEEDS - 1);
  });

  test('half a fix is still leaking, with about half of the rate left', () => {
    const results = runs(kind, { left: 0.5 });
    expect(verdicts(results).fixed ?? 0).toBe(0);
    expect(verdicts(results)['still-leaking']).toBeGreaterThanOrEqual(SEEDS - 1);
    const holding = results.filter(({ remaining }) => remaining!.low <= 0.5 && 0.5 <= remaining!.high);
    expect(holding.length).toBeGreaterThanOrEqual(17);
    for (const { remaining } of results) expect(Math.abs(remaining!.value - 0.5)).toBeLessThan(0.12);
  });

  test('what is left is a leak to confirm, too, behind the warm-up', () => {
    for (const left of [0.5, 1]) {
      const alone = runs(kind, { left }).map(({ after }) => after.verdict);
      expect(alone).not.toContain('no-leak');
      // Behind the warm-up it is less than a day: without the rate before the fix, a small rise may be the morning's.
      const least = kind === 'diurnal' && left < 1 ? 0.8 * SEEDS : SEEDS;
      expect(alone.filter((verdict) => verdict === 'leak').length).toBeGreaterThanOrEqual(least);
    }
  });

  test('30 seconds are not enough for anything, and it says what would be', () => {
    for (const left of [0, 1]) {
      const results = runs(kind, { left, hoursBefore: 6, hoursAfter: 30 / 3600, stepSeconds: 5 });
      expect(verdicts(results)).toEqual({ 'not-enough-data': SEEDS });
      for (const { neededHours: needed, missing } of results) {
        expect(needed).toBeGreaterThanOrEqual(1 / 6);
        expect(missing[0]).toMatch(/^needs .* behind the warm-up; 30 s are too short/);
      }
    }
  });

  test('three hours never clear a leak', () => {
    expect(verdicts(runs(kind, { left: 1, hoursAfter: 3 })).fixed ?? 0).toBe(0);
    expect(verdicts(runs(kind, { left: 0.5, hoursAfter: 3 })).fixed ?? 0).toBe(0);
  });
});

test('a quieter night does not look like a fix: rates are compared for each operation', () => {
  const results = runs('rss', { left: 1, load: 0.3 });
  expect(verdicts(results)).toEqual({ 'still-leaking': SEEDS });
  for (const { remaining, loadRatio, reasons, before, after } of results) {
    expect(loadRatio).toBeCloseTo(0.3, 1);
    expect(Math.abs(remaining!.value - 1)).toBeLessThan(0.15);
    expect(reasons.join()).toContain('the loads differ');
    expect(after.perOperation!.value / before.perOperation!.value).toBeCloseTo(1, 0);
  }
});

test('with hardly any load nothing is called fixed', () => {
  const results = runs('rss', { left: 0, load: 0.05 });
  expect(verdicts(results)).toEqual({ 'not-enough-data': SEEDS });
  expect(results[0]!.missing.join()).toMatch(/only 5 % of the load/);
});

test('the tolerance decides what counts as left', () => {
  const { before, after } = rollout('rss', { seed: 3, left: 0.15, shareADay: 0.1, hoursAfter: 30 });
  expect(verifySeries(before, after).verdict).not.toBe('fixed');
  const strictly = verifySeries(before, rollout('rss', { seed: 3, left: 0, shareADay: 0.1 }).after, {
    tolerance: 0.0001,
  });
  expect(strictly.verdict).toBe('not-enough-data');
});

test('a before that does not grow compares with nothing', () => {
  const flat = rollout('rss', { seed: 5, left: 0 }).after;
  const { verdict, missing } = verifySeries(flat, rollout('rss', { seed: 6, left: 0 }).after);
  expect(verdict).toBe('not-enough-data');
  expect(missing.join()).toMatch(/before shows no growth/);
});

test('a rate that was told instead of measured will do', () => {
  const { after, ratePerHour: value } = rollout('rss', { seed: 7, left: 0 });
  const told = {
    ratePerHour: { value, low: value * 0.9, high: value * 1.1 },
    unit: 'bytes' as const,
    source: 'the incident',
  };
  expect(verifySeries(told, after).verdict).toBe('fixed');
  expect(verifySeries(told, rollout('rss', { seed: 7, left: 1 }).after).verdict).toBe('still-leaking');
});

test('a day that is not over does not clear what follows the day', () => {
  const { before } = rollout('diurnal', { seed: 2, left: 0, hoursBefore: 72, stepSeconds: 300 });
  const { after } = rollout('diurnal', {
    seed: 2,
    left: 0,
    hoursBefore: 72,
    hoursAfter: 8,
    stepSeconds: 300,
  });
  const { verdict, before: was } = verifySeries(before, after);
  expect(was.shape).toBe('diurnal-rising');
  expect(verdict).not.toBe('fixed');
});

test('three hours of a service that follows the day say so, instead of taking the morning for a leak', () => {
  const counts = (left: number) =>
    verdicts(
      Array.from({ length: 40 }, (_, at) => {
        const { before, after } = rollout('diurnal', {
          seed: 100 + at,
          left,
          hoursAfter: 3,
          stepSeconds: 120,
        });
        return verifySeries(before, after);
      }),
    );
  const repaired = counts(0);
  expect(repaired['still-leaking'] ?? 0).toBeLessThanOrEqual(1);
  const unrepaired = counts(1);
  expect(unrepaired.fixed ?? 0).toBe(0);
  expect(unrepaired['still-leaking'] ?? 0).toBeGreaterThanOrEqual(20);
  expect(counts(0.5).fixed ?? 0).toBe(0);
});

test('the course of a day is seen for what it is, and a straight line shows none', () => {
  const hourly = Array.from({ length: 49 }, (_, at) => at);
  const floor = (value: (hour: number) => number) => ({
    times: hourly.map((at) => at * 3_600_000),
    values: hourly.map((at) => value(at) + Math.sin(at * 12.9) * 0.5),
  });
  const wave = floor((hour) => 1000 + 5 * hour + 40 * Math.sin((2 * Math.PI * hour) / 24));
  expect(steepestOfDay(wave) / ((40 * 2 * Math.PI) / 24)).toBeCloseTo(1, 1);
  expect(steepestOfDay(floor((hour) => 1000 + 5 * hour))).toBe(0);
});

describe('something large is let go of once', () => {
  const made = (perMinute: number, fall: number, seed: number) => {
    const draws = new Draws(seed);
    const minutes = Array.from({ length: 180 }, (_, at) => at);
    return {
      memory: seriesFrom(
        { name: 'live_memory_bytes', labels: {}, unit: 'bytes', kind: 'gauge', source: 'made' },
        minutes.map((at) => at * 60_000),
        minutes.map((at) => 5e8 + at * perMinute + (at > 130 ? -fall : 0) + 2e4 * draws.normal()),
      ),
    };
  };

  test('a flat line with one fall is fixed, and neither half a fix nor none is, whatever falls', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const before = made(1e6, 0, seed);
      expect(verifySeries(before, made(0, 4e7, seed + 20)).verdict).toBe('fixed');
      for (const left of [0.5, 1])
        expect(verifySeries(before, made(left * 1e6, 4e7, seed + 40)).verdict).not.toBe('fixed');
    }
  });
});

test('the standard error of a slope is that of textbooks for noise without memory', () => {
  const n = 40;
  const textbook = 3 / Math.sqrt((n * (n * n - 1)) / 12) / 0.25;
  expect(slopeError({ innovation: 3, memory: 0, windowHours: 0.25 }, n)).toBeCloseTo(textbook, 10);
});

test('the forecast of the time holds: after so long, 95 of 100 leaks at the threshold are told from none', () => {
  const noise = { innovation: 1, memory: 0.5, windowHours: 0.1 };
  const rate = 0.8;
  const hours = hoursToTell(noise, rate, 0)!;
  const windows = Math.round(hours / noise.windowHours);
  const draws = new Draws(11);
  let seen = 0;
  const tries = 400;
  const error = slopeError(noise, windows);
  for (let run = 0; run < tries; run++) {
    let wander = draws.normal() / Math.sqrt(1 - 0.25);
    const x: number[] = [];
    const y: number[] = [];
    for (let at = 0; at < windows; at++) {
      x.push(at * noise.windowHours);
      y.push(rate * at * noise.windowHours + wander);
      wander = noise.memory * wander + draws.normal();
    }
    // The slope by ordinary least squares is nearly as good as by generalised.
    const mx = x.reduce((a, b) => a + b) / windows;
    const my = y.reduce((a, b) => a + b) / windows;
    const slope =
      x.reduce((sum, each, at) => sum + (each - mx) * (y[at]! - my), 0) /
      x.reduce((sum, each) => sum + (each - mx) ** 2, 0);
    if (slope > 2.1 * error) seen++;
  }
  expect(seen / tries).toBeGreaterThan(0.9);
  expect(hoursToTell(noise, rate / 2, 0)!).toBeGreaterThan(hours);
  expect(hoursToTell(noise, rate, rate)).toBeNull();
});

test('the time needed is known before anything was watched', () => {
  const { before } = rollout('rss', { seed: 1, left: 0 });
  const hours = neededHours(before)!;
  expect(hours).toBeGreaterThan(0.1);
  expect(hours).toBeLessThan(24);
  const noise = seriesFrom(
    { name: 'rss_bytes', labels: {}, unit: 'bytes', kind: 'gauge', source: 'made' },
    [0, 60_000],
    [1, 1],
  );
  expect(neededHours({ memory: noise })).toBeNull();
});
