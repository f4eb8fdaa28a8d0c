import { correlate } from '../analysis/correlate/correlate.ts';
import { type SeriesLedger, seriesLedgers } from '../analysis/correlate/series-ledgers.ts';
import type { Series } from '../model/series.ts';
import type { Confirmation } from './confirmation.ts';

/** What says nothing of activity: memory itself, times, limits, versions. */
const NO_ACTIVITY = /bytes|memory|heap|rss|limit|start_time|_info$|^up$|scrape|timestamp|uptime/i;
/** Counts that grow as memory does when something is left open. */
const LEVEL = /goroutines|listeners|active_handles|threads/i;

/** Counters that open and close the same thing, tested for whether what stays open can be what grows. */
export function ledgersOf(confirmation: Confirmation, series: readonly Series[]): SeriesLedger[] {
  const { target, others } = ofOneProcess(confirmation, series);
  if (!target) return [];
  const counters = others.filter(({ kind, name }) => kind === 'counter' || /_(?:total|count)$/.test(name));
  return seriesLedgers(counters, target, others.find(({ name }) => LEVEL.test(name)) ?? null);
}

/**
 * Which of the other metrics of the same process move with its memory, on differences: levels of two things that trend always
 * correlate.
 */
export function correlatesOf(
  confirmation: Confirmation,
  series: readonly Series[],
): Confirmation['correlates'] {
  const { target, others } = ofOneProcess(confirmation, series);
  const activities = others.filter(({ unit, name }) => unit !== 'bytes' && !NO_ACTIVITY.test(name));
  return target && activities.length > 0 ? correlate(target, activities) : [];
}

function ofOneProcess(
  confirmation: Confirmation,
  series: readonly Series[],
): { target: Series | undefined; others: Series[] } {
  const own = series.filter(({ labels }) =>
    Object.entries(labels).every(([name, value]) => (confirmation.labels[name] ?? value) === value),
  );
  const target = own.find(({ name }) => name === confirmation.metric);
  return { target, others: own.filter((each) => each !== target) };
}
