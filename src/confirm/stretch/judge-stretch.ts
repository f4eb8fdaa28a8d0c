import type { Floor } from '../../analysis/series/floor.ts';
import { findHinge, findSteps, outsideBursts, type Step } from '../../analysis/series/knots.ts';
import { sumOfSquares } from '../../analysis/series/robust.ts';
import { fitTrend, type TrendFit } from '../../analysis/series/trend-fit.ts';
import type { Judgement, StretchContext } from '../judgement.ts';
import { type FlooredStretch, floorStretch, HOUR_MS, LEAST_WINDOWS, seasonOf } from '../stretch.ts';
import { thrashingAtLimit } from './at-limit.ts';
import { BEND_GAIN, bendOf, restBehindRise, slowsDown } from './bend.ts';
import { judgeEvenCounts, paceOf } from './few-points.ts';
import { judgeSlowed } from './slowed.ts';
import { judgeAroundSteps, MAX_STEPS, staircase, stepColumns } from './steps.ts';
import { MAX_STRIPS, type Stripped, type Study } from './study.ts';
import { judgeTrend } from './trend.ts';
import { tooFewCollections, tooLittle } from './verdicts.ts';

/** Judges the memory of one process from its start, or the first sample, to its end. */
export function judgeStretch(times: Float64Array, values: Float64Array, context: StretchContext): Judgement {
  const judged = judge(times, values, context, null);
  return judged.verdict === 'leak' ? judged : (thrashingAtLimit(times, values, context, judged) ?? judged);
}

function judge(
  times: Float64Array,
  values: Float64Array,
  context: StretchContext,
  stripped: Stripped | null,
): Judgement {
  if (times.length < LEAST_WINDOWS) {
    const even = context.isCount ? judgeEvenCounts(times, values) : null;
    if (even) return even;
    return {
      ...tooLittle(times, values, `needs ${LEAST_WINDOWS - times.length} more samples`),
      reasons: paceOf(times, values, context.limit),
    };
  }
  const all = floorStretch(times, values, context);
  let floored = withoutBursts(all);
  let { floor } = floored;
  if (floored.lacking > 0 || floor.times.length < LEAST_WINDOWS) {
    return tooFewCollections(values, floored);
  }
  let found = findSteps(floor.values);
  const straddling = new Set(found.flatMap(({ at, isSplit }) => (isSplit ? [at - 1] : [])));
  if (straddling.size > 0) {
    // A window that holds a step is on neither level.
    const kept = [...floor.times.keys()].filter((at) => !straddling.has(at));
    floor = windowsOf(floor, kept);
    floored = { ...floored, floor };
    found = found.map((step) => ({ ...step, at: kept.findIndex((at) => at >= step.at), isSplit: false }));
  }
  const start = floor.times[0]!;
  const x = floor.times.map((time) => (time - start) / HOUR_MS);
  const period = seasonOf(floored, stripped?.seasonal ?? false);
  const seasonal = seasonIfAny(x, floor.values, period, found);
  const flat = seasonal ? floor.values.map((value, at) => value - seasonal.season[at]!) : floor.values;
  const study: Study = {
    times,
    values,
    context,
    floored,
    x,
    flat,
    seasonal,
    stripped,
    adjusted: false,
    again: judge,
  };

  const bend = bendOf(x, flat);
  const steps = found.length > 0 ? found : findSteps(flat);
  const stairs = staircase(study, steps);
  if (stairs) return stairs;
  if (steps.length > 0 && steps.length <= MAX_STEPS) return judgeAroundSteps(study, steps);
  if (bend && slowsDown(bend, flat) && (stripped?.count ?? 0) < MAX_STRIPS) {
    const slowed = judgeSlowed(study, bend);
    if (slowed) return slowed;
  }
  const judged = judgeTrend(study, bend);
  if (judged.verdict === 'no-leak' || (stripped?.count ?? 0) >= MAX_STRIPS) return judged;
  const rest = restBehindRise(x, flat, bend);
  const slowed = rest && judgeSlowed(study, rest.bend, rest.from);
  if (slowed || !seasonal) return slowed ?? judged;
  // In a day or two a rise that ends looks like a part of a day's course.
  const raw: Study = { ...study, flat: floor.values, seasonal: null };
  const again = restBehindRise(x, raw.flat, findHinge(x, raw.flat));
  const isBetter = again !== null && again.bend.sse < sumOfSquares(seasonal.residuals);
  return (isBetter ? judgeSlowed(raw, again.bend, again.from) : null) ?? judged;
}

function withoutBursts(floored: FlooredStretch): FlooredStretch {
  const { floor } = floored;
  if (floor.times.length < 12) return floored;
  const kept = outsideBursts(floor.values);
  if (kept.length === floor.times.length) return floored;
  return { ...floored, floor: windowsOf(floor, kept) };
}

function windowsOf({ times, values, middles, windowMs }: Floor, kept: readonly number[]): Floor {
  const pick = (from: Float64Array): Float64Array => Float64Array.from(kept, (at) => from[at]!);
  return { times: pick(times), values: pick(values), middles: pick(middles), windowMs };
}

/** The fit with a day's course if that is better than without by more than its four columns cost. */
function seasonIfAny(
  x: Float64Array,
  values: Float64Array,
  period: number | null,
  steps: readonly Step[],
): TrendFit | null {
  if (period === null) return null;
  const covariates = steps.length <= MAX_STEPS ? stepColumns(steps, x.length) : [];
  const seasonal = seasonBeside(x, values, period, covariates);
  if (seasonal) return seasonal;
  // Beside a line that does not fit, the day drowns in what the line leaves.
  const bend = findHinge(x, values);
  if (!bend || bend.gain < 2 * BEND_GAIN) return null;
  const behind = x.map((hour) => Math.max(0, hour - x[bend.at]!));
  const season = seasonBeside(x, values, period, [...covariates, behind])?.season;
  const line = season && fitTrend(x, values, { period: period / HOUR_MS, covariates });
  return line ? { ...line, season } : null;
}

function seasonBeside(
  x: Float64Array,
  values: Float64Array,
  period: number,
  covariates: readonly Float64Array[],
): TrendFit | null {
  const withSeason = fitTrend(x, values, { period: period / HOUR_MS, covariates });
  const without = fitTrend(x, values, { covariates });
  if (!withSeason || !without) return null;
  const rest = sumOfSquares(withSeason.residuals);
  const better = (sumOfSquares(without.residuals) - rest) / 4 / (rest / Math.max(1, x.length - 6));
  return better > 5 ? withSeason : null;
}
