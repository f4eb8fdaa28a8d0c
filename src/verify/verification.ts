import type { Interval, Shape } from '../confirm/confirmation.ts';
import type { Pattern, Verdict } from '../model/finding.ts';
import type { Unit } from '../model/series-unit.ts';

export type FixVerdict = 'fixed' | 'still-leaking' | 'not-enough-data';

/** What an hour is: an hour, or the operations of a mean hour. */
export type Clock = 'time' | 'work';

/** How one side grew, without restarts and warm-up. Rates are in units of the metric an hour, with 95 % intervals. */
export interface SideGrowth {
  readonly ratePerHour: Interval | null;
  /** Null when it is not known how much was done. */
  readonly perOperation: Interval | null;
  readonly operationsPerHour: number | null;
  /** What `stanch confirm` says of this side by itself. */
  readonly verdict: Verdict;
  readonly shape: Shape | null;
  /** All that was seen, and the part of it that was judged. */
  readonly hours: number;
  readonly judgedHours: number;
  readonly samples: number;
  readonly source: string;
}

/** The comparison of two series. */
export interface SeriesVerification {
  readonly verdict: FixVerdict;
  readonly metric: string;
  readonly unit: Unit | null;
  /** By which clock both sides were compared: what the leak before went by. */
  readonly clock: Clock;
  readonly before: SideGrowth;
  readonly after: SideGrowth;
  /** What is left of the leak: the rate after over the rate before, at equal load; null when that cannot be told. */
  readonly remaining: Interval | null;
  /** Growth below this is not a leak any more, units an hour. */
  readonly thresholdPerHour: number;
  readonly tolerance: number;
  /** The smallest leak that the data after the fix would have shown: 95 of 100 times, at the 5 % level. Units an hour. */
  readonly smallestLeakPerHour: number | null;
  /** Hours after the warm-up that it takes to be sure; null when no length of time would do. */
  readonly neededHours: number | null;
  /** Load after over load before; null when one of them is not known. */
  readonly loadRatio: number | null;
  readonly reasons: readonly string[];
  readonly missing: readonly string[];
}

/** A cause, before and after. */
export interface CauseVerification {
  readonly signature: string;
  readonly pattern: Pattern;
  readonly title: string;
  readonly owner: string;
  readonly state: 'gone' | 'remains' | 'new';
  /** Growth in the dumps of each side; null where the cause is not. */
  readonly before: CauseGrowth | null;
  readonly after: CauseGrowth | null;
  /** Growth after over growth before, for each operation or each hour; null when neither is known. */
  readonly remainingShare: number | null;
}

export interface CauseGrowth {
  readonly objects: number;
  readonly bytes: number;
  readonly perHour: number | null;
  readonly perOperation: number | null;
}

/** The comparison of two diagnoses. */
export interface DumpVerification {
  readonly verdict: FixVerdict;
  readonly causes: readonly CauseVerification[];
  /** Operations between the first and the last dump of each side; null when not known. */
  readonly operations: { readonly before: number | null; readonly after: number | null };
  readonly reasons: readonly string[];
  readonly missing: readonly string[];
}

/** What `stanch verify` answers. */
export interface Verification {
  readonly schema: 'stanch/verify@1';
  readonly verdict: FixVerdict;
  readonly summary: string;
  readonly series: SeriesVerification | null;
  readonly dumps: DumpVerification | null;
  readonly reasons: readonly string[];
  readonly missing: readonly string[];
}
