import { median, robustSd } from '../../analysis/series/robust.ts';
import type { TrendFit } from '../../analysis/series/trend-fit.ts';
import type { Interval, Shape } from '../confirmation.ts';
import type { Judgement, StretchContext } from '../judgement.ts';
import { type FlooredStretch, HOUR_MS } from '../stretch.ts';
import type { Course } from './course.ts';

/** Growth over the whole view that is worth a verdict, as a share of the level. */
export const MATERIAL_SHARE = 0.02;

/** … and beside the noise of single samples. */
const MATERIAL_NOISE = 0.75;

export const MAX_STRIPS = 3;

/** Days that are no week: their course takes what the week does, and what a curve is. */
export const FEW_DAYS_HOURS: number = 24 * 4;

/** What was cut off before: a slope that has slowed down since. */
export interface Stripped {
  readonly count: number;
  /** Slope per hour before the bend, and the middle of the time over which it held. */
  readonly slope: number;
  readonly middleMs: number;
  /** Where the process began, as far as the data go. */
  readonly startMs: number;
  /** What the whole of it, from the start, goes like. */
  readonly course: Course;
  readonly grown: number;
  /** A day's course was seen. */
  readonly seasonal: boolean;
}

export interface Study {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly context: StretchContext;
  readonly floored: FlooredStretch;
  /** Hours from the first window. */
  readonly x: Float64Array;
  /** The floor without its day's course. */
  readonly flat: Float64Array;
  readonly seasonal: TrendFit | null;
  readonly stripped: Stripped | null;
  /** Steps were taken out of `flat`. */
  readonly adjusted: boolean;
  /** The fit with those steps as columns. */
  readonly fitted?: TrendFit | null;
  /** Judges a part by itself, for what is left when something was cut off. */
  readonly again: (
    times: Float64Array,
    values: Float64Array,
    context: StretchContext,
    stripped: Stripped | null,
  ) => Judgement;
}

/** Growth over the view that matters: beside the level, and beside what samples do anyway. */
export function leastGrowth({ times, values, floored, seasonal }: Study, level: number): number {
  const material = MATERIAL_SHARE * level;
  if (floored.teeth.troughs.length > 0 || seasonal) return material;
  const { floor } = floored;
  const slope =
    (median(floor.values.subarray(-3)) - median(floor.values.subarray(0, 3))) / (times.at(-1)! - times[0]!);
  const flat = values.map((value, at) => value - slope * (times[at]! - times[0]!));
  return Math.max(material, MATERIAL_NOISE * robustSd(flat));
}

/**
 * The level that meets the limit: a heap's floor, for other memory what is usual.
 *
 * @param slope units per hour: the level is that of the last windows, and this carries it on to the last sample
 */
export function levelOf({ floored, context, values, times }: Study, slope: number = 0): number {
  const { floor } = floored;
  // Of few windows each is so long that the last but one says nothing of now.
  const few = floor.times.length < 12 ? -1 : -3;
  const last = (context.isHeap ? floor.values : floor.middles).subarray(few);
  if (last.length === 0) return median(values.subarray(-5));
  return median(last) + (slope * (times.at(-1)! - median(floor.times.subarray(few)))) / HOUR_MS;
}

/**
 * The interval of a rate. Besides chance it holds what a straight line through a floor leaves out: garbage that no collection took yet,
 * a day that is not like the other. No rate is known better than to this share of it.
 */
export function intervalOf(fit: TrendFit, wider: number = 1): Interval {
  const half = Math.hypot((fit.high - fit.slope) * wider, MODEL_SHARE * fit.slope);
  return { value: fit.slope, low: fit.slope - half, high: fit.slope + half };
}

export const MODEL_SHARE = 0.05;

export function shapeOf({ floored, seasonal }: Study, accelerates: boolean): Shape {
  if (accelerates) return 'accelerating';
  if (seasonal) return 'diurnal-rising';
  return floored.teeth.troughs.length > 1 ? 'sawtooth-rising' : 'linear';
}

export function risingWindows(values: Float64Array): { up: number; all: number } {
  let up = 0;
  for (let at = 1; at < values.length; at++) if (values[at]! > values[at - 1]!) up++;
  return { up, all: Math.max(0, values.length - 1) };
}
