import type { Series } from '../model/series.ts';
import type { GrowthRate } from './growth-rate.ts';
import { judge } from './judge.ts';
import { hoursToTell } from './power.ts';
import { rateOf, ratesByClock } from './rates-by-clock.ts';
import type { KnownRate, SeriesSide } from './series-side.ts';
import { remainingOf, studyOf } from './study.ts';
import type { SeriesVerification, SideGrowth } from './verification.ts';

/** How sure one has to be, and of what. */
export interface VerifySeriesOptions {
  /** What may be left of the leak, as a share of its rate before (0.1). */
  readonly tolerance?: number | undefined;
  /** Less than this says nothing, however quiet it is (10 minutes). */
  readonly leastHours?: number | undefined;
}

const TOLERANCE = 0.1;
const LEAST_HOURS = 1 / 6;

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
  const { tolerance = TOLERANCE, leastHours = LEAST_HOURS } = options;
  const { name: metric, unit } = after.memory;
  const study = studyOf(was, is, { daySlope, clock, tolerance, leastHours, unit });
  const { verdict, reasons, missing } = judge(study);
  return {
    verdict,
    metric,
    unit,
    clock,
    before: sideOf(was, 'memory' in before ? before.memory : before),
    after: sideOf(is, after.memory),
    remaining: remainingOf(study),
    thresholdPerHour: study.strict,
    tolerance,
    smallestLeakPerHour: is.smallest,
    neededHours: study.needed,
    loadRatio: study.ratio,
    reasons,
    missing,
  };
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

function sideOf(side: GrowthRate, of: Series | KnownRate): SideGrowth {
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
    samples: 'times' in of ? of.times.length : 0,
    source: of.source,
  };
}
