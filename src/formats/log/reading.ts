import type { SeriesSet } from '../../model/series.ts';
import type { Expectation } from './expectations.ts';
import type { LateActivity, OpenClose } from './sessions.ts';

/** A number in log lines that only grows. */
export interface GrowingNumber {
  /** Name of its series. */
  readonly name: string;
  readonly template: string;
  readonly from: number;
  readonly to: number;
  readonly points: number;
  readonly perHour: number;
  readonly firstLine: number;
}

/** What a log tells. */
export interface LogReading extends SeriesSet {
  readonly lines: number;
  readonly stamped: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** False when lines had only a clock: times then count from the midnight of an unknown day. */
  readonly dated: boolean;
  /** Most frequent first. */
  readonly templates: readonly { text: string; count: number; firstMs: number; lastMs: number }[];
  readonly growing: readonly GrowingNumber[];
  readonly expectations: readonly Expectation[];
  readonly lateActivity: readonly LateActivity[];
  /** Things opened at least once, those with the most left open first. */
  readonly openClose: readonly OpenClose[];
}
