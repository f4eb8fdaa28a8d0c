import type { Confirmation } from './confirmation.ts';
import type { Judgement } from './judgement.ts';

/** A range that ends more than this many times later than the likely time has no end worth naming. */
const ENDLESS = 50;

/**
 * Hours until the level meets the limit, at the rate of the end of the data. Where growth accelerates the early end of the range
 * lets it go on accelerating: the slope of the late part stands for what is to come, the whole one for the late end.
 */
export function timeToLimit(judged: Judgement, limit: number | null): Confirmation['timeToLimit'] {
  const { rate, lateRate, level } = judged;
  if (limit === null || rate === null || judged.shape === 'limit-plateau') return null;
  const left = limit - level;
  if (left <= 0) return { limitBytes: limit, hours: 0, low: 0, high: 0 };
  const now = lateRate && lateRate.value > rate.value ? lateRate : rate;
  const hours = left / now.value;
  const slowest = Math.min(now.low, lateRate ? Math.max(rate.value, now.low) : now.low);
  const high = slowest > 0 && left / slowest < ENDLESS * hours ? left / slowest : null;
  return { limitBytes: limit, hours, low: left / Math.max(now.high, now.value), high };
}
