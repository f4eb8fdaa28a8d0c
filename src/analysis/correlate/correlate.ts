import type { Series } from '../../model/series.ts';
import { studentT } from '../series/student-t.ts';
import { adjustedP } from './benjamini-hochberg.ts';
import { differencesOn, type Grid, gridOf } from './grid.ts';
import { studentP } from './student.ts';

/** Whether an activity moves with the growth. */
export interface Correlate {
  readonly metric: string;
  /** Pearson's r of the differences at the best lag. */
  readonly r: number;
  readonly on: 'differences';
  /** So much later does the growth follow the activity. */
  readonly lagSeconds: number;
  /** Pairs of differences; fewer count where neighbours are alike. */
  readonly n: number;
  readonly effectiveN: number;
  /** Adjusted over all metrics and lags after Benjamini and Hochberg. */
  readonly p: number;
  readonly verdict: 'related' | 'unrelated' | 'unknown';
  /** Growth for one more of the activity, with 95 % bounds; null unless related. In units of the target by unit of the activity. */
  readonly perOperation: { readonly value: number; readonly low: number; readonly high: number } | null;
}

export interface CorrelateOptions {
  /** Longest lag that is tried, in steps of the grid (6). */
  readonly maxLag?: number;
  /** Share of the "related" that may be false (0.05). */
  readonly falseDiscoveryRate?: number;
}

/** Below this many independent pairs nothing is said. */
const LEAST_PAIRS = 12;
/** To call a thing unrelated there must have been enough to see an r of 0.4 in four of five cases. */
const PAIRS_FOR_UNRELATED = 46;

/**
 * Which activities drive a growth. Works on differences only: the levels of any two things that trend correlate at r = 0.999. Counters
 * give what was done in a step, gauges how they changed; the target's change in the same or a later step is held against it.
 *
 * Significance allows for autocorrelation (Bartlett's effective sample size, as in Pyper and Peterman 1998) and for the number of metrics
 * and lags that were tried (Benjamini and Hochberg).
 *
 * @param target the growing series (memory, its floor, goroutines …)
 * @returns one entry for each activity, strongest first
 */
export function correlate(
  target: Series,
  activities: readonly Series[],
  options: CorrelateOptions = {},
): Correlate[] {
  const { maxLag = 6, falseDiscoveryRate = 0.05 } = options;
  const tests: { activity: number; lag: number; test: Test }[] = [];
  const grids = activities.map((activity) => gridOf(target, activity));
  for (const [activity, grid] of grids.entries()) {
    if (!grid) continue;
    const y = differencesOn(target, grid);
    const x = differencesOn(activities[activity]!, grid);
    for (let lag = 0; lag <= Math.min(maxLag, Math.floor(grid.steps / 10)); lag++)
      tests.push({ activity, lag, test: testAt(x, y, lag) });
  }
  const p = adjustedP(tests.map(({ test }) => test.p));
  return activities
    .map((activity, index) => {
      let best: number | null = null;
      for (const [at, each] of tests.entries()) {
        if (each.activity !== index) continue;
        if (
          best === null ||
          p[at]! < p[best]! ||
          (p[at] === p[best] && Math.abs(each.test.r) > Math.abs(tests[best]!.test.r))
        )
          best = at;
      }
      return best === null
        ? nothing(activity.name)
        : described(activity.name, tests[best]!, p[best]!, grids[index]!, falseDiscoveryRate);
    })
    .sort((a, b) => a.p - b.p || Math.abs(b.r) - Math.abs(a.r));
}

interface Test {
  readonly r: number;
  readonly p: number;
  readonly n: number;
  readonly effectiveN: number;
  readonly slope: number;
  readonly slopeHalfWidth: number;
}

function described(
  metric: string,
  { lag, test }: { lag: number; test: Test },
  p: number,
  grid: Grid,
  rate: number,
): Correlate {
  const enough = test.effectiveN >= LEAST_PAIRS;
  const verdict =
    enough && p <= rate && test.r > 0
      ? 'related'
      : test.effectiveN >= PAIRS_FOR_UNRELATED
        ? 'unrelated'
        : 'unknown';
  return {
    metric,
    r: test.r,
    on: 'differences',
    lagSeconds: (lag * grid.stepMs) / 1000,
    n: test.n,
    effectiveN: test.effectiveN,
    p,
    verdict,
    perOperation:
      verdict === 'related'
        ? { value: test.slope, low: test.slope - test.slopeHalfWidth, high: test.slope + test.slopeHalfWidth }
        : null,
  };
}

function nothing(metric: string): Correlate {
  return {
    metric,
    r: 0,
    on: 'differences',
    lagSeconds: 0,
    n: 0,
    effectiveN: 0,
    p: 1,
    verdict: 'unknown',
    perOperation: null,
  };
}

/** Pearson's r of x[t] with y[t + lag], over the steps where both are known. */
function testAt(x: Float64Array, y: Float64Array, lag: number): Test {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let at = 0; at + lag < y.length; at++) {
    if (Number.isNaN(x[at]!) || Number.isNaN(y[at + lag]!)) continue;
    xs.push(x[at]!);
    ys.push(y[at + lag]!);
  }
  const n = xs.length;
  const [mx, my] = [mean(xs), mean(ys)];
  let sxx = 0;
  let syy = 0;
  let sxy = 0;
  for (let at = 0; at < n; at++) {
    sxx += (xs[at]! - mx) ** 2;
    syy += (ys[at]! - my) ** 2;
    sxy += (xs[at]! - mx) * (ys[at]! - my);
  }
  if (n < 4 || sxx === 0 || syy === 0)
    return { r: 0, p: 1, n, effectiveN: n, slope: 0, slopeHalfWidth: Number.POSITIVE_INFINITY };
  const r = Math.max(-1, Math.min(1, sxy / Math.sqrt(sxx * syy)));
  const effectiveN = effective(xs, ys, mx, my, sxx, syy);
  const degrees = Math.max(1, effectiveN - 2);
  const rest = Math.max(1e-15, 1 - r * r);
  const slope = sxy / sxx;
  const error = Math.sqrt((rest * syy) / (sxx * degrees));
  return {
    r,
    p: studentP(r * Math.sqrt(degrees / rest), degrees),
    n,
    effectiveN,
    slope,
    slopeHalfWidth: studentT(0.975, degrees) * error,
  };
}

/** 1/n* = 1/n + 2/n Σ (1 − k/n) ρx(k) ρy(k): what autocorrelation leaves of n pairs. */
function effective(
  xs: readonly number[],
  ys: readonly number[],
  mx: number,
  my: number,
  sxx: number,
  syy: number,
): number {
  const n = xs.length;
  let inverse = 1 / n;
  for (let k = 1; k <= Math.min(Math.floor(n / 5), 50); k++) {
    let cx = 0;
    let cy = 0;
    for (let at = 0; at + k < n; at++) {
      cx += (xs[at]! - mx) * (xs[at + k]! - mx);
      cy += (ys[at]! - my) * (ys[at + k]! - my);
    }
    inverse += (2 / n) * (1 - k / n) * (cx / sxx) * (cy / syy);
  }
  return Math.max(3, Math.min(n, 1 / Math.max(inverse, 1 / n)));
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}
