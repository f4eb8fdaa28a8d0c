import { increaseOf, looksLikeCounter } from '../analysis/series/counters.ts';
import { roleOf } from '../analysis/series/metric-roles.ts';
import { type Series, sliceSeries } from '../model/series.ts';

const HOUR_MS = 3_600_000;
/** A load that was counted over less than this share of the time says too little of it. */
const LEAST_COVERED = 0.5;

/** The series that counts the work done; null when there is none. Errors and other small parts of the work are never the largest. */
export function loadSeries(others: readonly Series[]): Series | null {
  const totals = others.filter(
    (each) =>
      roleOf(each.name, each.labels) === 'load' && (each.kind === 'counter' || looksLikeCounter(each)),
  );
  return totals.toSorted((a, b) => increaseOf(b) - increaseOf(a))[0] ?? null;
}

/** Operations an hour over a part of the time; null when they were not counted there. */
export function operationsPerHour(load: Series | null, fromMs: number, toMs: number): number | null {
  if (load === null) return null;
  const part = sliceSeries(load, fromMs, toMs + 1);
  const covered = part.times.length > 1 ? part.times.at(-1)! - part.times[0]! : 0;
  if (covered < LEAST_COVERED * (toMs - fromMs)) return null;
  return increaseOf(part) / (covered / HOUR_MS);
}
