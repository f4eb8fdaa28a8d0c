import { type Floor, floorOf, floorOfTroughs } from '../analysis/series/floor.ts';
import { coarseStep, unrounded } from '../analysis/series/resolution.ts';
import { differences, median } from '../analysis/series/robust.ts';
import { findTeeth, type Teeth } from '../analysis/series/teeth.ts';
import type { StretchContext } from './judgement.ts';

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Fewer floor points than this carry no verdict. */
export const LEAST_WINDOWS = 5;
/** Up to so many samples each sample is its own window. */
const SINGLE_SAMPLES = 24;
/** Of a day of load nearly one and a half must be in view to tell it from a trend. */
const LEAST_SEASON_MS: number = 1.4 * DAY_MS;
/** A window must be so much longer than a tooth to be sure of holding its end. */
const TEETH_A_WINDOW = 1.25;
const WITHOUT_TEETH = 0.2;
/** Of a heap that is collected more often than it is looked at only the lowest samples are near to what is alive. */
const OF_UNSEEN_TEETH = 0.05;

/** The floor of a stretch with what it was made from. */
export interface FlooredStretch {
  readonly floor: Floor;
  readonly teeth: Teeth;
  /** Large collections seen, counted by the runtime or by their teeth; null when neither shows any. */
  readonly cycles: number | null;
  readonly cyclesCounted: boolean;
  /** Collections that are needed for a verdict, when there are too few. */
  readonly lacking: number;
  readonly spanMs: number;
  readonly stepMs: number;
}

export function floorStretch(
  times: Float64Array,
  given: Float64Array,
  context: StretchContext,
): FlooredStretch {
  const spanMs = times[times.length - 1]! - times[0]!;
  const coarse = coarseStep(given);
  const values = coarse > 0 ? unrounded(times, given, coarse) : given;
  const teeth = teethOf(times, values, context);
  const hasTeeth = teeth.troughs.length > 0;
  const counted =
    context.isHeap && context.collections ? context.collections(times[0]!, times.at(-1)!) : null;
  const cycles = counted ?? (hasTeeth ? teeth.troughs.length : null);
  const wanted = windowsFor(times.length, spanMs);
  const toothMs = Math.max(teeth.periodMs ?? 0, counted === null ? 0 : spanMs / Math.max(1, counted));
  const most = toothMs > 0 ? Math.floor(spanMs / (TEETH_A_WINDOW * toothMs)) : wanted;
  const windows = Math.max(1, Math.min(wanted, most));
  const single = times.length <= windows;
  const floor = hasTeeth
    ? floorOfTroughs(times, values, teeth.troughs, counted === null ? wanted : windows)
    : floorOf(times, values, {
        windows: single ? times.length : windows,
        // Of rounded values a quantile is one of few levels; their mean is not.
        share: coarse > 0 ? null : context.isHeap ? OF_UNSEEN_TEETH : WITHOUT_TEETH,
      });
  const tooFew =
    counted === null ? hasTeeth && teeth.troughs.length < LEAST_WINDOWS : windows < LEAST_WINDOWS;
  const needed = counted === null ? LEAST_WINDOWS : Math.ceil(LEAST_WINDOWS * TEETH_A_WINDOW);
  const lacking = tooFew ? Math.max(1, needed - (cycles ?? 0)) : 0;
  return {
    floor,
    teeth,
    cycles,
    cyclesCounted: counted !== null,
    lacking,
    spanMs,
    stepMs: times.length > 1 ? median(differences(times)) : 0,
  };
}

const NO_TEETH: Teeth = { troughs: [], periodMs: null, depth: 0 };

/** The kernel's figures of memory hardly follow single collections: a few sudden falls there are something else. */
function teethOf(times: Float64Array, values: Float64Array, context: StretchContext): Teeth {
  if (context.isCount) return NO_TEETH;
  const teeth = findTeeth(times, values);
  return context.isResident && teeth.troughs.length < 2 * LEAST_WINDOWS ? NO_TEETH : teeth;
}

function windowsFor(samples: number, spanMs: number): number {
  if (samples <= SINGLE_SAMPLES) return samples;
  const usual = Math.min(48, Math.max(SINGLE_SAMPLES / 2, Math.floor(samples / 6)));
  // Eight points a day are the least that shows a day's course.
  const daily = spanMs >= LEAST_SEASON_MS ? Math.min(240, Math.floor(spanMs / (DAY_MS / 8))) : 0;
  return Math.max(usual, Math.min(daily, Math.floor(samples / 4)));
}

/** The day, if enough of it is in view, and in windows short enough to show it. */
export function seasonOf({ floor, spanMs }: FlooredStretch, wasSeasonal: boolean): number | null {
  return spanMs >= (wasSeasonal ? DAY_MS : LEAST_SEASON_MS) &&
    floor.windowMs <= DAY_MS / 5 &&
    floor.times.length >= 12
    ? DAY_MS
    : null;
}

/** Leaves out single samples that fall to a small part of both neighbours: a scrape that read nothing. */
export function withoutGlitches(
  times: Float64Array,
  values: Float64Array,
): { times: Float64Array; values: Float64Array } {
  const keep: number[] = [];
  for (let at = 0; at < values.length; at++) {
    const around = Math.min(values[at - 1] ?? 0, values[at + 1] ?? 0);
    if (values[at]! > 0.25 * around || around <= 0) keep.push(at);
  }
  if (keep.length === values.length) return { times, values };
  return {
    times: Float64Array.from(keep, (at) => times[at]!),
    values: Float64Array.from(keep, (at) => values[at]!),
  };
}

/** Milliseconds from the first to the last. */
export function spanOf(times: Float64Array): number {
  return times.length > 1 ? times.at(-1)! - times[0]! : 0;
}
