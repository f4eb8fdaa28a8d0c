import { studentT } from '../analysis/series/student-t.ts';

/** What shakes the floor of a series: first-order autoregressive noise about a line. */
export interface FloorNoise {
  /** Standard deviation of what is new in each window, in the unit of the values. */
  readonly innovation: number;
  /** Lag-1 autocorrelation, 0 to 1. */
  readonly memory: number;
  readonly windowHours: number;
}

/** Two-sided at 5 %, seen 95 times of 100. */
const ALPHA_QUANTILE = 0.975;
const POWER_QUANTILE = 0.95;
/** Longer than this nobody waits. */
const MOST_HOURS = 24 * 90;

/** By how many standard errors a growth must differ to be told from none: 3.6 with many points, more with few. */
export function errorsToTell(degrees: number): number {
  return studentT(ALPHA_QUANTILE, degrees) + studentT(POWER_QUANTILE, degrees);
}

/**
 * Standard error of the slope of a line through so many windows of such noise, units an hour (generalised least squares: Prais and
 * Winsten 1954).
 */
export function slopeError({ innovation, memory, windowHours }: FloorNoise, windows: number): number {
  const first = Math.sqrt(1 - memory * memory);
  const middle = (windows - 1) / 2;
  let one = first * first;
  let both = -first * first * middle;
  let time = first * first * middle * middle;
  const step = 1 - memory;
  for (let at = 1; at < windows; at++) {
    const now = at - middle - memory * (at - 1 - middle);
    one += step * step;
    both += step * now;
    time += now * now;
  }
  return innovation / Math.sqrt(time - (both * both) / one) / windowHours;
}

/**
 * Hours that it takes until growth of this rate would be told from none; null when no time that anybody waits is enough. What the other
 * side of the comparison leaves uncertain comes on top.
 *
 * @param besides standard error of what it is compared with, units an hour
 */
export function hoursToTell(noise: FloorNoise, rate: number, besides: number): number | null {
  const enough = (windows: number): boolean =>
    errorsToTell(windows - 2) * Math.hypot(slopeError(noise, windows), besides) <= rate;
  const most = Math.max(8, Math.min(200_000, Math.floor(MOST_HOURS / noise.windowHours)));
  if (!enough(most)) return null;
  let low = 4;
  let high = 5;
  while (!enough(high)) {
    low = high;
    high = Math.min(most, high * 2);
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high * noise.windowHours;
}
