import { sumOfSquares } from '../analysis/series/robust.ts';
import { fitTrend } from '../analysis/series/trend-fit.ts';
import { HOUR_MS } from '../confirm/stretch.ts';

const DAY_HOURS = 24;
/** In less of a day its course cannot be told from growth. */
const LEAST_HOURS = 18;
/** What a day explains of the scatter about a line; wandering gives less, mostly. */
const LEAST_EXPLAINED = 0.6;

/**
 * How steeply the course of a day moves a floor at its steepest, units an hour: so much growth some hours may show without any leak, or hide.
 * 0 where the data show no such course, or not a day of it.
 */
export function steepestOfDay(floor: {
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}): number {
  const count = floor.times.length;
  const x = Float64Array.from(floor.times, (time) => (time - floor.times[0]!) / HOUR_MS);
  if (count < 12 || x[count - 1]! < LEAST_HOURS) return 0;
  const values = Float64Array.from(floor.values);
  const line = fitTrend(x, values);
  const daily = fitTrend(x, values, { period: DAY_HOURS });
  if (!line || !daily) return 0;
  if (sumOfSquares(daily.residuals) > (1 - LEAST_EXPLAINED) * sumOfSquares(line.residuals)) return 0;
  let steepest = 0;
  for (let at = 1; at < count; at++) {
    const slope = (daily.season[at]! - daily.season[at - 1]!) / (x[at]! - x[at - 1]!);
    steepest = Math.max(steepest, Math.abs(slope));
  }
  return steepest;
}
