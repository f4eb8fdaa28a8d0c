import type { Floor } from '../../analysis/series/floor.ts';
import { findHinge, type Hinge } from '../../analysis/series/knots.ts';
import { median } from '../../analysis/series/robust.ts';
import { fitTrend, type TrendFit } from '../../analysis/series/trend-fit.ts';
import type { Interval } from '../confirmation.ts';
import type { Judgement, StretchContext } from '../judgement.ts';
import { explainByLoad, type LoadExplanation } from '../load.ts';
import type { FlooredStretch } from '../stretch.ts';
import { hours, percent, round } from '../words.ts';
import { lateBeginning } from './beginning.ts';
import { growsLikeLogarithm } from './course.ts';
import { judgeDailyLows } from './daily-lows.ts';
import { paceOf } from './few-points.ts';
import { judgeNoTrend } from './no-trend.ts';
import { slowingStill } from './slowed.ts';
import {
  FEW_DAYS_HOURS,
  intervalOf,
  leastGrowth,
  levelOf,
  risingWindows,
  type Study,
  shapeOf,
} from './study.ts';
import { flatJudgement, tooLittle } from './verdicts.ts';

/** Fewer points than this have no halves to be compared. */
const HALVES_SAY = 8;
const ACCELERATED = 1.5;

/** The trend proper: significant, material, not slowing, not load. */
export function judgeTrend(study: Study, bend: Hinge | null): Judgement {
  const { x, flat, floored, context, stripped, seasonal } = study;
  const load = explainByLoad(besideLoad(study), x, seasonal ? 24 : null, context);
  const fit = load?.fit ?? study.fitted ?? (seasonal && !study.adjusted ? seasonal : fitTrend(x, flat));
  if (!fit) return tooLittle(study.times, study.values, 'needs more samples');
  const level = Math.abs(median(flat)) || 1;
  const span = x.at(-1)!;
  if (load?.explains) {
    return flatJudgement(study, 'load-driven', [
      `it follows the load (r = ${round(load.r)} on differences, n = ${load.n}); at equal load it does not grow`,
    ]);
  }
  const begun = load?.used ? beginningAtEqualLoad(study, load) : lateBeginning(study, bend);
  const isTrend = fit.t > fit.critical && fit.slope * span > leastGrowth(study, level);
  if (begun && (!isTrend || begun.better)) return unripeHeap(study, fit, level) ?? begun.judgement;
  if (!isTrend) return judgeDailyLows(study) ?? likeLogarithm(study) ?? judgeNoTrend(study, fit, level);
  const unripe = unripeHeap(study, fit, level);
  if (unripe) return unripe;
  const ended = endedInView(study, fit);
  if (ended) return judgeDailyLows(study) ?? likeLogarithm(study) ?? ended;
  const slowing = slowingStill(study, fit);
  if (slowing) return slowing;
  const byLoadAlone = seasonal ? weeklyDoubt(study, fit) : null;
  if (byLoadAlone) return byLoadAlone;
  const withLoad = loadDoubt(study, fit, load?.used ?? false);
  if (withLoad) return withLoad;
  const halves = halvesOf(x, flat);
  const dayOnly = halfDayDoubt(study, fit, level, halves);
  if (dayOnly) return dayOnly;
  const slower = load?.used ? null : slowingDoubt(study, fit, halves);
  if (slower) return slower;
  const faster = accelerationOf(halves);
  const bent = faster !== null;
  const lateFit = faster?.late ?? null;
  const rising = risingWindows(flat);
  const reasons = [
    floored.teeth.troughs.length > 0
      ? `the floor behind ${floored.teeth.troughs.length} collections rose in ${rising.up} of ${rising.all} windows`
      : `the floor rose in ${rising.up} of ${rising.all} windows`,
    `it grew by ${percent((fit.slope * span) / Math.max(1e-12, level))} of its level in ${hours(span)}, ${round(fit.t)} times the error that such noise makes`,
  ];
  if (faster)
    reasons.push(
      `it accelerates: the second half is ${round(faster.late.slope / Math.max(faster.early.slope, 1e-12))} times as fast as the first`,
    );
  else if (x.length < HALVES_SAY) reasons.push(...paceOf(study.times, study.values, null));
  else reasons.push(evenOr(halves));
  if (seasonal) reasons.push("a day's course was taken off first");
  if (load?.used)
    reasons.push(`what follows the load was taken off first (r = ${round(load.r)} on differences)`);
  return {
    verdict: 'leak',
    shape: shapeOf(study, bent),
    rate: rateOf(study, fit),
    onsetMs: null,
    warmUpEndMs: stripped ? study.times[0]! : null,
    floor: floored.floor,
    level: levelOf(study, lateFit?.slope ?? fit.slope),
    lateRate: lateFit ? intervalOf(lateFit) : null,
    reasons,
    missing: [],
  };
}

