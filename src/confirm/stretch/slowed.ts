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

/** Warm-up, a cache that fills, a plateau: judges what comes behind the bend by itself. */
export function judgeSlowed(study: Study, bend: Hinge): Judgement | null {
  const { x, flat, floored, times, values, context, stripped } = study;
  const bendMs = floored.floor.times[bend.at]!;
  const grown = bend.before * x[bend.at]!;
  const level = Math.abs(median(flat.subarray(bend.at)));
  if (grown < 0.02 * level && stripped === null) return null;
  // The tail of a warm-up reaches beyond the bend of two lines: as long again is left out where there is enough.
  const tail = bend.at < x.length / 6 ? 3 : 2;
  const cutAt = Math.min(tail * bend.at, Math.max(bend.at, x.length - 12));
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
    if (upper < 0.35 * bend.before && x.length - bend.at >= 6) {
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
  const middle = (times[0]! + times.at(-1)!) / 2;
  const apart = (middle - stripped.middleMs) / HOUR_MS;
  const decay = Math.log(stripped.slope / fit.slope) / apart;
  const span = x.at(-1)!;
  const { late, goesOn } = lastThirds(study, stripped.startMs);
  if (stripped.course === 'even' && goesOn) return null;
  if (stripped.course === null && (goesOn || outlasts(study, decay))) return null;
  const left = Math.max(0, late.slope) / decay;
  const level = Math.abs(median(flat));
  if (stripped.course === 'logarithm')
    return flatJudgement(study, 'warm-up', [
      'it grows with the logarithm of time, as fragmentation and caches of rare things do: ever more slowly',
    ]);
  const said = `it slows down: at this pace ${percent(left / level)} of its level is still to come`;
  if (left < 0.5 * stripped.grown + 0.1 * level) return flatJudgement(study, 'warm-up', [said]);
  return {
    ...tooLittle(times, values, `needs about ${hours(span)} more to see whether it comes to rest`),
    floor: floored.floor,
    reasons: [said],
  };
}

/** If the slowing went on as fast as it began the second half would show it; when it does not, what is left is a trend. */
function outlasts({ x, flat }: Study, decay: number): boolean {
  const half = x.length >> 1;
  const early = fitTrend(x.subarray(0, half + 1), flat.subarray(0, half + 1));
  const late = fitTrend(x.subarray(half), flat.subarray(half));
  if (!early || !late) return false;
  const expected = Math.exp((-decay * x.at(-1)!) / 2);
  const seen = late.slope / Math.max(early.slope, 1e-12);
  const slower = early.slope - late.slope > 2.5 * Math.hypot(early.error, late.error) && seen < 0.85;
  return expected < 0.55 && seen > (1 + expected) / 2 && !slower;
}

/**
 * The last third against the one before. What slows down most slowly in the field goes with the logarithm of time: a rise that keeps
 * more of its speed than that goes on.
 */
function lastThirds({ x, flat, floored }: Study, startMs: number): { late: TrendFit; goesOn: boolean } {
  const third = Math.floor(x.length / 3);
  const until = x.length - third;
  const middle = fitTrend(x.subarray(third, until + 1), flat.subarray(third, until + 1));
  const late = fitTrend(x.subarray(until), flat.subarray(until)) ?? fitTrend(x, flat)!;
  if (!middle || third < 4) return { late, goesOn: false };
  const sinceStart = (floored.floor.times[0]! - startMs) / HOUR_MS;
  const expected = (sinceStart + (x[third]! + x[until]!) / 2) / (sinceStart + (x[until]! + x.at(-1)!) / 2);
  const seen = late.slope / Math.max(middle.slope, 1e-12);
  return { late, goesOn: seen > (1 + expected) / 2 && late.slope > 2 * late.error };
}
