import { studentT } from '../analysis/series/student-t.ts';
import type { Interval } from '../confirm/confirmation.ts';
import type { Unit } from '../model/series-unit.ts';
import type { GrowthRate } from './growth-rate.ts';
import { hoursToTell } from './power.ts';
import type { Clock } from './verification.ts';

/** Two-sided 95 %. */
export const INTERVAL = 0.975;

/** What is compared, and how sure one has to be. */
export interface About {
  /** What the day's course alone may move, units an hour; 0 when it shows none. */
  readonly daySlope: number;
  readonly clock: Clock;
  readonly tolerance: number;
  readonly leastHours: number;
  readonly unit: Unit | null;
}

/** Both growths, and the thresholds that what is left is held against. */
export interface Study {
  readonly was: GrowthRate;
  readonly is: GrowthRate;
  readonly about: About;
  readonly ratio: number | null;
  readonly lenient: number;
  readonly strict: number;
  readonly needed: number | null;
}

export function studyOf(was: GrowthRate, is: GrowthRate, about: About): Study {
  const { tolerance } = about;
  const ratio =
    was.operationsPerHour && is.operationsPerHour !== null
      ? is.operationsPerHour / was.operationsPerHour
      : null;
  const rateBefore = was.rate?.value ?? 0;
  // A leak that time drives does not care for the load: the threshold is the stricter of both for either verdict.
  const lenient = tolerance * rateBefore * Math.max(1, ratio ?? 1);
  const strict = tolerance * rateBefore * Math.min(1, ratio ?? 1);
  const needed = neededFor(was, is, strict, about);
  return { was, is, about, ratio, lenient, strict, needed };
}

/** With the noise after the fix; where that is not known yet, with that of before. */
function neededFor(was: GrowthRate, is: GrowthRate, threshold: number, about: About): number | null {
  const { leastHours, tolerance } = about;
  const noise = is.noise !== null && is.degrees >= 10 ? is.noise : (was.noise ?? is.noise);
  if (noise === null || threshold <= 0) return leastHours;
  const needed = hoursToTell(noise, threshold, tolerance * was.error);
  return needed === null ? null : Math.max(leastHours, needed);
}

/** The upper end of what may be left when single falls are taken out; infinite where there were none. */
export function mostBetweenFalls({ was, is: { betweenFalls }, about: { tolerance } }: Study): number {
  if (betweenFalls === null) return Number.POSITIVE_INFINITY;
  const { value, error, degrees } = betweenFalls;
  const both = welch([error, degrees], [tolerance * was.error, was.degrees]);
  return value + studentT(INTERVAL, both) * Math.hypot(error, tolerance * was.error);
}

/** The rate after over the rate before, for each operation where that is known (first-order error of a quotient). */
export function remainingOf({ was, is, ratio }: Study): Interval | null {
  if (!was.rate || !is.rate || was.rate.value <= 0 || was.rate.low <= 0) return null;
  const load = ratio === null || ratio === 0 ? 1 : ratio;
  const value = is.rate.value / was.rate.value / load;
  const error = Math.hypot(is.error / was.rate.value / load, (value * was.error) / was.rate.value);
  const half = studentT(INTERVAL, welch([is.error, is.degrees], [was.error, was.degrees])) * error;
  return { value, low: value - half, high: value + half };
}

/** Degrees of freedom of a difference of two estimates (Welch and Satterthwaite). */
export function welch(...sides: readonly (readonly [number, number])[]): number {
  const sum = sides.reduce((all, [error]) => all + error ** 2, 0);
  const parts = sides.reduce((all, [error, degrees]) => all + error ** 4 / degrees, 0);
  return parts > 0 && Number.isFinite(parts) ? Math.max(1, sum ** 2 / parts) : 1;
}
