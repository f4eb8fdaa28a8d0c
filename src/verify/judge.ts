import { studentT } from '../analysis/series/student-t.ts';
import type { Interval, Shape } from '../confirm/confirmation.ts';
import { amount, hours, round } from '../confirm/words.ts';
import type { Unit } from '../model/series-unit.ts';
import type { GrowthRate } from './growth-rate.ts';
import { errorsToTell } from './power.ts';
import { INTERVAL, mostBetweenFalls, remainingOf, type Study, welch } from './study.ts';
import type { FixVerdict } from './verification.ts';

/** Loads that differ by more are told; below the second share the leak had no chance to show. */
const LIKE_LOAD = 0.2;
const LEAST_LOAD = 0.1;
/** A growth whose second half is slower than this share of the whole may be a warm-up yet. */
const SLOWS = 0.4;
/** … and from this share on it goes on as before. */
const STEADY = 0.7;
const MAY_GO_ON: ReadonlySet<Shape | null> = new Set([null, 'warm-up', 'cache-fill', 'flat', 'random-walk']);
/** A service that follows the day must be seen for one. */
const DAY_HOURS = 20;
/** Where `confirm` is not sure of a leak the growth must be beyond the threshold with this certainty. */
const SURE = 0.995;

export interface Judged {
  readonly verdict: FixVerdict;
  readonly reasons: readonly string[];
  readonly missing: readonly string[];
}

/** `fixed` needs a test of equivalence, `still-leaking` a leak that was seen; all else is not enough data, with what is missing. */
export function judge(study: Study): Judged {
  const { was, is, about, ratio, lenient, strict, needed } = study;
  const { unit, leastHours, tolerance } = about;
  const perHour = (value: number): string => `${amount(value, unit)} an hour`;
  const reasons: string[] = [];
  const notEnough = (...missing: string[]): Judged => ({ verdict: 'not-enough-data', reasons, missing });

  const beforeGrew = was.rate !== null && was.rate.low > 0;
  if (was.rate && beforeGrew) reasons.push(`before it grew by ${interval(was.rate, unit)}`);
  if (is.rate) {
    const left =
      is.judgedHours < 0.97 * is.hours
        ? `; ${hours(is.hours - is.judgedHours)} before that are a restart or warm-up`
        : '';
    reasons.push(`after, by ${interval(is.rate, unit)}, over ${hours(is.judgedHours)}${left}`);
  }
  reasons.push(...loadReasons(study));
  if (about.clock === 'work')
    reasons.push('it grew with the work done and not with the time: hours are counted as mean hours of work');

  if (is.judgedHours < leastHours) {
    const least = needed ?? leastHours;
    return notEnough(
      `needs ${hours(least)} behind the warm-up; ${hours(is.judgedHours)} are too short to see timers, caches and collections`,
    );
  }
  // Some hours of a day may show growth that the night takes back, or hide growth.
  const ofDay = is.judgedHours < DAY_HOURS ? about.daySlope : 0;
  const mayBeDay = (): boolean => ofDay > 0 && is.rate!.low - ofDay <= lenient;
  const needsDay = (): Judged =>
    notEnough(
      `needs a whole day: before the fix memory followed the time of day, by up to ${perHour(ofDay)}, and ${hours(is.judgedHours)} of it may show growth that is none, or hide a leak`,
    );
  if (is.confirmation?.verdict === 'leak' && is.rate) {
    if (mayBeDay()) return needsDay();
    reasons.push(...remainingReasons(study), ...leakReasons(is));
    return { verdict: 'still-leaking', reasons, missing: [] };
  }
  if (is.lackingCollections > 0) {
    return notEnough(
      `needs ${is.lackingCollections} more large collections: what stays behind them is not seen yet`,
      ...timeMissing(study),
    );
  }
  if (!is.rate) return notEnough(...(is.confirmation?.missing ?? []), ...timeMissing(study));
  if (!beforeGrew) {
    return notEnough(
      'before shows no growth that could be told from none: there is nothing to compare with (give the time when it leaked, or --rate)',
    );
  }
  const error = Math.hypot(is.error, tolerance * was.error);
  const degrees = welch([is.error, is.degrees], [tolerance * was.error, was.degrees]);
  const t = (share: number): number => studentT(share, degrees);
  const slows = is.lateRate !== null && is.lateRate < SLOWS * is.rate.value;
  if (is.rate.value - lenient > t(SURE) * error && goesOn(is)) {
    if (mayBeDay()) return needsDay();
    reasons.push(...remainingReasons(study));
    return { verdict: 'still-leaking', reasons, missing: [] };
  }
  if (ratio !== null && ratio < LEAST_LOAD) {
    return notEnough(
      `after the fix there was only ${percent(ratio)} of the load: drive it as before, or wait until it is back`,
    );
  }
  if (was.confirmation?.shape === 'diurnal-rising' && is.judgedHours < DAY_HOURS) {
    return notEnough(
      'needs a whole day: before the fix memory followed the time of day, and a part of it may hide a leak',
    );
  }
  const most = Math.min(is.rate.value + t(INTERVAL) * error, mostBetweenFalls(study));
  if (most < strict && most + ofDay >= strict) return needsDay();
  if (most < strict) {
    reasons.push(
      `what may be left, ${perHour(Math.max(0, most))} at most, is below ${percent(tolerance)} of the leak (${perHour(strict)})`,
    );
    if (is.smallest !== null)
      reasons.push(`a leak of ${perHour(is.smallest)} or more would have been seen (95 of 100 times)`);
    return { verdict: 'fixed', reasons, missing: [] };
  }
  if (is.rate.value > strict && slows) {
    reasons.push('it still grows, but more slowly in the second half, as a warm-up does');
  }
  return notEnough(...timeMissing(study));
}

