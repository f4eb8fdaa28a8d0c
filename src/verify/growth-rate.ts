import { increaseOf, looksLikeCounter } from '../analysis/series/counters.ts';
import { findSteps } from '../analysis/series/knots.ts';
import { roleOf } from '../analysis/series/metric-roles.ts';
import { studentT } from '../analysis/series/student-t.ts';
import { fitTrend, type TrendFit } from '../analysis/series/trend-fit.ts';
import { confirm } from '../confirm/confirm.ts';
import type { Confirmation, Interval } from '../confirm/confirmation.ts';
import type { StretchContext } from '../confirm/judgement.ts';
import { floorStretch, HOUR_MS, LEAST_WINDOWS } from '../confirm/stretch.ts';
import type { EventStream } from '../model/event-stream.ts';
import { type Series, sliceSeries } from '../model/series.ts';
import { loadSeries, operationsPerHour } from './load.ts';
import { errorsToTell, type FloorNoise } from './power.ts';

/** How a series grows, and how well that is known. */
export interface GrowthRate {
  /** Null where only the rate was told. */
  readonly confirmation: Confirmation | null;
  readonly rate: Interval | null;
  /** Standard error of the rate, and the degrees of freedom that it was estimated with. */
  readonly error: number;
  readonly degrees: number;
  readonly noise: FloorNoise | null;
  /** The smallest growth that would have been told from none. */
  readonly smallest: number | null;
  /**
   * The same with single lasting falls taken out, where that is known better: something large was let go of, and the level went on as
   * before. It is never less growth than with the falls, so it may clear, but not accuse: what rises between two falls may be garbage.
   */
  readonly betweenFalls: { readonly value: number; readonly error: number; readonly degrees: number } | null;
  /** The rate of the second half; null when it is too short. */
  readonly lateRate: number | null;
  /** Large collections that are still missing before the floor of a heap can be seen. */
  readonly lackingCollections: number;
  readonly operationsPerHour: number | null;
  readonly hours: number;
  readonly judgedHours: number;
  readonly level: number;
}

/** A day's course needs so many hours in view to be taken off. */
const SEASON_HOURS = 34;
const HALF_LEAST = 4;
const MAX_STEPS = 3;

/**
 * The growth of one process behind its warm-up. Where `confirm` names a leak its rate stands; where it names none, the line through the
 * floor that it judged says how much growth there may be nevertheless.
 *
 * @param operations done over all of the series, where that is known from elsewhere
 */
export function growthRate(
  memory: Series,
  others: readonly Series[] = [],
  options: {
    readonly events?: readonly EventStream[];
    readonly limit?: number | null;
    readonly operations?: number | null;
  } = {},
): GrowthRate {
  const confirmation = confirm({
    memory,
    others,
    events: options.events ?? [],
    limit: options.limit ?? null,
  });
  const spanMs = memory.times.length > 1 ? memory.times.at(-1)! - memory.times[0]! : 0;
  const fromMs = judgedFrom(confirmation, memory);
  const judged = sliceSeries(memory, fromMs, Number.POSITIVE_INFINITY);
  const judgedMs = judged.times.length > 1 ? judged.times.at(-1)! - judged.times[0]! : 0;
  const done =
    options.operations == null
      ? operationsPerHour(loadSeries(others), judged.times[0] ?? 0, judged.times.at(-1) ?? 0)
      : options.operations / (spanMs / HOUR_MS);
  const about = {
    confirmation,
    operationsPerHour: done,
    hours: spanMs / HOUR_MS,
    judgedHours: judgedMs / HOUR_MS,
    level: memory.values.at(-1) ?? 0,
  };
  const fitted = judged.times.length >= LEAST_WINDOWS ? fitFloor(judged, others, confirmation) : null;
  const { ratePerHour: leak } = confirmation;
  if (leak) {
    const degrees = Math.max(3, confirmation.floor.times.length - 2);
    const error = (leak.high - leak.low) / 2 / studentT(0.975, degrees);
    const smallest = errorsToTell(degrees) * error;
    const noise = fitted?.noise ?? null;
    return {
      ...about,
      rate: leak,
      error,
      degrees,
      noise,
      smallest,
      betweenFalls: null,
      lateRate: null,
      lackingCollections: 0,
    };
  }
  if (!fitted?.fit) {
    return {
      ...about,
      rate: null,
      error: Number.POSITIVE_INFINITY,
      degrees: 1,
      noise: null,
      smallest: null,
      betweenFalls: null,
      lateRate: null,
      lackingCollections: fitted?.lacking ?? 0,
    };
  }
  const { fit, fallsOut, noise, lateRate, windows, lacking } = fitted;
  const degrees = windows - 2;
  return {
    ...about,
    rate: { value: fit.slope, low: fit.low, high: fit.high },
    error: fit.error,
    degrees,
    noise,
    smallest: Math.max(errorsToTell(degrees) * fit.error, hiddenPerHour(memory.unit, about.judgedHours)),
    betweenFalls: fallsOut && {
      value: fallsOut.fit.slope,
      error: fallsOut.fit.error,
      degrees: windows - 2 - fallsOut.falls,
    },
    lateRate,
    lackingCollections: lacking,
  };
}

/** Memory is taken from the system in steps (arenas of CPython 1 MB, pages of V8 256 kB): a flat line may hide as much. */
const HIDDEN_BYTES = 2 ** 20;

