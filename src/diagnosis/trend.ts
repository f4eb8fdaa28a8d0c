/** How a count or a size went from dump to dump. */
export type Trend = 'steady' | 'slowing' | 'stopped' | 'late' | 'once' | 'none';

/** The last interval must bring at least this part of the mean of all, or the growth has ended. */
const STOPPED = 0.05;
const SLOWING = 0.25;

/**
 * Two dumps show a change but no course (`once`). With more, growth that goes on in each interval is `steady`; one that
 * is only in the last interval is `late`, and tells as little as two dumps do.
 */
export function trendOf(series: readonly number[]): Trend {
  const total = series[series.length - 1]! - series[0]!;
  if (total <= 0) return 'none';
  if (series.length === 2) return 'once';
  const gains = series.slice(1).map((value, index) => value - series[index]!);
  const mean = total / gains.length;
  const last = gains[gains.length - 1]!;
  if (last <= STOPPED * mean) return 'stopped';
  if (last < SLOWING * mean) return 'slowing';
  const before = gains.slice(0, -1);
  return Math.max(...before) <= STOPPED * mean ? 'late' : 'steady';
}

/** True when no interval brought more than twice what another did, small differences aside. */
export function isEven(series: readonly number[]): boolean {
  const gains = series.slice(1).map((value, index) => value - series[index]!);
  return Math.min(...gains) > 0 && Math.max(...gains) <= 2 * Math.min(...gains);
}
