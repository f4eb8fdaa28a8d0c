import { floorOf } from '../../analysis/series/floor.ts';
import { findHinge } from '../../analysis/series/knots.ts';
import { median } from '../../analysis/series/robust.ts';
import { fitTrend } from '../../analysis/series/trend-fit.ts';
import type { Judgement } from '../judgement.ts';
import { HOUR_MS } from '../stretch.ts';
import { hours, percent, round } from '../words.ts';
import { slowsDown } from './bend.ts';
import { intervalOf, levelOf, MATERIAL_SHARE, risingWindows, type Study } from './study.ts';

/** Fewer days have no trend of their own. */
const LEAST_DAYS = 5;
const LOW = 0.1;
/** The later half must keep so much of the pace of the earlier one. */
const GOES_ON = 0.5;

/**
 * Days that are not alike in their course may still come to rest each night: where the load of the day is given back late, or comes in bursts,
 * no course fits, and what is left of it looks like wandering. The lows of whole days are free of it.
 */
export function judgeDailyLows(study: Study): Judgement | null {
  const { times, values, floored, stripped } = study;
  const days = Math.floor(floored.spanMs / (24 * HOUR_MS));
  if (days < LEAST_DAYS || stripped !== null) return null;
  const lows = floorOf(times, values, { windows: days, share: LOW });
  if (lows.times.length < LEAST_DAYS) return null;
  const x = lows.times.map((time) => (time - lows.times[0]!) / HOUR_MS);
  const fit = fitTrend(x, lows.values);
  if (!fit || fit.t < fit.critical) return null;
  const span = x.at(-1)!;
  const level = Math.abs(median(lows.values)) || 1;
  const rising = risingWindows(lows.values);
  if (fit.slope * span < LEAST_GROWTH * level || rising.up < MOST * rising.all) return null;
  const half = x.length >> 1;
  const early = (lows.values[half]! - lows.values[0]!) / x[half]!;
  const late = (lows.values.at(-1)! - lows.values[half]!) / (span - x[half]!);
  if (late < GOES_ON * early) return null;
  const bend = findHinge(x, lows.values);
  if (bend && slowsDown(bend, lows.values)) return null;
  return {
    verdict: 'leak',
    shape: 'diurnal-rising',
    rate: intervalOf(fit),
    onsetMs: null,
    warmUpEndMs: null,
    floor: floored.floor,
    level: levelOf(study, fit.slope),
    lateRate: null,
    reasons: [
      `the lows of its days rose on ${rising.up} of ${rising.all} days`,
      `they grew by ${percent((fit.slope * span) / level)} of their level in ${hours(span)}, ${round(fit.t)} times the error that such noise makes`,
    ],
    missing: [],
  };
}

const LEAST_GROWTH: number = 2.5 * MATERIAL_SHARE;
const MOST = 0.75;
