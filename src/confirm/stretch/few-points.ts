import { differences, median } from '../../analysis/series/robust.ts';
import { studentT } from '../../analysis/series/student-t.ts';
import type { Judgement } from '../judgement.ts';
import { HOUR_MS } from '../stretch.ts';
import { hours, round } from '../words.ts';
import { MODEL_SHARE } from './study.ts';

function ratesOf(times: Float64Array, values: Float64Array): number[] {
  return [...differences(values)].map((change, at) => change / ((times[at + 1]! - times[at]!) / HOUR_MS));
}

/** What so few points do say: how fast each interval was beside the one before, and what that makes of the limit. */
export function paceOf(times: Float64Array, values: Float64Array, limit: number | null): string[] {
  if (values.length < 3) return [];
  const rates = ratesOf(times, values);
  const [first, last] = [rates[0]!, rates.at(-1)!];
  if (!rates.every((rate) => rate > 0)) return [];
  const said = `it rose in each of ${rates.length} intervals`;
  const left = limit === null ? 0 : limit - values.at(-1)!;
  const mean = (values.at(-1)! - values[0]!) / ((times.at(-1)! - times[0]!) / HOUR_MS);
  const until =
    left > 0
      ? `; the limit is ${hours(left / last)} away at the last pace, ${hours(left / mean)} at the mean one`
      : '';
  if (last > 1.3 * first)
    return [
      `${said} and speeds up: the last was ${round(last / first)} times as fast as the first, so an even rate is too hopeful${until}`,
    ];
  return [last < 0.7 * first ? `${said} and slows down, as a warm-up does` : `${said}${until}`];
}

/**
 * Four counts of things that no collector sweeps, each as much above the one before: chance does not make that. Memory needs more
 * points, since it rises evenly between collections, too.
 */
export function judgeEvenCounts(times: Float64Array, values: Float64Array): Judgement | null {
  if (values.length < 4) return null;
  const rates = ratesOf(times, values);
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (rates.length - 1);
  const error = Math.sqrt(variance / rates.length);
  if (!(mean > 0) || mean < studentT(0.998, rates.length - 1) * error) return null;
  if (values.at(-1)! < 1.2 * values[0]!) return null;
  const half = Math.hypot(studentT(0.975, rates.length - 1) * error, MODEL_SHARE * mean);
  return {
    verdict: 'leak',
    shape: 'linear',
    rate: { value: mean, low: mean - half, high: mean + half },
    onsetMs: null,
    warmUpEndMs: null,
    floor: { times, values, middles: values, windowMs: median(differences(times)) },
    level: values.at(-1)!,
    lateRate: null,
    reasons: [
      `it rose in each of ${rates.length} intervals, and as fast in each (${round(Math.min(...rates))} to ${round(Math.max(...rates))} an hour)`,
    ],
    missing: ['more samples: so few show neither a day nor an end of the rise'],
  };
}
