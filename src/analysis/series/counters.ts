import { type Series, seriesFrom } from '../../model/series.ts';

/** What a counter gained from its first to its last point, resets made good: behind a fall it began again at zero. */
export function increaseOf(counter: Series): number {
  let sum = 0;
  for (let at = 1; at < counter.values.length; at++) {
    const change = counter.values[at]! - counter.values[at - 1]!;
    sum += change >= 0 ? change : counter.values[at]!;
  }
  return sum;
}

/** A counter as gains per second, each at the time of its later point. */
export function rateOf(counter: Series): Series {
  const { times, values } = counter;
  const count = Math.max(0, times.length - 1);
  const rates = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    const change = values[at + 1]! - values[at]!;
    const gained = change >= 0 ? change : values[at + 1]!;
    rates[at] = gained / ((times[at + 1]! - times[at]!) / 1000);
  }
  return seriesFrom({ ...counter, kind: 'gauge' }, times.subarray(1), rates);
}

/** True for totals: they never fall but for resets to (nearly) zero, and they do rise. */
export function looksLikeCounter({ values }: Pick<Series, 'values'>): boolean {
  let rises = 0;
  for (let at = 1; at < values.length; at++) {
    if (values[at]! > values[at - 1]!) rises++;
    else if (values[at]! < values[at - 1]! && values[at]! > 0.2 * values[at - 1]!) return false;
  }
  return rises > 0;
}

/** Values at other times: the last point that is not older than `staleMs`; NaN where there is none. */
export function valuesAt(series: Series, times: Float64Array, staleMs: number): Float64Array {
  const result = new Float64Array(times.length).fill(Number.NaN);
  let from = 0;
  for (let at = 0; at < times.length; at++) {
    while (from < series.times.length && series.times[from]! <= times[at]!) from++;
    if (from > 0 && times[at]! - series.times[from - 1]! <= staleMs) result[at] = series.values[from - 1]!;
  }
  return result;
}
