import { floorOf } from '../analysis/series/floor.ts';
import { findHinge } from '../analysis/series/knots.ts';
import { median, sumOfSquares } from '../analysis/series/robust.ts';
import { studentT } from '../analysis/series/student-t.ts';
import { fitTrend, type TrendFit } from '../analysis/series/trend-fit.ts';
import type { Interval } from './confirmation.ts';
import type { Life } from './processes.ts';
import { MODEL_SHARE } from './stretch/study.ts';
import { HOUR_MS } from './stretch.ts';

/** What several lives of one service have in common. */
export interface JoinedLives {
  /** Lives long enough to have a slope. */
  readonly used: number;
  readonly rising: number;
  readonly rate: Interval;
  readonly t: number;
  readonly critical: number;
  /** Usual growth within a life as a share of its first level. */
  readonly grownShare: number;
  /** Slope in the second half of a life beside that of all of it; near 1 when nothing slows down. */
  readonly lateShare: number;
}

const LEAST_SAMPLES = 8;
const LEAST_LIVES = 2;

/**
 * One slope for all lives, each with a level of its own. Weighted by what each can tell, and its error is not smaller than the
 * spread of the slopes themselves makes it. A warm-up is cut off each life before.
 */
export function joinLives(lives: readonly Life[]): JoinedLives | null {
  const slopes: { slope: number; error: number; grown: number; late: number; hours: number }[] = [];
  // The first life began before the data and the last has not ended: both count as far as they go.
  for (const { times, values } of lives) {
    if (times.length < LEAST_SAMPLES) continue;
    const windows = times.length <= 24 ? times.length : Math.min(24, Math.max(8, times.length >> 2));
    const floor = floorOf(times, values, { windows, share: 0.2 });
    let x = floor.times.map((time) => (time - floor.times[0]!) / HOUR_MS);
    let y = floor.values;
    const bend = findHinge(x, y);
    if (
      bend &&
      bend.gain > 10 &&
      bend.before > 0 &&
      bend.after < 0.4 * bend.before &&
      x.length - bend.at >= 6
    ) {
      const from = Math.min(2 * bend.at, Math.max(bend.at, x.length - 6));
      x = x.subarray(from);
      y = y.subarray(from);
    }
    const fit = trendOfLife(x, y);
    const half = x.length >> 1;
    const late = x.length - half >= 4 ? fitTrend(x.subarray(half), y.subarray(half)) : null;
    if (!fit) continue;
    const span = x.at(-1)! - x[0]!;
    slopes.push({
      slope: fit.slope,
      error: fit.error,
      grown: (fit.slope * span) / Math.max(1e-12, Math.abs(fit.start)),
      late: late ? late.slope : fit.slope,
      hours: span,
    });
  }
  if (slopes.length < LEAST_LIVES) return null;
  const weights = slopes.map(({ error }) => 1 / error ** 2);
  // No single life outweighs the others by more than its length does.
  const cap = 4 * median(weights);
  const capped = weights.map((weight) => Math.min(weight, cap));
  const total = capped.reduce((sum, weight) => sum + weight, 0);
  const mean = slopes.reduce((sum, { slope }, at) => sum + slope * capped[at]!, 0) / total;
  const model = Math.sqrt(slopes.reduce((sum, { error }, at) => sum + (capped[at]! * error) ** 2, 0)) / total;
  const between = Math.sqrt(
    slopes.reduce((sum, { slope }, at) => sum + (capped[at]! / total) ** 2 * (slope - mean) ** 2, 0),
  );
  const error = Math.max(model, between);
  const degrees = Math.max(2, slopes.length - 1 + (between < model ? 8 : 0));
  const half = Math.hypot(studentT(0.975, degrees) * error, MODEL_SHARE * mean);
  const lateMean = slopes.reduce((sum, { late }, at) => sum + late * capped[at]!, 0) / total;
  return {
    used: slopes.length,
    rising: slopes.filter(({ slope }) => slope > 0).length,
    rate: { value: mean, low: mean - half, high: mean + half },
    t: mean / error,
    critical: studentT(0.999, Math.max(4, degrees)),
    grownShare: median(slopes.map(({ grown }) => grown)),
    lateShare: lateMean / mean,
  };
}

/** Lives of a day or more: what begins anew each night rises with each morning, and that is no growth. */
const A_DAY_SEEN_HOURS = 20;

function trendOfLife(x: Float64Array, y: Float64Array): TrendFit | null {
  const line = fitTrend(x, y);
  const isLong = x.at(-1)! - x[0]! >= A_DAY_SEEN_HOURS && x.length >= 12;
  const withDay = isLong ? fitTrend(x, y, { period: 24 }) : null;
  if (!line || !withDay) return line;
  const rest = sumOfSquares(withDay.residuals);
  const better = (sumOfSquares(line.residuals) - rest) / 4 / (rest / Math.max(1, x.length - 6));
  return better > 5 ? withDay : line;
}