/** A trend that begins in the middle, in what the load does not make. */
function beginningAtEqualLoad(
  study: Study,
  { part }: Pick<LoadExplanation, 'part'>,
): ReturnType<typeof lateBeginning> {
  if (part === null) return null;
  const flat = study.flat.map((value, at) => value - part[at]!);
  return lateBeginning({ ...study, flat }, findHinge(study.x, flat));
}

function likeLogarithm(study: Study): Judgement | null {
  if (study.adjusted || study.stripped || !growsLikeLogarithm(study.x, study.flat)) return null;
  return flatJudgement(study, 'warm-up', [
    'it grows with the logarithm of time, as fragmentation and caches of rare things do: ever more slowly',
  ]);
}

/** Noise that remembers like this is wandering, or what a line leaves of a curve. */
const WANDERING = 0.8;
/** Of the usual pace so much must be left in the last half, and in the last third. */
const GOES_ON = { half: 0.4, third: 0.25 } as const;

/**
 * A rise that is clear only as a whole, beside noise that wanders: a few swells that went up and stayed make that as well. A leak goes on in the
 * later part too.
 */
function endedInView(study: Study, fit: TrendFit): Judgement | null {
  const { x, flat, times, values, floored } = study;
  if (fit.memory < WANDERING || fit.t > 2 * fit.critical || x.length < 12) return null;
  const paceFrom = (share: number): number => {
    const from = Math.floor(x.length * share);
    const there = median(flat.subarray(Math.max(0, from - 1), from + 2));
    return (median(flat.subarray(-3)) - there) / (x.at(-2)! - x[from]!);
  };
  if (paceFrom(1 / 2) > GOES_ON.half * fit.slope && paceFrom(2 / 3) > GOES_ON.third * fit.slope) return null;
  return {
    ...tooLittle(times, values, `needs about ${hours(x.at(-1)! / 2)} more to see whether it goes on`),
    floor: floored.floor,
    reasons: ['it rose, but hardly in the later part of the view'],
  };
}

/**
 * The rate with what the model leaves open: the tail of a warm-up makes the beginning too fast, and a leak that follows the day
 * grows by whole days only, while the level of a day may be laid over an even leak.
 */
function rateOf({ stripped, seasonal, x, flat, floored }: Study, fit: TrendFit): Interval {
  const third = Math.floor(x.length / 3);
  const late = stripped && third >= 4 ? fitTrend(x.subarray(third), flat.subarray(third)) : null;
  if (late && late.slope > 0 && late.slope < fit.slope) {
    const { value, low, high } = intervalOf(late);
    return { value, low: Math.min(low, value - (fit.slope - value)), high: Math.max(high, fit.slope) };
  }
  const rate = intervalOf(fit);
  if (!seasonal) return rate;
  const { values } = floored.floor;
  const edge = Math.max(1, Math.floor(values.length / 24));
  const between =
    (median(values.subarray(-edge)) - median(values.subarray(0, edge))) / (x.at(-1)! * (1 - edge / x.length));
  if (Math.abs(between / rate.value - 1) > MOST_BY_DAY) return rate;
  return { ...rate, low: Math.min(rate.low, between), high: Math.max(rate.high, between) };
}

const MOST_BY_DAY = 0.35;

/** Between collections a heap says nothing of what is in use: its floor stands beside the load, of other memory the usual level. */
function besideLoad({ context, floored: { floor, teeth } }: Study): Pick<Floor, 'times' | 'middles'> {
  return teeth.troughs.length > 0 || context.isHeap ? { times: floor.times, middles: floor.values } : floor;
}

/** Behind this share of the pace of the first half nobody knows whether it comes to rest. */
const MUCH_SLOWER = 0.62;

