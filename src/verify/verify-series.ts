import { studentT } from '../analysis/series/student-t.ts';
import type { Interval, Shape } from '../confirm/confirmation.ts';
import { amount, hours, round } from '../confirm/words.ts';
import type { EventStream } from '../model/event-stream.ts';
import type { Series } from '../model/series.ts';
import type { Unit } from '../model/series-unit.ts';
import { steepestOfDay } from './daily-course.ts';
import { type GrowthRate, growthRate } from './growth-rate.ts';
import { errorsToTell, hoursToTell } from './power.ts';
import type { Clock, FixVerdict, SeriesVerification, SideGrowth } from './verification.ts';
import { onWorkClock } from './work-clock.ts';

/** One side of a comparison: a memory series, and what was measured beside it. */
export interface SeriesSide {
  readonly memory: Series;
  readonly others?: readonly Series[];
  /** Restarts and deploys. */
  readonly events?: readonly EventStream[];
  /** In the unit of the memory. */
  readonly limit?: number | null;
  /** Operations over the whole of the series; counted by a series among `others` when absent. */
  readonly operations?: number | null;
}

/** The growth before the fix, where no series of it was kept. */
export interface KnownRate {
  readonly ratePerHour: Interval;
  readonly unit: Unit | null;
  readonly source: string;
  readonly operationsPerHour?: number | null;
}

/** How sure one has to be, and of what. */
export interface VerifySeriesOptions {
  /** What may be left of the leak, as a share of its rate before (0.1). */
  readonly tolerance?: number | undefined;
  /** Less than this says nothing, however quiet it is (10 minutes). */
  readonly leastHours?: number | undefined;
}

const TOLERANCE = 0.1;
const LEAST_HOURS = 1 / 6;
/** Loads that differ by more are told; below the second share the leak had no chance to show. */
const LIKE_LOAD = 0.2;
const LEAST_LOAD = 0.1;
/** A growth whose second half is slower than this share of the whole may be a warm-up yet. */
const SLOWS = 0.4;
/** … and from this share on it goes on as before. */
const STEADY = 0.7;
const MAY_GO_ON: ReadonlySet<Shape | null> = new Set([null, 'warm-up', 'cache-fill', 'flat', 'random-walk']);
/** The clock of the work is taken where it leaves less than this share of the uncertainty. */
const STRAIGHTER = 0.7;
/** A service that follows the day must be seen for one. */
const DAY_HOURS = 20;
/** Where `confirm` is not sure of a leak the growth must be beyond the threshold with this certainty. */
const SURE = 0.995;
const INTERVAL = 0.975;

/**
 * Compares the growth of a service before and after a fix. `fixed` needs the upper end of the 95 % interval of what is left below the
 * tolerance (a test of equivalence: that nothing was seen does not suffice), `still-leaking` a leak that was seen, all else is
 * `not-enough-data` with the time that it would take.
 *
 * @example
 * import { openFile, readCsv, verifySeries } from 'stanch';
 *
 * const [before, after] = await Promise.all(
 *   ['memory.csv', 'memory.csv'].map(async (file) => (await readCsv(openFile(file))).series),
 * );
 * const { verdict, reasons } = verifySeries({ memory: before[0] }, { memory: after[0] });
 * process.stdout.write(`${verdict}: ${reasons.join('; ')}\n`);
 */
export function verifySeries(
  before: SeriesSide | KnownRate,
  after: SeriesSide,
  options: VerifySeriesOptions = {},
): SeriesVerification {
  const { was, is, clock, daySlope } = ratesByClock(before, after);
  return compareRates(was, is, {
    daySlope,
    clock,
    tolerance: options.tolerance ?? TOLERANCE,
    leastHours: options.leastHours ?? LEAST_HOURS,
    metric: after.memory.name,
    unit: after.memory.unit,
    sources: ['memory' in before ? before.memory.source : before.source, after.memory.source],
    samples: ['memory' in before ? before.memory.times.length : 0, after.memory.times.length],
  });
}

/**
 * Hours behind the warm-up that a service must be watched after the fix, as far as that can be told from before: the noise after it is
 * taken to be the same. Null when no time would do.
 */
export function neededHours(
  before: SeriesSide,
  { tolerance = TOLERANCE, leastHours = LEAST_HOURS }: VerifySeriesOptions = {},
): number | null {
  const was = rateOf(before);
  if (was.rate === null || was.rate.value <= 0 || was.noise === null) return null;
  const needed = hoursToTell(was.noise, tolerance * was.rate.value, tolerance * was.error);
  return needed === null ? null : Math.max(leastHours, needed);
}

