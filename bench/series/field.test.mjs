import { describe, expect, test } from 'vitest';
import { confirm } from '../../src/confirm/confirm.ts';
import { mannKendallSaysLeak, predictLinearSaysLeak } from './baselines.ts';
import { fieldSeries, HEALTHY, LEAKING, UNTELLABLE } from './drawn/field-series.ts';
import { LEAKS, SOUND, service } from './simulated/services.ts';

const count = (length) => Array.from({ length }, (_, at) => at);

// Seeds far from those on which thresholds were chosen.
const SEEDS = count(12).map((seed) => 900_001 + seed * 17);

/** Errors on every seed of each shape: one bound for each, as the whole must be much better than it. */
describe('on made-up series of the field', () => {
  const judge = (shape) =>
    SEEDS.map((seed) => {
      const field = fieldSeries(shape, seed);
      return { field, result: confirm({ memory: field.memory, others: field.others, limit: field.limit }) };
    });

  test.each(LEAKING)('%s is found', (shape) => {
    const found = judge(shape).filter(({ result }) => result.verdict === 'leak');
    expect(found.length).toBeGreaterThanOrEqual(SEEDS.length - 2);
  });

  test.each(HEALTHY)('%s is not accused', (shape) => {
    const judged = judge(shape);
    expect(judged.filter(({ result }) => result.verdict === 'leak').length).toBeLessThanOrEqual(1);
    expect(judged.filter(({ result }) => result.verdict === 'no-leak').length).toBeGreaterThanOrEqual(
      SEEDS.length - 3,
    );
  });

  test.each(UNTELLABLE)('%s is left open, and what is missing is said', (shape) => {
    for (const { result } of judge(shape)) {
      expect(result.verdict).toBe('inconclusive');
      expect(result.missing.length).toBeGreaterThan(0);
    }
  });

  test('the interval covers the true rate in 9 of 10', () => {
    const rated = ['linear', 'slow', 'sawtooth-rising', 'diurnal-rising', 'restart-loop']
      .flatMap(judge)
      .filter(({ result }) => result.ratePerHour !== null);
    const covered = rated.filter(
      ({ field, result }) =>
        result.ratePerHour.low <= field.ratePerHour && field.ratePerHour <= result.ratePerHour.high,
    );
    expect(covered.length / rated.length).toBeGreaterThanOrEqual(0.88);
  });

  test('the tests that people use alone are much worse', () => {
    const healthy = HEALTHY.flatMap((shape) =>
      SEEDS.slice(0, 5).map((seed) => fieldSeries(shape, seed).memory),
    );
    const accused = healthy.filter(mannKendallSaysLeak).length / healthy.length;
    expect(accused).toBeGreaterThan(0.3);
    const leaking = LEAKING.flatMap((shape) => SEEDS.slice(0, 5).map((seed) => fieldSeries(shape, seed)));
    const missed = leaking.filter(({ memory, limit }) => !predictLinearSaysLeak(memory, limit)).length;
    expect(missed / leaking.length).toBeGreaterThan(0.3);
  });
});

/** Run, not drawn, by other rules: what was not looked at while thresholds were chosen must do nearly as well. */
describe('on simulated services', () => {
  const judge = (shape) =>
    count(8).map((seed) => {
      const made = service(shape, 700_001 + seed * 13);
      return { made, result: confirm({ memory: made.memory, others: made.others, limit: made.limit }) };
    });

  test.each(LEAKS)('%s is found', (shape) => {
    const told = judge(shape).filter(({ made }) => !made.untellable);
    const missed = told.filter(({ result }) => result.verdict !== 'leak');
    expect(missed.length).toBeLessThanOrEqual(2);
  });

  test('the healthy are called leaks in hardly any case', () => {
    const told = SOUND.flatMap(judge).filter(({ made }) => !made.untellable);
    const accused = told.filter(({ result }) => result.verdict === 'leak');
    expect(told.length).toBeGreaterThan(80);
    expect(accused.length / told.length).toBeLessThanOrEqual(0.04);
  });
});