/** A rise that slows down all the time, beyond what noise makes, and has not come to rest: a cache that fills does that, and leaks do as the load goes. */
function slowingDoubt(
  { x, flat, times, values, floored, seasonal, context }: Study,
  fit: TrendFit,
  halves: Halves | null,
): Judgement | null {
  const half = x.length >> 1;
  // In a few days a curve passes for a day's course.
  if (!halves || half < 5 || (seasonal && x.at(-1)! > FEW_DAYS_HOURS) || context.isCount) return null;
  const { early, late } = halves;
  if (late.slope > MUCH_SLOWER * early.slope) return null;
  if (early.slope - late.slope < 2.4 * Math.hypot(early.error, late.error)) return null;
  const quarter = half >> 1;
  const pace = (from: number, to: number): number =>
    (fitTrend(x.subarray(from, to + 1), flat.subarray(from, to + 1)) ?? fit).slope;
  // Slower from quarter to quarter: no bend behind which it goes on evenly.
  const paces = [0, 1, 2, 3].map((at) => pace(at * quarter, Math.min(x.length - 1, (at + 1) * quarter)));
  if (paces[3]! > MUCH_SLOWER * paces[0]!) return null;
  if (paces.some((each, at) => at > 0 && each > 1.2 * paces[at - 1]!)) return null;
  return {
    ...tooLittle(times, values, `needs about ${hours(x.at(-1)!)} more to see whether it comes to rest`),
    floor: floored.floor,
    reasons: [
      `it slows down: the second half rose at ${percent(late.slope / early.slope)} of the pace of the first, and has not come to rest`,
    ],
  };
}

/** Memory and load rose together, in one swell: that does not show which of both drives the memory. */
function loadDoubt(study: Study, fit: TrendFit, isTaken: boolean): Judgement | null {
  const { x, flat, times, values, floored, context, seasonal } = study;
  const load = isTaken ? null : context.load?.(floored.floor.times);
  if (!load || load.length < 8 || load.some((value) => !Number.isFinite(value))) return null;
  const line = fitTrend(x, load);
  const mean = load.reduce((sum, value) => sum + value, 0) / load.length;
  const span = x.at(-1)!;
  if (!line || line.slope * span < LOAD_ROSE * mean) return null;
  const column = load.map((value) => value / mean);
  const beside = fitTrend(x, flat, { covariates: [column], period: seasonal ? 24 : null });
  const tied = line.slope * span > LOAD_GREW * mean && line.t > STEADILY * line.critical;
  const grown = (fit.slope * span) / Math.max(1e-12, Math.abs(fit.start));
  const may =
    tied && span < A_DAY && grown < MOST_BY_LOAD * ((line.slope * span) / Math.max(1e-12, line.start));
  if (!may && beside && beside.t > beside.critical && beside.slope > 0.25 * fit.slope) return null;
  return {
    ...tooLittle(times, values, 'needs a time of equal load at the beginning and at the end'),
    floor: floored.floor,
    reasons: [
      `it rose while the load rose by ${percent((line.slope * span) / mean)}: one swell of both does not show which drives it`,
    ],
  };
}

const LOAD_ROSE = 0.15;
/** A load that rose all the time by so much, in less than a day, hides what it drives behind a line of the same direction. */
const LOAD_GREW = 0.4;
const STEADILY = 3;
const A_DAY = 24;
const MOST_BY_LOAD = 0.5;

/** Less than a day in view, and a rise that a day's course makes everywhere, unless it is as straight as no course of a day is. */
function halfDayDoubt(study: Study, fit: TrendFit, level: number, halves: Halves | null): Judgement | null {
  const { x, times, values, floored, context } = study;
  const span = x.at(-1)!;
  if (span >= A_DAY || context.load || fit.slope * span > MORNING * level) return null;
  const isStraight =
    halves && Math.abs(halves.early.slope - halves.late.slope) < 0.3 * fit.slope && fit.t > 12;
  const isMorning = accelerationOf(halves) !== null;
  if (isStraight || (!isMorning && fit.slope * span > SWING_OF_DAY * level)) return null;
  return {
    ...tooLittle(times, values, `needs the load beside it, or ${hours(Math.max(6, 24 - span))} more`),
    floor: floored.floor,
    reasons: [
      `it rose by ${percent((fit.slope * span) / level)} in ${hours(span)}: the course of a day may do that`,
    ],
  };
}

