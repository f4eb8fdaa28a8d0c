import type { Interval } from '../confirm/confirmation.ts';
import type { EventStream } from '../model/event-stream.ts';
import type { Series } from '../model/series.ts';
import type { Unit } from '../model/series-unit.ts';

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
