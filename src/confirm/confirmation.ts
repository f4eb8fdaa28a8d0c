import type { Correlate } from '../analysis/correlate/correlate.ts';
import type { SeriesLedger } from '../analysis/correlate/series-ledgers.ts';
import type { RestartSign } from '../analysis/series/restarts.ts';
import type { Verdict } from '../model/finding.ts';
import type { Unit } from '../model/series-unit.ts';

/** How the numbers go. The first seven are leaks, the others are not. */
export type Shape =
  | 'linear'
  | 'accelerating'
  | 'staircase'
  | 'sawtooth-rising'
  | 'restart-loop'
  | 'limit-plateau'
  | 'diurnal-rising'
  | 'warm-up'
  | 'cache-fill'
  | 'plateau'
  | 'flat'
  | 'diurnal'
  | 'step'
  | 'spike'
  | 'load-driven'
  | 'page-cache'
  | 'random-walk';

/** A number and its 95 % interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Segment {
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly kind: 'warm-up' | 'steady' | 'leak' | 'restart' | 'gap';
}

/** What `stanch confirm` says of one series. Times are ISO 8601; null stands for "there is none". */
export interface Confirmation {
  readonly schema: 'stanch/confirm@1';
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly source: string;
  /** Of the rate and of the floor; null when unknown. */
  readonly unit: Unit | null;
  readonly verdict: Verdict;
  /** Null when there is too little to say. */
  readonly shape: Shape | null;
  /** Growth of the leaking part, units an hour. */
  readonly ratePerHour: Interval | null;
  readonly timeToLimit: {
    readonly limitBytes: number;
    readonly hours: number;
    readonly low: number;
    readonly high: number | null;
  } | null;
  /** Null if it began before the data, or there is no leak. */
  readonly onset: string | null;
  /** The deploy within reach of the onset. */
  readonly onsetEvent: string | null;
  readonly segments: readonly Segment[];
  readonly restarts: readonly {
    readonly at: string;
    readonly sign: RestartSign;
    readonly event: string | null;
  }[];
  readonly correlates: readonly Correlate[];
  /** Openings less closings, against the growth. */
  readonly ledgers?: readonly SeriesLedger[];
  readonly reasons: readonly string[];
  readonly missing: readonly string[];
  /** The floor that the verdict rests on, for drawing. */
  readonly floor: { readonly times: readonly number[]; readonly values: readonly number[] };
  readonly window: {
    readonly from: string;
    readonly to: string;
    readonly samples: number;
    readonly stepSeconds: number;
  };
}