const SWING_OF_DAY = 0.2;
/** … and so much when it gets ever faster, as mornings do. */
const MORNING = 0.25;

/** What may be said of the second half of a trend that is called even. */
function evenOr(halves: Halves | null): string {
  const share = halves ? halves.late.slope / halves.early.slope : 1;
  return share > MUCH_SLOWER
    ? 'it does not slow down, as a warm-up or a cache that fills would'
    : `the second half rose at ${percent(Math.max(0, share))} of the pace of the first: noise may make that, and a cache that fills has come to rest by then`;
}

/** The fits of both halves of a trend, which share the point in the middle. */
interface Halves {
  readonly early: TrendFit;
  readonly late: TrendFit;
  readonly points: number;
}

function halvesOf(x: Float64Array, flat: Float64Array): Halves | null {
  const half = x.length >> 1;
  const early = fitTrend(x.subarray(0, half + 1), flat.subarray(0, half + 1));
  const late = fitTrend(x.subarray(half), flat.subarray(half));
  return early && late ? { early, late, points: half } : null;
}

/** Both halves of a trend, when the second is faster by more than noise makes it. */
function accelerationOf(halves: Halves | null): Halves | null {
  if (!halves || halves.points < 4) return null;
  const { early, late } = halves;
  if (early.slope <= 0 || late.slope < ACCELERATED * early.slope) return null;
  return late.slope - early.slope > 3 * Math.hypot(early.error, late.error) ? halves : null;
}

/** A process that was hardly collected while watched rises without a leak. */
function unripeHeap(study: Study, fit: TrendFit, level: number): Judgement | null {
  const { context, floored, x, times, values } = study;
  if (context.isCount || floored.cyclesCounted) return null;
  const span = x.at(-1)!;
  const grown = (fit.slope * span) / Math.max(1e-12, fit.start);
  if (
    !mostWithoutCollection(floored, context, level).some((most) => span < most.hours && grown <= most.grown)
  )
    return null;
  const seen =
    floored.cycles === null
      ? 'no collection was seen that could have taken it back'
      : 'only small collections were seen';
  return {
    ...tooLittle(
      times,
      values,
      `needs some 6 large collections in view, or a count of them; ${hours(span)} show none`,
    ),
    floor: floored.floor,
    reasons: [`it rose by ${percent(grown)} in ${hours(span)}, but ${seen}`],
  };
}

/** How long, and by how much of itself, a healthy process may rise before a large collection comes. */
function mostWithoutCollection(
  { cycles, teeth }: FlooredStretch,
  { isHeap, longHours }: StretchContext,
  level: number,
): { hours: number; grown: number }[] {
  // Small teeth are the young generation's: what got old meanwhile is still to be collected.
  if (cycles !== null) return teeth.depth < SMALL_TEETH * level ? [{ hours: 6, grown: 0.6 }] : [];
  const most = (hours: number, grown: number) => ({ hours: Math.min(hours, longHours ?? hours), grown });
  // A Python service that makes cycles was seen to grow fourfold from one full collection to the next, its resident memory nearly so.
  return isHeap ? [most(1, 8), most(2, 3)] : [most(0.5, 3), most(1, 0.4)];
}

const SMALL_TEETH = 0.12;

/** So many errors away from nothing a slope is no week-end. */
const CLEAR = 8;

/** Less than a week with a strong daily course and a rise smaller than that: the week may do it. */
function weeklyDoubt(study: Study, fit: TrendFit): Judgement | null {
  const { seasonal, x, times, values, floored, context } = study;
  if (!seasonal || context.load) return null;
  const swing = Math.max(...seasonal.season) - Math.min(...seasonal.season);
  const span = x.at(-1)!;
  const most = fit.t < CLEAR ? 1 : 0.35;
  if (span >= 24 * 6 || fit.slope * span > most * swing) return null;
  return {
    ...tooLittle(times, values, `needs the load beside it, or ${hours(24 * 7 - span)} more`),
    floor: floored.floor,
    reasons: ['it rises by less than it swings each day: the course of the week may do that'],
  };
}