/**
 * Whether growth that `confirm` does not call a leak is one all the same: it knows nothing of the leak before, and takes what may be a
 * warm-up or wandering for that. What goes on in the second half as in the first is neither.
 */
function goesOn({ confirmation, lateRate, rate }: GrowthRate): boolean {
  if (lateRate === null || rate === null) return false;
  if (confirmation?.verdict === 'inconclusive') return lateRate >= SLOWS * rate.value;
  return lateRate >= STEADY * rate.value && MAY_GO_ON.has(confirmation?.shape ?? null);
}

function loadReasons({ was, is, ratio }: Study): string[] {
  if (ratio === null)
    return ['how much was done is not known: both sides are taken to have had the same load'];
  const loads = `${round(was.operationsPerHour!)} operations an hour before, ${round(is.operationsPerHour!)} after`;
  return Math.abs(ratio - 1) > LIKE_LOAD
    ? [`the loads differ (${loads}): rates are compared for each operation`]
    : [`the loads are alike: ${loads}`];
}

function leakReasons({ confirmation }: GrowthRate): string[] {
  return (confirmation?.reasons ?? []).slice(0, 2).map((reason) => `after: ${reason}`);
}

function remainingReasons(study: Study): string[] {
  const remaining = remainingOf(study);
  if (!remaining) return [];
  const { value, low, high } = remaining;
  return [
    `${percent(Math.max(0, value))} of the leak ${study.ratio === null ? 'is' : '(at equal load) is'} left, between ${percent(Math.max(0, low))} and ${percent(high)}`,
  ];
}

function timeMissing({ is, was, needed, strict, about }: Study): string[] {
  if (needed === null) {
    const blur = was.rate ? (about.tolerance * was.error * errorsToTell(was.degrees)) / strict : 1;
    return blur >= 1
      ? ['the rate before is too uncertain to compare with: needs a longer view of the leak']
      : [
          'no length of time would do with such noise: watch the heap after collections instead of the process',
        ];
  }
  if (is.judgedHours >= needed)
    return [
      `what is left lies too near to ${percent(about.tolerance)} of the leak to tell: needs about ${hours(2 * is.judgedHours)}, or another --tolerance`,
    ];
  return [
    `needs about ${hours(needed)} behind the warm-up to be sure; there are ${hours(is.judgedHours)}${is.smallest === null ? '' : `, in which a leak of ${amount(is.smallest, about.unit)} an hour would have been seen`}`,
  ];
}

function interval({ value, low, high }: Interval, unit: Unit | null): string {
  return `${amount(value, unit)} an hour (${amount(low, unit)} to ${amount(high, unit)}, 95 %)`;
}

function percent(share: number): string {
  return `${round(share * 100)} %`;
}