/** By the clock that the growth went by: the time, or the work, whichever makes the straighter lines. */
function ratesByClock(
  before: SeriesSide | KnownRate,
  after: SeriesSide,
): { was: GrowthRate; is: GrowthRate; clock: Clock; daySlope: number } {
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

function rateOf({
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

interface About {
  /** What the day's course alone may move, units an hour; 0 when it shows none. */
  readonly daySlope: number;
  readonly clock: Clock;
  readonly tolerance: number;
  readonly leastHours: number;
  readonly metric: string;
  readonly unit: Unit | null;
  readonly sources: readonly [string, string];
  readonly samples: readonly [number, number];
}

function compareRates(was: GrowthRate, is: GrowthRate, about: About): SeriesVerification {
  const { tolerance, metric, unit } = about;
  const ratio =
    was.operationsPerHour && is.operationsPerHour !== null
      ? is.operationsPerHour / was.operationsPerHour
      : null;
  const rateBefore = was.rate?.value ?? 0;
  // A leak that time drives does not care for the load: the threshold is the stricter of both for either verdict.
  const lenient = tolerance * rateBefore * Math.max(1, ratio ?? 1);
  const strict = tolerance * rateBefore * Math.min(1, ratio ?? 1);
  const needed = neededFor(was, is, strict, about);
  const study: Study = { was, is, about, ratio, lenient, strict, needed };
  const { verdict, reasons, missing } = judge(study);
  return {
    verdict,
    metric,
    unit,
    clock: about.clock,
    before: sideOf(was, about.sources[0], about.samples[0]),
    after: sideOf(is, about.sources[1], about.samples[1]),
    remaining: remainingOf(study),
    thresholdPerHour: strict,
    tolerance,
    smallestLeakPerHour: is.smallest,
    neededHours: needed,
    loadRatio: ratio,
    reasons,
    missing,
  };
}

interface Study {
  readonly was: GrowthRate;
  readonly is: GrowthRate;
  readonly about: About;
  readonly ratio: number | null;
  readonly lenient: number;
  readonly strict: number;
  readonly needed: number | null;
}

interface Judged {
  readonly verdict: FixVerdict;
  readonly reasons: readonly string[];
  readonly missing: readonly string[];
}

function judge(study: Study): Judged {
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

/** The upper end of what may be left when single falls are taken out; infinite where there were none. */
function mostBetweenFalls({ was, is: { betweenFalls }, about: { tolerance } }: Study): number {
  if (betweenFalls === null) return Number.POSITIVE_INFINITY;
  const { value, error, degrees } = betweenFalls;
  const both = welch([error, degrees], [tolerance * was.error, was.degrees]);
  return value + studentT(INTERVAL, both) * Math.hypot(error, tolerance * was.error);
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

/** The rate after over the rate before, for each operation where that is known (first-order error of a quotient). */
function remainingOf({ was, is, ratio }: Study): Interval | null {
  if (!was.rate || !is.rate || was.rate.value <= 0 || was.rate.low <= 0) return null;
  const load = ratio === null || ratio === 0 ? 1 : ratio;
  const value = is.rate.value / was.rate.value / load;
  const error = Math.hypot(is.error / was.rate.value / load, (value * was.error) / was.rate.value);
  const half = studentT(INTERVAL, welch([is.error, is.degrees], [was.error, was.degrees])) * error;
  return { value, low: value - half, high: value + half };
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

/** With the noise after the fix; where that is not known yet, with that of before. */
function neededFor(was: GrowthRate, is: GrowthRate, threshold: number, about: About): number | null {
  const { leastHours, tolerance } = about;
  const noise = is.noise !== null && is.degrees >= 10 ? is.noise : (was.noise ?? is.noise);
  if (noise === null || threshold <= 0) return leastHours;
  const needed = hoursToTell(noise, threshold, tolerance * was.error);
  return needed === null ? null : Math.max(leastHours, needed);
}

function sideOf(side: GrowthRate, source: string, samples: number): SideGrowth {
  const { rate, operationsPerHour, confirmation } = side;
  const each = (value: number): number => value / operationsPerHour!;
  return {
    ratePerHour: rate,
    perOperation:
      rate && operationsPerHour
        ? { value: each(rate.value), low: each(rate.low), high: each(rate.high) }
        : null,
    operationsPerHour,
    verdict: confirmation?.verdict ?? 'leak',
    shape: confirmation?.shape ?? null,
    hours: side.hours,
    judgedHours: side.judgedHours,
    samples,
    source,
  };
}

/** Degrees of freedom of a difference of two estimates (Welch and Satterthwaite). */
function welch(...sides: readonly (readonly [number, number])[]): number {
  const sum = sides.reduce((all, [error]) => all + error ** 2, 0);
  const parts = sides.reduce((all, [error, degrees]) => all + error ** 4 / degrees, 0);
  return parts > 0 && Number.isFinite(parts) ? Math.max(1, sum ** 2 / parts) : 1;
}

function interval({ value, low, high }: Interval, unit: Unit | null): string {
  return `${amount(value, unit)} an hour (${amount(low, unit)} to ${amount(high, unit)}, 95 %)`;
}

function percent(share: number): string {
  return `${round(share * 100)} %`;
}
