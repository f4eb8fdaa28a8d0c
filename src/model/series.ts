import type { EventStream } from './event-stream.ts';
import type { Unit } from './series-unit.ts';

/** What the numbers are: a level that goes up and down, or a total that only grows and restarts at zero. */
export type SeriesKind = 'gauge' | 'counter' | 'unknown';

/** Numbers over time: one metric of one thing. Struct of arrays; nothing is interpolated, a gap is a missing point. */
export interface Series {
  /** As its source names it: `container_memory_working_set_bytes`, `heap_used_mb`. */
  readonly name: string;
  /** What tells it from others of the same name: pod, instance, column group. */
  readonly labels: Labels;
  /** Unit of `values`, which are in base units (bytes, seconds, share from 0 to 1); null when unknown. */
  readonly unit: Unit | null;
  readonly kind: SeriesKind;
  /** File, URL or process that it was read from. */
  readonly source: string;
  /** Milliseconds since 1970 UTC, strictly ascending, finite. Without dates in the source: from the first point. */
  readonly times: Float64Array;
  /** One value for each time, finite. */
  readonly values: Float64Array;
}

export type Labels = Readonly<Record<string, string>>;

/** What one reading gives: all its series, dated events beside them, and what the reader should know. */
export interface SeriesSet {
  readonly series: readonly Series[];
  readonly events: readonly EventStream[];
  /** What was left out or taken for granted, in plain words. */
  readonly notes: readonly string[];
}

/** Everything of a series but its numbers. */
export type SeriesMeta = Omit<Series, 'times' | 'values'>;

/**
 * A series from points in any order. Points that are not finite are dropped; of several points at one time the last
 * one given stays.
 */
export function seriesFrom(meta: SeriesMeta, times: ArrayLike<number>, values: ArrayLike<number>): Series {
  const count = Math.min(times.length, values.length);
  const kept: number[] = [];
  let ordered = true;
  let previous = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    const time = times[at]!;
    if (!Number.isFinite(time) || !Number.isFinite(values[at]!)) continue;
    if (time <= previous) ordered = false;
    previous = time;
    kept.push(at);
  }
  if (!ordered) sortByTime(kept, times);
  const outTimes = new Float64Array(kept.length);
  const outValues = new Float64Array(kept.length);
  let filled = 0;
  for (const at of kept) {
    if (filled > 0 && outTimes[filled - 1] === times[at]) filled--;
    outTimes[filled] = times[at]!;
    outValues[filled] = values[at]!;
    filled++;
  }
  return { ...meta, times: outTimes.slice(0, filled), values: outValues.slice(0, filled) };
}

/** Stable, so that the later of two points at one time stays the later one. */
function sortByTime(indexes: number[], times: ArrayLike<number>): void {
  indexes.sort((a, b) => times[a]! - times[b]! || a - b);
}

/** The part of a series from one time (included) to another (not included), without a copy. */
export function sliceSeries(series: Series, fromMs: number, toMs: number): Series {
  const start = firstAtOrAfter(series.times, fromMs);
  const end = firstAtOrAfter(series.times, toMs);
  return { ...series, times: series.times.subarray(start, end), values: series.values.subarray(start, end) };
}

/** Index of the first time that is not before `timeMs`; the length when there is none. `times` ascends. */
export function firstAtOrAfter(times: Float64Array, timeMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The name with its labels, as Prometheus writes it: `go_goroutines{pod="a"}`. */
export function seriesId({ name, labels }: Pick<Series, 'name' | 'labels'>): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}="${value}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}
