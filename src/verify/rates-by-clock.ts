import { studentT } from '../analysis/series/student-t.ts';
import { steepestOfDay } from './daily-course.ts';
import { type GrowthRate, growthRate } from './growth-rate.ts';
import type { KnownRate, SeriesSide } from './series-side.ts';
import { INTERVAL } from './study.ts';
import type { Clock } from './verification.ts';
import { onWorkClock } from './work-clock.ts';

/** The clock of the work is taken where it leaves less than this share of the uncertainty. */
const STRAIGHTER = 0.7;

export interface RatesByClock {
  readonly was: GrowthRate;
  readonly is: GrowthRate;
  readonly clock: Clock;
  /** What the day's course alone may move, units an hour; 0 when it shows none. */
  readonly daySlope: number;
}

/** By the clock that the growth went by: the time, or the work, whichever makes the straighter lines. */
export function ratesByClock(before: SeriesSide | KnownRate, after: SeriesSide): RatesByClock {
  if (!('memory' in before)) return { was: known(before), is: rateOf(after), clock: 'time', daySlope: 0 };
  const byTime = { was: rateOf(before), is: rateOf(after) };
  const daySlope = steepestOfDay(byTime.was.confirmation!.floor);
  const [work, workAfter] = [onWorkClock(before), onWorkClock(after)];
  const byWork = work && workAfter && { was: rateOf(work), is: rateOf(workAfter) };
  return byWork && blurOf(byWork) < STRAIGHTER * blurOf(byTime)
    ? { ...byWork, clock: 'work', daySlope }
    : { ...byTime, clock: 'time', daySlope };
}

/** How uncertain both growths are together, as a share of the growth before. */
function blurOf({ was, is }: { was: GrowthRate; is: GrowthRate }): number {
  return was.rate !== null && was.rate.low > 0
    ? Math.hypot(was.error, is.error) / was.rate.value
    : Number.POSITIVE_INFINITY;
}

export function rateOf({
  memory,
  others = [],
  events = [],
  limit = null,
  operations = null,
}: SeriesSide): GrowthRate {
  return growthRate(memory, others, { events, limit, operations });
}

function known({ ratePerHour, operationsPerHour = null }: KnownRate): GrowthRate {
  return {
    confirmation: null,
    rate: ratePerHour,
    error: (ratePerHour.high - ratePerHour.low) / 2 / studentT(INTERVAL, 30),
    degrees: 30,
    noise: null,
    smallest: null,
    betweenFalls: null,
    lateRate: null,
    lackingCollections: 0,
    operationsPerHour,
    hours: 0,
    judgedHours: 0,
    level: 0,
  };
}
