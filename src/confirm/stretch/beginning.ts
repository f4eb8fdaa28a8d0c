import { findHinge, type Hinge } from '../../analysis/series/knots.ts';
import { differences, median, sumOfSquares } from '../../analysis/series/robust.ts';
import { studentT } from '../../analysis/series/student-t.ts';
import { fitTrend } from '../../analysis/series/trend-fit.ts';
import type { Judgement } from '../judgement.ts';
import { hours, percent, round } from '../words.ts';
import { BEND_GAIN, slowsDown } from './bend.ts';
import { intervalOf, levelOf, MATERIAL_SHARE, risingWindows, type Study, shapeOf } from './study.ts';
import { flatJudgement } from './verdicts.ts';

/** … and before it less than this share of the slope behind it is a beginning. */
const BEGUN = 0.3;

/** Where the bend itself was looked for its place is uncertain, too. */
const SEARCHED = 1.25;

/** A trend that begins in the middle of the data: only what is behind the bend carries the rate. */
export function lateBeginning(
  study: Study,
  bend: Hinge | null,
): { judgement: Judgement; better: boolean } | null {
  const { x, flat, floored, seasonal, context } = study;
  if (!bend || bend.gain <= 2 * BEND_GAIN || bend.after <= 0) return null;
  if (Math.abs(bend.before) > BEGUN * bend.after || x.length - bend.at < 7 || bend.at < 3) return null;
  const fit = fitTrend(x.subarray(bend.at), flat.subarray(bend.at));
  if (!fit) return null;
  const behind = x.length - bend.at;
  if (wandersThere(study, bend, behind)) return null;
  const span = x.at(-1)! - x[bend.at]!;
  const level = Math.abs(median(flat.subarray(0, bend.at + 1))) || 1;
  // The bend was looked for, so chance had many tries.
  const critical = Math.max(fit.critical, studentT(0.9998, behind - 2));
  const grown = fit.slope * span;
  const noise = Math.max(...flat.subarray(0, bend.at + 1)) - Math.min(...flat.subarray(0, bend.at + 1));
  if (fit.t < critical || grown < 2 * MATERIAL_SHARE * level || grown < 1.2 * noise) return null;
  // Within a day a small rise in the middle is what mornings are.
  if (x.at(-1)! < 24 && !context.load && grown < 0.1 * level) return null;
  const ofDay = seasonal ? Math.max(...seasonal.season) - Math.min(...seasonal.season) : 0;
  if (ofDay > grown && span < 24) return null;
  const slowed = findHinge(x.subarray(bend.at), flat.subarray(bend.at));
  if (slowed && slowsDown(slowed, flat))
    return {
      judgement: flatJudgement(study, 'cache-fill', ['it rose for a time and then stopped']),
      better: true,
    };
  const onsetMs = floored.floor.times[bend.at]!;
  const rising = risingWindows(flat.subarray(bend.at));
  const faster = slowed !== null && slowed.gain > BEND_GAIN && slowed.after > 1.3 * slowed.before;
  const judgement: Judgement = {
    verdict: 'leak',
    shape: shapeOf(study, faster),
    rate: intervalOf(fit, SEARCHED),
    onsetMs: faster ? null : onsetMs,
    warmUpEndMs: null,
    floor: floored.floor,
    level: levelOf(study, fit.slope),
    lateRate: null,
    reasons: [
      `it was level for ${hours(x[bend.at]!)}; since then the floor rose in ${rising.up} of ${rising.all} windows`,
      `it grew by ${percent(grown / level)} of its level in the ${hours(span)} since, ${round(fit.t)} times the error that such noise makes`,
    ],
    missing: [],
  };
  return { judgement, better: true };
}

/** Whether the way before the bend wanders so much that the rise behind it is no news. */
function wandersThere({ x, flat }: Study, bend: Hinge, behind: number): boolean {
  const before = fitTrend(x.subarray(0, bend.at + 1), flat.subarray(0, bend.at + 1));
  if (!before || before.memory < 0.6) return false;
  const changes = differences(flat.subarray(0, bend.at + 1));
  const sd = Math.sqrt(sumOfSquares(changes) / changes.length);
  return flat.at(-1)! - flat[bend.at]! < 4 * sd * Math.sqrt(behind);
}
