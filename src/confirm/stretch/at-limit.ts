import type { Hinge } from '../../analysis/series/knots.ts';
import { quantile } from '../../analysis/series/robust.ts';
import { fitTrend } from '../../analysis/series/trend-fit.ts';
import type { Judgement, StretchContext } from '../judgement.ts';
import { HOUR_MS } from '../stretch.ts';
import { hours, round } from '../words.ts';
import { intervalOf, levelOf, type Study } from './study.ts';
import { tooLittle } from './verdicts.ts';

/** Collections that take so many times as much time as in the beginning do not come to rest. */
const THRASHES = 2.5;
/** At the limit, as a share of it. */
const NEAR = 0.9;

/** A rise that ends at the limit is no healthy plateau: the collector (or the kernel) works against the leak there. */
export function judgeAtLimit(study: Study, bend: Hinge, bendMs: number): Judgement | null {
  const { context, floored, x, times, values, seasonal, flat } = study;
  const { limit, gcTime } = context;
  const behind = values.subarray(times.findIndex((time) => time >= bendMs));
  const near = limit !== null && quantile(behind, 0.75) > NEAR * limit;
  const early = gcTime?.(times[0]!, bendMs) ?? Number.NaN;
  const late = gcTime?.(bendMs, times.at(-1)!) ?? Number.NaN;
  const thrashes = late > THRASHES * early && late > 0;
  if (bend.at < 4 || flat[bend.at]! - flat[0]! < 0.1 * flat[bend.at]!) return null;
  if (!near && !(thrashes && limit === null)) return null;
  if (near && context.mayBePageCache) {
    return {
      ...tooLittle(
        times,
        values,
        'needs the working set: this metric counts page cache, which fills a limit without a leak',
      ),
      floor: floored.floor,
      reasons: ['it rose to the limit and stays there'],
    };
  }
  // A cache may be sized to the limit too; a collector that works ever harder may not.
  if (near && gcTime && !thrashes && late < 1.3 * early) return null;
  const fit = fitTrend(x.subarray(0, bend.at + 1), flat.subarray(0, bend.at + 1));
  const reasons = [
    near
      ? `it rose for ${hours(x[bend.at]!)} without slowing until it met the limit, and stays there`
      : `it rose for ${hours(x[bend.at]!)} and then stopped`,
  ];
  if (thrashes) reasons.push(`collections take ${round(late / early)} times as much time since then`);
  return {
    verdict: 'leak',
    shape: 'limit-plateau',
    rate: fit ? intervalOf(fit) : null,
    onsetMs: null,
    warmUpEndMs: null,
    floor: floored.floor,
    level: levelOf(study),
    lateRate: null,
    reasons: seasonal ? [...reasons, "a day's course was taken off"] : reasons,
    missing: [],
  };
}

/** By so much its lows have risen. */
const ROSE = 1.1;

/**
 * A collector that works ever harder below the limit is a leak that has met it, whatever course the level takes there: at the limit teeth get small and
 * steps, swells and warm-ups are what is left to see.
 */
export function thrashingAtLimit(
  times: Float64Array,
  values: Float64Array,
  { limit, gcTime, mayBePageCache }: StretchContext,
  judged: Judgement,
): Judgement | null {
  if (limit === null || gcTime === null || mayBePageCache || values.length < 24) return null;
  const third = Math.floor(values.length / 3);
  const [first, last] = [values.subarray(0, third), values.subarray(-third)];
  if (quantile(last, 0.75) < NEAR * limit || quantile(last, 0.1) < ROSE * quantile(first, 0.1)) return null;
  const early = gcTime(times[0]!, times[third]!);
  const late = gcTime(times.at(-1 - third)!, times.at(-1)!);
  if (!(early > 0) || !(late > THRASHES * early)) return null;
  return {
    ...judged,
    verdict: 'leak',
    shape: 'limit-plateau',
    rate: null,
    onsetMs: null,
    reasons: [
      `it rose to ${round((100 * quantile(last, 0.75)) / limit)} % of its limit and is held there: in the last ${hours((times.at(-1)! - times.at(-1 - third)!) / HOUR_MS)} collections take ${round(late / early)} times as much time as in the first`,
    ],
    missing: [],
  };
}
