import type { Series } from '../../src/model/series.ts';

/** A made-up service in the field, and what is true of it. */
export interface KnownSeries<Shape extends string = string> {
  readonly shape: Shape;
  readonly memory: Series;
  readonly others: readonly Series[];
  readonly limit: number | null;
  readonly leaks: boolean;
  /** True when the numbers by themselves cannot tell: no verdict is the right verdict. */
  readonly untellable: boolean;
  /** Bytes an hour of the leaking part. */
  readonly ratePerHour: number | null;
  readonly onsetMs: number | null;
  /** Hours from the end of the data to the limit; only where about half of the way is still to go. */
  readonly hoursToLimit: number | null;
}