function hiddenPerHour(unit: Series['unit'], hours: number): number {
  return unit === 'bytes' && hours > 0 ? HIDDEN_BYTES / hours : 0;
}

/** Behind the last restart and the warm-up. */
function judgedFrom({ segments, floor, verdict }: Confirmation, { times }: Series): number {
  let fromMs = times[0] ?? 0;
  for (const { kind, to } of segments) {
    if (kind === 'restart' || kind === 'warm-up') fromMs = Date.parse(to);
  }
  // The tail of a warm-up reaches further than its bend: the floor of a verdict begins behind it.
  return verdict === 'inconclusive' ? fromMs : Math.max(fromMs, floor.times[0] ?? fromMs);
}

function fitFloor(
  series: Series,
  others: readonly Series[],
  { shape }: Confirmation,
): {
  fit: TrendFit | null;
  fallsOut: { fit: TrendFit; falls: number } | null;
  noise: FloorNoise | null;
  lateRate: number | null;
  windows: number;
  lacking: number;
} {
  const { floor, lacking } = floorStretch(series.times, series.values, contextOf(series, others));
  const { times, values } = floor;
  const x = times.map((time) => (time - times[0]!) / HOUR_MS);
  const windows = x.length;
  const none = { fallsOut: null, noise: null, lateRate: null, windows, lacking };
  if (windows < LEAST_WINDOWS) return { fit: null, ...none };
  const daily = shape === 'diurnal' && x.at(-1)! >= SEASON_HOURS ? 24 : null;
  const columns = shape === 'step' ? stepColumns(values) : [];
  if (shape === 'load-driven') columns.push(...loadColumn(others, times, floor.windowMs));
  const fit = fitTrend(x, values, { period: daily, covariates: columns });
  if (!fit) return { fit: null, ...none };
  const half = windows >> 1;
  const late = windows - half >= HALF_LEAST ? fitTrend(x.subarray(half), values.subarray(half)) : null;
  const windowHours = x.at(-1)! / (windows - 1);
  return {
    fit,
    fallsOut: withoutFalls(x, values, fit),
    noise: noiseOf(fit, windowHours),
    lateRate: late?.slope ?? null,
    windows,
    lacking,
  };
}

/** Null where nothing fell, something rose in a step, or it is not known better for it. */
function withoutFalls(
  x: Float64Array,
  values: Float64Array,
  plain: TrendFit,
): { fit: TrendFit; falls: number } | null {
  const steps = findSteps(values);
  if (steps.length === 0 || steps.length > MAX_STEPS || steps.some(({ height }) => height > 0)) return null;
  const fit = fitTrend(x, values, { covariates: stepColumns(values) });
  return fit && fit.slope >= plain.slope && fit.high < plain.high ? { fit, falls: steps.length } : null;
}

/** As Stanch calls what it has counted behind collections that it asked for: there are no teeth, only small unrest. */
const LIVE = /^live_/;

function contextOf(memory: Series, others: readonly Series[]): StretchContext {
  const role = roleOf(memory.name, memory.labels);
  const majors = others.find(
    (each) =>
      roleOf(each.name, each.labels) === 'gc-major-count' &&
      (each.kind === 'counter' || looksLikeCounter(each)),
  );
  return {
    limit: null,
    isHeap: role === 'heap-used' || role === 'heap-old',
    isCount: memory.unit === 'count' || LIVE.test(memory.name),
    isResident: role === 'rss' || role === 'pss' || role === 'working-set' || role === 'usage',
    mayBePageCache: false,
    collections: majors ? (from, to) => increaseOf(sliceSeries(majors, from, to + 1)) : null,
    gcTime: null,
    load: null,
  };
}

function stepColumns(values: Float64Array): Float64Array[] {
  const steps = findSteps(values);
  if (steps.length > MAX_STEPS) return [];
  return steps.map(({ at }) => values.map((_, index) => (index >= at ? 1 : 0)));
}

/** The load in each window, from −1 to 1 or so. */
function loadColumn(others: readonly Series[], times: Float64Array, windowMs: number): Float64Array[] {
  const load = loadSeries(others);
  const rates = times.map(
    (time) => operationsPerHour(load, time - windowMs / 2, time + windowMs / 2) ?? Number.NaN,
  );
  if (rates.some((rate) => Number.isNaN(rate))) return [];
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const scale = Math.max(...rates.map((rate) => Math.abs(rate - mean)));
  return scale > 0 ? [rates.map((rate) => (rate - mean) / scale)] : [];
}

/**
 * The noise as a longer view would show it: a short one takes it for wandering without end unless the opposite is sure, which is right for
 * a verdict and too dark for a forecast.
 */
function noiseOf({ residuals }: TrendFit, windowHours: number): FloorNoise {
  let square = 0;
  let product = 0;
  for (let at = 0; at < residuals.length; at++) {
    square += residuals[at]! ** 2;
    if (at > 0) product += residuals[at]! * residuals[at - 1]!;
  }
  const count = residuals.length;
  const plain = square > 0 ? product / square : 0;
  const memory = Math.max(0, Math.min(0.98, (plain + 2 / count) / Math.max(0.3, 1 - 4 / count)));
  const sd = Math.sqrt(square / Math.max(1, count - 2));
  return { innovation: sd * Math.sqrt(1 - memory * memory), memory, windowHours };
}
