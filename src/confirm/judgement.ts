import type { Floor } from '../analysis/series/floor.ts';
import type { Verdict } from '../model/finding.ts';
import type { Interval, Shape } from './confirmation.ts';

/** What is known of a stretch besides its memory. */
export interface StretchContext {
  /** In the unit of the values. */
  readonly limit: number | null;
  /** The metric is of a garbage-collected heap. */
  readonly isHeap: boolean;
  /** The kernel's figure of a process or container, not the runtime's of its heap. */
  readonly isResident: boolean;
  /** The metric counts things (goroutines, listeners): no collector sweeps them in teeth. */
  readonly isCount?: boolean;
  /** What is a long time for this process, where its owner said so; else hours are. */
  readonly longHours?: number | undefined;
  /** The metric counts page cache too, and no working set was given beside it. */
  readonly mayBePageCache: boolean;
  /** Large collections in a span of time; null when nobody counted. */
  readonly collections: ((fromMs: number, toMs: number) => number) | null;
  /** Share of time spent in collections; null when nobody measured. */
  readonly gcTime: ((fromMs: number, toMs: number) => number) | null;
  /** Work done, at given times; NaN where unknown. */
  readonly load: ((times: Float64Array) => Float64Array) | null;
}

/** What the memory of one process, from one start to its end, says. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly shape: Shape | null;
  /** Units per hour. */
  readonly rate: Interval | null;
  readonly onsetMs: number | null;
  readonly warmUpEndMs: number | null;
  readonly floor: Floor | null;
  /** The level at the end that will meet the limit, and its rate there if it accelerates. */
  readonly level: number;
  readonly lateRate: Interval | null;
  readonly reasons: readonly string[];
  readonly missing: readonly string[];
}
