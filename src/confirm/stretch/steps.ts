import { findHinge, type Step } from '../../analysis/series/knots.ts';
import { median } from '../../analysis/series/robust.ts';
import { fitTrend } from '../../analysis/series/trend-fit.ts';
import type { Judgement } from '../judgement.ts';
import { LEAST_WINDOWS } from '../stretch.ts';
import { hours, percent } from '../words.ts';
import { slowsDown } from './bend.ts';
import { judgeSlowed } from './slowed.ts';
import { intervalOf, levelOf, MAX_STRIPS, type Study } from './study.ts';
import { judgeTrend } from './trend.ts';
import { tooFewCollections, tooLittle } from './verdicts.ts';

export const MAX_STEPS = 3;

/** Many steps up, none down: something leaks at intervals. */
export function staircase(study: Study, steps: readonly Step[]): Judgement | null {
  const ups = steps.filter(({ height }) => height > 0);
  if (ups.length < 3 || ups.length < steps.length) return null;
  const { x, flat, floored } = study;
  const spacing = ups.slice(1).map(({ at }, i) => x[at]! - x[ups[i]!.at]!);
  const heights = ups.map(({ height }) => height);
  const even = (list: readonly number[]): boolean => Math.max(...list) < 2 * Math.min(...list);
  if (!even(heights) || !even(spacing)) return null;
  const covered = ups.at(-1)!.at - ups[0]!.at;
  const rise = median(flat.subarray(-3)) - median(flat.subarray(0, 3));
  if (covered < x.length * 0.4 || rise < 0.6 * heights.reduce((sum, each) => sum + each, 0)) return null;
  // Between the first and the last step whole intervals were seen: the rate is the height of a step over its interval.
  const each = median(spacing);
  const slope = median(heights) / each;
  const spread = Math.max(...heights) / Math.min(...heights) - 1;
  const half = slope * Math.max(0.03, spread / Math.sqrt(heights.length));
  const fit = fitTrend(x, flat);
  return {
    verdict: 'leak',
    shape: 'staircase',
    rate: fit && ups.length >= 5 ? intervalOf(fit) : { value: slope, low: slope - half, high: slope + half },
    onsetMs: null,
    warmUpEndMs: null,
    floor: floored.floor,
    level: levelOf(study),
    lateRate: null,
    reasons: [`it went up by a step ${ups.length} times, every ${hours(each)}, and never came down`],
    missing: [],
  };
}

/** One or a few sudden changes of level: takes them out and looks whether there is a trend besides. */
export function judgeAroundSteps(study: Study, steps: readonly Step[]): Judgement {
  const { flat, x, floored } = study;
  const flatter = Float64Array.from(flat);
  const columns = stepColumns(steps, flat.length);
  const fit = fitTrend(x, flat, { covariates: columns });
  columns.forEach((column, index) => {
    const height = fit?.covariates[index] ?? steps[index]!.height;
    for (let i = 0; i < flatter.length; i++) flatter[i]! -= height * column[i]!;
  });
  const around: Study = { ...study, flat: flatter, adjusted: true, fitted: fit };
  const bend = findHinge(x, flatter);
  const at = steps[0]!;
  const early = at.at <= Math.max(2, x.length / 16) && at.height > 0;
  if (early && x.length - at.at >= 12 && (study.stripped?.count ?? 0) < MAX_STRIPS)
    return judgeBehind(study, at);
  const slowed = bend && slowsDown(bend, flatter) ? judgeSlowed(around, bend) : null;
  const judged = slowed ?? bothSides(study, around.flat, steps, judgeTrend(around, bend));
  const collected = fallsOfCollections(study, steps);
  if (collected && judged.verdict === 'leak') return collected;
  const share = percent(Math.abs(at.height) / Math.abs(flat[Math.max(0, at.at - 1)]!));
  const said = `the level ${at.height > 0 ? 'rose' : 'fell'} ${steps.length > 1 ? `${steps.length} times, first` : 'once'} by ${share} and stayed`;
  if (judged.verdict === 'no-leak') {
    const open = mayGoOnBySteps(study, steps);
    if (open) return open;
    return {
      ...judged,
      shape: 'step',
      onsetMs: null,
      floor: floored.floor,
      reasons: [said, ...judged.reasons],
    };
  }
  return { ...judged, floor: floored.floor, reasons: [...judged.reasons, said] };
}

/** A side of a fall with fewer windows than this says nothing of its slope. */
const LEAST_OF_A_SIDE = 7;
/** … and with this share of the joint slope it bears it out. */
const BORNE_OUT = 0.3;

