import { findHinge, type Hinge } from '../../analysis/series/knots.ts';
import { median } from '../../analysis/series/robust.ts';
import { fitTrend } from '../../analysis/series/trend-fit.ts';
import { findTwoBends } from '../../analysis/series/two-bends.ts';

/** A bend must be so much better than a line (F). */
export const BEND_GAIN = 10;

/** Behind a bend less than this share of the slope before it is a slowing down … */
const SLOWED = 0.45;

/** The best bend of two lines; where that is not clear since the whole is one curve, a third against the rest. */
export function bendOf(x: Float64Array, flat: Float64Array): Hinge | null {
  const bend = findHinge(x, flat);
  if (bend === null || x.length < 15 || (bend.gain > BEND_GAIN && bend.after < SLOWED * bend.before))
    return bend;
  const third = Math.floor(x.length / 3);
  const early = fitTrend(x.subarray(0, third + 1), flat.subarray(0, third + 1));
  const late = fitTrend(x.subarray(third), flat.subarray(third));
  if (!early || !late || late.slope > SLOWED * early.slope) return bend;
  if (early.slope - late.slope < 3 * Math.hypot(early.error, late.error)) return bend;
  return {
    at: third,
    before: early.slope,
    after: late.slope,
    beforeError: early.error,
    afterError: late.error,
    gain: 2 * BEND_GAIN,
    sse: bend.sse,
  };
}

/** A rise that began in the view and ended in it: behind it less than this share of its slope is left … */
const RESTED = 0.2;
/** … for at least this share of the view, and so many windows. */
const REST_SHARE = 0.18;
const REST_WINDOWS = 6;

/** A level, a rise, a new level: of the two bends the second, where one bend does not show it. */
export function restBehindRise(
  x: Float64Array,
  flat: Float64Array,
  bend: Hinge | null,
): { from: number; bend: Hinge } | null {
  const found = bend && x.length >= 16 ? findTwoBends(x, flat, bend.sse) : null;
  if (!found) return null;
  const { first, begin, second } = found;
  const behind = x.length - second.at;
  if (second.gain < 2 * BEND_GAIN || behind < Math.max(REST_WINDOWS, REST_SHARE * x.length)) return null;
  if (second.before < 4 * second.beforeError || second.before < 2 * Math.abs(begin)) return null;
  if (second.after + 2 * second.afterError > 2 * RESTED * second.before) return null;
  return second.after < RESTED * second.before ? { from: first, bend: second } : null;
}

export function slowsDown(bend: Hinge, flat: Float64Array): boolean {
  const level = Math.abs(median(flat));
  return (
    bend.gain > BEND_GAIN &&
    bend.before > 2 * bend.beforeError &&
    bend.after < SLOWED * bend.before &&
    bend.before * 1e9 > level * 1e-9
  );
}
