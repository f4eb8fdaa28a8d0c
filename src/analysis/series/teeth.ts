import { differences, median, quantileOfSorted, robustSd, theilSenSlope } from './robust.ts';

/** The sawtooth that a garbage collector draws: slow rises, sudden falls. */
export interface Teeth {
  /** Index of the lowest point after each fall, in order. */
  readonly troughs: readonly number[];
  /** Usual time from one trough to the next; null with fewer than two. */
  readonly periodMs: number | null;
  /** Usual depth of a fall. */
  readonly depth: number;
}

const NONE: Teeth = { troughs: [], periodMs: null, depth: 0 };

/** A fall must be so deep beside the noise of one step … */
const NOISE_SDS = 6;
/** … and beside the whole spread about the trend. */
const SPREAD_SHARE = 0.4;
/** Most of a collector's fall is between two samples; noise that remembers falls bit by bit. */
const SHARP_SHARE = 0.6;
/** Falls that come again this often need no further proof. */
const MANY = 12;
/** A collector falls faster than it rises; a day's load falls about as fast. */
const MAX_FALL_TO_RISE = 0.5;
/** Garbage gathers: no single sample brings most of a tooth's rise. */
const MAX_SUDDEN_RISE = 0.6;
/** Enough for the robust trend that is taken off first. */
const TREND_POINTS = 80;

/**
 * Finds falls that are large, sudden and come again. Troughs of small collections between large ones are not counted: only the
 * large ones show what is really alive.
 */
export function findTeeth(times: Float64Array, values: Float64Array): Teeth {
  if (values.length < 8) return NONE;
  const flat = detrended(times, values);
  const sorted = Float64Array.from(flat).sort();
  const spread = quantileOfSorted(sorted, 0.95) - quantileOfSorted(sorted, 0.05);
  // Steps of noise have the square root of two of its spread.
  const noise = robustSd(differences(values)) / Math.SQRT2;
  const least = Math.max(NOISE_SDS * noise, SPREAD_SHARE * spread);
  if (!(least > 0)) return NONE;
  const turns = turnsOf(flat, least);
  const falls: { peak: number; trough: number }[] = [];
  for (let at = 0; at + 1 < turns.length; at++) {
    const [turn, next] = [turns[at]!, turns[at + 1]!];
    if (turn.isPeak) falls.push({ peak: turn.index, trough: next.index });
  }
  if (falls.length === 0) return NONE;
  const fallMs = median(falls.map(({ peak, trough }) => times[trough]! - times[peak]!));
  const riseMs = median(falls.slice(1).map(({ peak }, at) => times[peak]! - times[falls[at]!.trough]!));
  const stepMs = median(differences(times));
  // A tooth of two or three samples has no shape: it is noise to the eye, and the lower quantile deals with it.
  if (falls.length > 1 && (riseMs < 3 * stepMs || fallMs > MAX_FALL_TO_RISE * riseMs)) return NONE;
  if (falls.length === 1 && fallMs > 4 * stepMs) return NONE;
  const climbs = falls.slice(1).map(({ peak }, at) => {
    const { trough } = falls[at]!;
    return steepestRise(flat, trough, peak) / (flat[peak]! - flat[trough]!);
  });
  // What goes up at once is a job that runs, not garbage that gathers.
  if (climbs.length > 0 && median(climbs) > MAX_SUDDEN_RISE) return NONE;
  const depth = median(falls.map(({ peak, trough }) => flat[peak]! - flat[trough]!));
  const sharpest = median(falls.map(({ peak, trough }) => sharpestFall(flat, peak, trough)));
  if (sharpest < SHARP_SHARE * depth && falls.length < MANY) return NONE;
  const troughs = falls.map(({ trough }) => trough);
  return {
    troughs,
    periodMs: troughs.length > 1 ? median(differences(troughs.map((at) => times[at]!))) : null,
    depth,
  };
}

/** The largest fall from one sample to the next, or to the one after it when one was caught half way. */
function sharpestFall(values: Float64Array, peak: number, trough: number): number {
  let sharpest = 0;
  for (let at = peak; at < trough; at++) {
    sharpest = Math.max(sharpest, values[at]! - values[Math.min(trough, at + 2)]!);
  }
  return sharpest;
}

function steepestRise(values: Float64Array, trough: number, peak: number): number {
  let steepest = 0;
  for (let at = trough; at < peak; at++) steepest = Math.max(steepest, values[at + 1]! - values[at]!);
  return steepest;
}

function detrended(times: Float64Array, values: Float64Array): Float64Array {
  const stride = Math.max(1, Math.floor(values.length / TREND_POINTS));
  const some = (all: Float64Array): Float64Array => all.filter((_, at) => at % stride === 0);
  const slope = theilSenSlope(some(times), some(values));
  return values.map((value, at) => value - slope * (times[at]! - times[0]!));
}

/** Peaks and troughs in turn, each at least `least` from the one before. */
function turnsOf(values: Float64Array, least: number): { index: number; isPeak: boolean }[] {
  const turns: { index: number; isPeak: boolean }[] = [];
  let high = 0;
  let low = 0;
  let rising: boolean | null = null;
  for (let at = 1; at < values.length; at++) {
    if (values[at]! > values[high]!) high = at;
    if (values[at]! < values[low]!) low = at;
    if (rising !== false && values[high]! - values[at]! >= least) {
      turns.push({ index: high, isPeak: true });
      rising = false;
      low = at;
    } else if (rising !== true && values[at]! - values[low]! >= least) {
      turns.push({ index: low, isPeak: false });
      rising = true;
      high = at;
    }
  }
  if (rising === false) turns.push({ index: low, isPeak: false });
  return turns;
}