/**
 * Memory that also falls by steps comes and goes by them. A rise between the falls is a leak where each part rises and the whole does; else the
 * falls that were taken out may have made it.
 */
function bothSides(
  { x, flat, times, values, floored }: Study,
  without: Float64Array,
  steps: readonly Step[],
  judged: Judgement,
): Judgement {
  if (judged.verdict !== 'leak' || judged.onsetMs !== null || steps.every(({ height }) => height > 0))
    return judged;
  const bounds = [0, ...steps.map(({ at }) => at), x.length];
  const sides = bounds
    .slice(1)
    .map((to, at) => [bounds[at]!, to] as const)
    .filter(([from, to]) => to - from >= LEAST_OF_A_SIDE)
    .map(([from, to]) => fitTrend(x.subarray(from, to), without.subarray(from, to)));
  const slope = judged.rate?.value ?? 0;
  const whole = (median(flat.subarray(-3)) - median(flat.subarray(0, 3))) / x.at(-1)!;
  const rises = sides.every((side) => side !== null && side.slope > BORNE_OUT * slope);
  if (rises && whole > BORNE_OUT * slope) return judged;
  return {
    ...tooLittle(
      times,
      values,
      'process_start_time_seconds beside it, or a longer view: what falls may be a new process, or memory given back',
    ),
    floor: floored.floor,
    reasons: [
      rises
        ? 'it rises between its falls, and they take that back'
        : 'it rises between some of its falls only',
    ],
  };
}

/**
 * A level that rose again late in the view, and never fell: a leak that shows by steps (a chunk of memory for each collection) looks so, and a
 * process that keeps what its busiest hour needed, until it has seen a day or two.
 */
const LATE = 0.6;
const BY_STEPS = 0.1;
const BUSIEST_SEEN_HOURS = 36;

function mayGoOnBySteps(
  { x, flat, times, values, floored }: Study,
  steps: readonly Step[],
): Judgement | null {
  if (x.at(-1)! > BUSIEST_SEEN_HOURS) return null;
  const rise = steps.reduce((sum, { height }) => sum + height, 0);
  if (steps.length < 2 || steps.some(({ height }) => height < 0)) return null;
  if (steps.at(-1)!.at < LATE * x.length || rise < BY_STEPS * Math.abs(median(flat))) return null;
  return {
    ...tooLittle(times, values, `needs about ${hours(x.at(-1)!)} more to see whether more steps come`),
    floor: floored.floor,
    reasons: [
      `the level rose ${steps.length} times, by ${percent(rise / Math.abs(flat[0]!))} in all, and never came down`,
    ],
  };
}

/** In a heap a sudden fall is a collection; one or two of them do not show what stays alive. */
function fallsOfCollections({ context, floored, flat }: Study, steps: readonly Step[]): Judgement | null {
  const falls = steps.filter(({ at, height }) => height < -0.1 * Math.abs(flat[Math.max(0, at - 1)]!));
  if (context.isResident || context.isCount || falls.length === 0) return null;
  if (!context.isHeap && falls.length < steps.length) return null;
  return tooFewCollections(flat, { ...floored, cycles: falls.length, lacking: LEAST_WINDOWS - falls.length });
}

/** A jump at the very start is a process that starts. */
function judgeBehind(
  { floored, times, values, context, stripped, x, seasonal, again }: Study,
  step: Step,
): Judgement {
  const cutMs = floored.floor.times[Math.min(x.length - 10, 2 * step.at + 1)]!;
  const from = times.findIndex((time) => time >= cutMs);
  const rest = again(times.subarray(from), values.subarray(from), context, {
    count: (stripped?.count ?? 0) + 1,
    slope: step.height / x[step.at]!,
    middleMs: (times[0]! + floored.floor.times[step.at]!) / 2,
    startMs: stripped?.startMs ?? times[0]!,
    course: stripped?.course ?? null,
    grown: step.height + (stripped?.grown ?? 0),
    seasonal: seasonal !== null,
  });
  const shape = rest.shape === 'flat' || rest.shape === 'random-walk' ? 'warm-up' : rest.shape;
  const reason = `the first ${hours(x[step.at]!)} are warm-up and were left out`;
  return { ...rest, shape, warmUpEndMs: rest.warmUpEndMs ?? cutMs, reasons: [...rest.reasons, reason] };
}

export function stepColumns(steps: readonly Step[], length: number): Float64Array[] {
  return steps.map(({ at }) => Float64Array.from({ length }, (_, index) => (index >= at ? 1 : 0)));
}
