import type { Hinge } from '../../analysis/series/knots.ts';
import { median } from '../../analysis/series/robust.ts';
import { fitTrend, type TrendFit } from '../../analysis/series/trend-fit.ts';
import type { Shape } from '../confirmation.ts';
import type { Judgement } from '../judgement.ts';
import { HOUR_MS } from '../stretch.ts';
import { hours, percent } from '../words.ts';
import { judgeAtLimit } from './at-limit.ts';
import { courseOf } from './course.ts';
import type { Stripped, Study } from './study.ts';
import { flatJudgement, tooLittle } from './verdicts.ts';

/**
 * Warm-up, a cache that fills, a plateau: judges what comes behind the bend by itself.
 *
 * @param begin index where the rise began
 */
export function judgeSlowed(study: Study, bend: Hinge, begin: number = 0): Judgement | null {
  const { x, flat, floored, times, values, context, stripped } = study;
  const bendMs = floored.floor.times[bend.at]!;
  const grown = bend.before * (x[bend.at]! - x[begin]!);
  const level = Math.abs(median(flat.subarray(bend.at)));
  if (grown < 0.02 * level && stripped === null) return null;
  // The tail of a warm-up reaches beyond the bend of two lines: as long again is left out where there is enough.
  const tail = bend.at < x.length / 6 ? 3 : 2;
  const cutAt = Math.min(bend.at + (tail - 1) * (bend.at - begin), Math.max(bend.at, x.length - 12));
  const cutMs = floored.floor.times[cutAt]!;
  const from = times.findIndex((time) => time >= cutMs);
  const before: Stripped = {
    count: (stripped?.count ?? 0) + 1,
    slope: stripped && stripped.slope > bend.before * 3 ? stripped.slope : bend.before,
    middleMs: stripped && stripped.slope > bend.before * 3 ? stripped.middleMs : (times[0]! + bendMs) / 2,
    startMs: stripped?.startMs ?? times[0]!,
    course: stripped ? stripped.course : courseOf(x, flat),
    grown: grown + (stripped?.grown ?? 0),
    seasonal: study.seasonal !== null,
  };
  const atLimit = judgeAtLimit(study, bend, bendMs);
  if (atLimit) return atLimit;
  const rest = study.again(times.subarray(from), values.subarray(from), context, before);
  const shape: Shape = bend.at < x.length / 3 ? 'warm-up' : 'cache-fill';
  const slowing = `it rose by ${hours(x[bend.at]!)} and then slowed to ${percent(bend.after / bend.before)} of that speed`;
  if (rest.verdict === 'leak') {
    return {
      ...rest,
      warmUpEndMs: rest.warmUpEndMs ?? bendMs,
      reasons: [...rest.reasons, `the first ${hours(x[bend.at]!)} are warm-up and were left out`],
    };
  }
  if (rest.verdict === 'inconclusive') {
    // The bend itself is the finding; what is behind it may be too short, but it is flat as far as it goes.
    const upper = bend.after + 2 * bend.afterError;
    const behind = upper * (x.at(-1)! - x[bend.at]!);
    if (
      upper < 0.35 * bend.before &&
      x.length - bend.at >= 6 &&
      behind < mostStillToCome(before.grown, level)
    ) {
      return {
        ...rest,
        verdict: 'no-leak',
        shape,
        rate: null,
        warmUpEndMs: bendMs,
        reasons: [slowing],
        missing: [],
      };
    }
    return { ...rest, warmUpEndMs: bendMs, reasons: [slowing, ...rest.reasons] };
  }
  const restShape = rest.shape === 'flat' || rest.shape === 'random-walk' ? shape : rest.shape;
  // Without a limit nobody can see whether the level it came to rest at is the limit.
  const unsure = context.limit === null && shape === 'cache-fill' && grown > 0.25 * level;
  return {
    ...rest,
    shape: restShape,
    warmUpEndMs: rest.warmUpEndMs ?? bendMs,
    reasons: [slowing, ...rest.reasons],
    missing: unsure ? ['the limit: if this level is the limit, it is a leak that met it'] : rest.missing,
  };
}

/** A rise that was cut off from a faster one before: does it still slow down at that pace? */
export function slowingStill(study: Study, fit: TrendFit): Judgement | null {
  const { stripped, x, flat, times, values, floored } = study;
  if (!stripped || fit.slope > 0.8 * stripped.slope) return null;
  const course = courseBehind(study, fit, stripped.startMs);
  if (stripped.course !== 'logarithm' && course === 'even') return null;
  if (stripped.course === 'logarithm')
    return flatJudgement(study, 'warm-up', [
      'it grows with the logarithm of time, as fragmentation and caches of rare things do: ever more slowly',
    ]);
  const middle = (times[0]! + times.at(-1)!) / 2;
  const apart = (middle - stripped.middleMs) / HOUR_MS;
  const decay = Math.log(stripped.slope / fit.slope) / apart;
  const left = Math.max(0, lateSlope(study, fit)) / decay;
  const level = Math.abs(median(flat));
  const said = `it slows down: at this pace ${percent(left / level)} of its level is still to come`;
  if (course === 'slowing' && left < mostStillToCome(stripped.grown, level))
    return flatJudgement(study, 'warm-up', [said]);
  return {
    ...tooLittle(times, values, `needs about ${hours(x.at(-1)!)} more to see whether it comes to rest`),
    floor: floored.floor,
    reasons: [
      course === 'slowing'
        ? said
        : 'it rose faster before: whether it slows down still is not to be seen yet',
    ],
  };
}

/** A warm-up that is mostly over: what may still come, beside what came and the level. */
function mostStillToCome(grown: number, level: number): number {
  return 0.5 * grown + 0.1 * level;
}

/** So much of the rise is a line where it goes on evenly, and hardly more than that chance where it slows down. */
const EVEN_SHARE = 0.5;
const NO_LINE = 0.3;

/**
 * How the rise behind a cut goes on, fitted at once with a line and with the logarithm of the time since the start, which is the slowest of
 * the courses that come to rest. All of the points speak here, where halves and thirds of them are too noisy. Null: not to be told.
 */
function courseBehind(
  { x, flat, floored }: Study,
  fit: TrendFit,
  startMs: number,
): 'even' | 'slowing' | null {
  const since = (floored.floor.times[0]! - startMs) / HOUR_MS;
  const beside =
    since > 0 ? fitTrend(x, flat, { covariates: [x.map((hour) => Math.log(since + hour))] }) : null;
  if (beside === null) return null;
  const isMost = beside.slope > EVEN_SHARE * fit.slope;
  if (isMost && beside.t > beside.critical) return 'even';
  return isMost && beside.t > NO_LINE * beside.critical ? null : 'slowing';
}

function lateSlope({ x, flat }: Study, fit: TrendFit): number {
  const until = x.length - Math.floor(x.length / 3);
  return (fitTrend(x.subarray(until), flat.subarray(until)) ?? fit).slope;
}
