import type { Floor } from '../analysis/series/floor.ts';
import { findHinge, findSteps, type Hinge, outsideBursts, type Step } from '../analysis/series/knots.ts';
import { differences, median, quantile, robustSd } from '../analysis/series/robust.ts';
import { studentT } from '../analysis/series/student-t.ts';
import { fitTrend, type TrendFit } from '../analysis/series/trend-fit.ts';
import type { Interval, Shape } from './confirmation.ts';
import type { Judgement, StretchContext } from './judgement.ts';
import { explainByLoad } from './load.ts';
import { type FlooredStretch, floorStretch, HOUR_MS, LEAST_WINDOWS, seasonOf } from './stretch.ts';
import { hours, round } from './words.ts';

/** Growth over the whole view that is worth a verdict, as a share of the level. */
const MATERIAL_SHARE = 0.02;
/** … and beside the noise of single samples. */
const MATERIAL_NOISE = 0.75;
/** A bend must be so much better than a line (F). */
const BEND_GAIN = 10;
/** Behind a bend less than this share of the slope before it is a slowing down … */
const SLOWED = 0.45;
/** … and before it less than this share of the slope behind it is a beginning. */
const BEGUN = 0.3;
const ACCELERATED = 1.5;
const MAX_STRIPS = 3;
const MAX_STEPS = 3;

/** Judges the memory of one process from its start, or the first sample, to its end. */
export function judgeStretch(times: Float64Array, values: Float64Array, context: StretchContext): Judgement {
  return judge(times, values, context, null);
}

/** What was cut off before: a slope that has slowed down since. */
interface Stripped {
  readonly count: number;
  /** Slope per hour before the bend, and the middle of the time over which it held. */
  readonly slope: number;
  readonly middleMs: number;
  readonly grown: number;
  /** A day's course was seen. */
  readonly seasonal: boolean;
}

function judge(
  times: Float64Array,
  values: Float64Array,
  context: StretchContext,
  stripped: Stripped | null,
): Judgement {
  if (times.length < LEAST_WINDOWS)
    return {
      ...tooLittle(times, values, `needs ${LEAST_WINDOWS - times.length} more samples`),
      reasons: paceOf(times, values),
    };
  const all = floorStretch(times, values, context);
  let floored = withoutBursts(all);
  let { floor } = floored;
  if (floored.lacking > 0 || floor.times.length < LEAST_WINDOWS) {
    return tooFewCollections(values, floored);
  }
  let found = findSteps(floor.values);
  const straddling = new Set(found.flatMap(({ at, isSplit }) => (isSplit ? [at - 1] : [])));
  if (straddling.size > 0) {
    // A window that holds a step is on neither level.
    const kept = [...floor.times.keys()].filter((at) => !straddling.has(at));
    floor = windowsOf(floor, kept);
    floored = { ...floored, floor };
    found = found.map((step) => ({ ...step, at: kept.findIndex((at) => at >= step.at), isSplit: false }));
  }
  const start = floor.times[0]!;
  const x = floor.times.map((time) => (time - start) / HOUR_MS);
  const period = seasonOf(floored, stripped?.seasonal ?? false);
  const seasonal = seasonIfAny(x, floor.values, period, found);
  const flat = seasonal ? floor.values.map((value, at) => value - seasonal.season[at]!) : floor.values;
  const study: Study = { times, values, context, floored, x, flat, seasonal, stripped, adjusted: false };

  const bend = bendOf(x, flat);
  const steps = found.length > 0 ? found : findSteps(flat);
  const stairs = staircase(study, steps);
  if (stairs) return stairs;
  if (steps.length > 0 && steps.length <= MAX_STEPS) return judgeAroundSteps(study, steps);
  if (bend && slowsDown(bend, flat) && (stripped?.count ?? 0) < MAX_STRIPS) {
    const slowed = judgeSlowed(study, bend);
    if (slowed) return slowed;
  }
  return judgeTrend(study, bend);
}

/** What so few points do say: how fast each interval was, beside the one before. */
function paceOf(times: Float64Array, values: Float64Array): string[] {
  if (values.length < 3) return [];
  const rates = [...differences(values)].map(
    (change, at) => change / ((times[at + 1]! - times[at]!) / HOUR_MS),
  );
  const [first, last] = [rates[0]!, rates.at(-1)!];
  if (!rates.every((rate) => rate > 0)) return [];
  const said = `it rose in each of ${rates.length} intervals`;
  if (last > 1.3 * first)
    return [
      `${said} and speeds up: the last was ${round(last / first)} times as fast as the first, so an even rate is too hopeful`,
    ];
  return [last < 0.7 * first ? `${said} and slows down, as a warm-up does` : said];
}

function withoutBursts(floored: FlooredStretch): FlooredStretch {
  const { floor } = floored;
  if (floor.times.length < 12) return floored;
  const kept = outsideBursts(floor.values);
  if (kept.length === floor.times.length) return floored;
  return { ...floored, floor: windowsOf(floor, kept) };
}

function windowsOf({ times, values, middles, windowMs }: Floor, kept: readonly number[]): Floor {
  const pick = (from: Float64Array): Float64Array => Float64Array.from(kept, (at) => from[at]!);
  return { times: pick(times), values: pick(values), middles: pick(middles), windowMs };
}

interface Study {
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
}

/** The fit with a day's course if that is better than without by more than its four columns cost. */
function seasonIfAny(
  x: Float64Array,
  values: Float64Array,
  period: number | null,
  steps: readonly Step[],
): TrendFit | null {
  if (period === null) return null;
  const covariates = steps.length <= MAX_STEPS ? stepColumns(steps, x.length) : [];
  const withSeason = fitTrend(x, values, { period: period / HOUR_MS, covariates });
  const without = fitTrend(x, values, { covariates });
  if (!withSeason || !without) return null;
  const rest = sumOfSquares(withSeason.residuals);
  const better = (sumOfSquares(without.residuals) - rest) / 4 / (rest / Math.max(1, x.length - 6));
  return better > 5 ? withSeason : null;
}

function stepColumns(steps: readonly Step[], length: number): Float64Array[] {
  return steps.map(({ at }) => Float64Array.from({ length }, (_, index) => (index >= at ? 1 : 0)));
}

/** The best bend of two lines; where that is not clear since the whole is one curve, a third against the rest. */
function bendOf(x: Float64Array, flat: Float64Array): Hinge | null {
  const bend = findHinge(x, flat);
  if (bend === null || x.length < 15 || (bend.gain > BEND_GAIN && bend.after < SLOWED * bend.before))
    return bend;
  const third = Math.floor(x.length / 3);
  const early = fitTrend(x.subarray(0, third + 1), flat.subarray(0, third + 1));
  const late = fitTrend(x.subarray(third), flat.subarray(third));
  if (!early || !late || late.slope > SLOWED * early.slope) return bend;
  if (early.slope - late.slope < 3 * Math.hypot(early.error, late.error)) return bend;
  return {
    at: third,
    before: early.slope,
    after: late.slope,
    beforeError: early.error,
    afterError: late.error,
    gain: 2 * BEND_GAIN,
  };
}

function slowsDown(bend: Hinge, flat: Float64Array): boolean {
  const level = Math.abs(median(flat));
  return (
    bend.gain > BEND_GAIN &&
    bend.before > 2 * bend.beforeError &&
    bend.after < SLOWED * bend.before &&
    bend.before * 1e9 > level * 1e-9
  );
}

/** Warm-up, a cache that fills, a plateau: judges what comes behind the bend by itself. */
function judgeSlowed(study: Study, bend: Hinge): Judgement | null {
  const { x, flat, floored, times, values, context, stripped } = study;
  const bendMs = floored.floor.times[bend.at]!;
  const grown = bend.before * x[bend.at]!;
  const level = Math.abs(median(flat.subarray(bend.at)));
  if (grown < 0.02 * level && stripped === null) return null;
  // The tail of a warm-up reaches beyond the bend of two lines: as long again is left out where there is enough.
  const tail = bend.at < x.length / 6 ? 3 : 2;
  const cutAt = Math.min(tail * bend.at, Math.max(bend.at, x.length - 12));
  const cutMs = floored.floor.times[cutAt]!;
  const from = times.findIndex((time) => time >= cutMs);
  const before: Stripped = {
    count: (stripped?.count ?? 0) + 1,
    slope: stripped && stripped.slope > bend.before * 3 ? stripped.slope : bend.before,
    middleMs: stripped && stripped.slope > bend.before * 3 ? stripped.middleMs : (times[0]! + bendMs) / 2,
    grown: grown + (stripped?.grown ?? 0),
    seasonal: study.seasonal !== null,
  };
  const atLimit = judgeAtLimit(study, bend, bendMs);
  if (atLimit) return atLimit;
  const rest = judge(times.subarray(from), values.subarray(from), context, before);
  const shape: Shape = bend.at < x.length / 3 ? 'warm-up' : 'cache-fill';
  const slowing = `it rose by ${hours(x[bend.at]!)} and then slowed to ${percent(bend.after / bend.before)} of that speed`;
  if (rest.verdict === 'leak') {
    return {
      ...rest,
      warmUpEndMs: rest.warmUpEndMs ?? bendMs,
      reasons: [...rest.reasons, `the first ${hours(x[bend.at]!)} are warm-up and were left out`],
    };
  }
  if (rest.verdict === 'inconclusive') {
    // The bend itself is the finding; what is behind it may be too short, but it is flat as far as it goes.
    const upper = bend.after + 2 * bend.afterError;
    if (upper < 0.35 * bend.before && x.length - bend.at >= 6) {
      return {
        ...rest,
        verdict: 'no-leak',
        shape,
        rate: null,
        warmUpEndMs: bendMs,
        reasons: [slowing],
        missing: [],
      };
    }
    return { ...rest, warmUpEndMs: bendMs, reasons: [slowing, ...rest.reasons] };
  }
  const restShape = rest.shape === 'flat' || rest.shape === 'random-walk' ? shape : rest.shape;
  // Without a limit nobody can see whether the level it came to rest at is the limit.
  const unsure = context.limit === null && shape === 'cache-fill' && grown > 0.25 * level;
  return {
    ...rest,
    shape: restShape,
    warmUpEndMs: rest.warmUpEndMs ?? bendMs,
    reasons: [slowing, ...rest.reasons],
    missing: unsure ? ['the limit: if this level is the limit, it is a leak that met it'] : rest.missing,
  };
}

/** A rise that ends at the limit is no healthy plateau: the collector (or the kernel) works against the leak there. */
function judgeAtLimit(study: Study, bend: Hinge, bendMs: number): Judgement | null {
  const { context, floored, x, times, values, seasonal, flat } = study;
  const { limit, gcTime } = context;
  const behind = values.subarray(times.findIndex((time) => time >= bendMs));
  const near = limit !== null && quantile(behind, 0.75) > 0.9 * limit;
  const early = gcTime?.(times[0]!, bendMs) ?? Number.NaN;
  const late = gcTime?.(bendMs, times.at(-1)!) ?? Number.NaN;
  const thrashes = late > 2.5 * early && late > 0;
  if (bend.at < 4 || flat[bend.at]! - flat[0]! < 0.1 * flat[bend.at]!) return null;
  if (!near && !(thrashes && limit === null)) return null;
  if (near && context.mayBePageCache) {
    return {
      ...tooLittle(
        times,
        values,
        'needs the working set: this metric counts page cache, which fills a limit without a leak',
      ),
      floor: floored.floor,
      reasons: ['it rose to the limit and stays there'],
    };
  }
  // A cache may be sized to the limit too; a collector that works ever harder may not.
  if (near && gcTime && !thrashes && late < 1.3 * early) return null;
  const fit = fitTrend(x.subarray(0, bend.at + 1), flat.subarray(0, bend.at + 1));
  const reasons = [
    near
      ? `it rose for ${hours(x[bend.at]!)} without slowing until it met the limit, and stays there`
      : `it rose for ${hours(x[bend.at]!)} and then stopped`,
  ];
  if (thrashes) reasons.push(`collections take ${round(late / early)} times as much time since then`);
  return {
    verdict: 'leak',
    shape: 'limit-plateau',
    rate: fit ? intervalOf(fit) : null,
    onsetMs: null,
    warmUpEndMs: null,
    floor: floored.floor,
    level: levelOf(study),
    lateRate: null,
    reasons: seasonal ? [...reasons, "a day's course was taken off"] : reasons,
    missing: [],
  };
}

/** Many steps up, none down: something leaks at intervals. */
function staircase(study: Study, steps: readonly Step[]): Judgement | null {
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
function judgeAroundSteps(study: Study, steps: readonly Step[]): Judgement {
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
  const judged = slowed ?? judgeTrend(around, bend);
  const said = `the level ${at.height > 0 ? 'rose' : 'fell'} once by ${percent(Math.abs(at.height) / Math.abs(flat[Math.max(0, at.at - 1)]!))} and stayed`;
  if (judged.verdict === 'no-leak') {
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

/** Growth over the view that matters: beside the level, and beside what samples do anyway. */
function leastGrowth({ times, values, floored, seasonal }: Study, level: number): number {
  const material = MATERIAL_SHARE * level;
  if (floored.teeth.troughs.length > 0 || seasonal) return material;
  const { floor } = floored;
  const slope =
    (median(floor.values.subarray(-3)) - median(floor.values.subarray(0, 3))) / (times.at(-1)! - times[0]!);
  const flat = values.map((value, at) => value - slope * (times[at]! - times[0]!));
  return Math.max(material, MATERIAL_NOISE * robustSd(flat));
}

/** A jump at the very start is a process that starts. */
function judgeBehind(
  { floored, times, values, context, stripped, x, seasonal }: Study,
  step: Step,
): Judgement {
  const cutMs = floored.floor.times[Math.min(x.length - 10, 2 * step.at + 1)]!;
  const from = times.findIndex((time) => time >= cutMs);
  const rest = judge(times.subarray(from), values.subarray(from), context, {
    count: (stripped?.count ?? 0) + 1,
    slope: step.height / x[step.at]!,
    middleMs: (times[0]! + floored.floor.times[step.at]!) / 2,
    grown: step.height + (stripped?.grown ?? 0),
    seasonal: seasonal !== null,
  });
  const shape = rest.shape === 'flat' || rest.shape === 'random-walk' ? 'warm-up' : rest.shape;
  const reason = `the first ${hours(x[step.at]!)} are warm-up and were left out`;
  return { ...rest, shape, warmUpEndMs: rest.warmUpEndMs ?? cutMs, reasons: [...rest.reasons, reason] };
}

/** The trend proper: significant, material, not slowing, not load. */
function judgeTrend(study: Study, bend: Hinge | null): Judgement {
  const { x, flat, floored, context, stripped, seasonal } = study;
  const load = explainByLoad(floored.floor, x, seasonal ? 24 : null, context);
  const fit = load?.fit ?? study.fitted ?? (seasonal && !study.adjusted ? seasonal : fitTrend(x, flat));
  if (!fit) return tooLittle(study.times, study.values, 'needs more samples');
  const level = Math.abs(median(flat)) || 1;
  const span = x.at(-1)!;
  if (load?.explains) {
    return flatJudgement(study, 'load-driven', [
      `it follows the load (r = ${round(load.r)} on differences, n = ${load.n}); at equal load it does not grow`,
    ]);
  }
  const begun = lateBeginning(study, bend);
  const isTrend = fit.t > fit.critical && fit.slope * span > leastGrowth(study, level);
  if (begun && (!isTrend || begun.better)) return begun.judgement;
  if (!isTrend) return judgeNoTrend(study, fit, level);
  const unripe = unripeHeap(study, fit);
  if (unripe) return unripe;
  const slowing = slowingStill(study, fit);
  if (slowing) return slowing;
  const byLoadAlone = seasonal ? weeklyDoubt(study, fit) : null;
  if (byLoadAlone) return byLoadAlone;
  const faster = accelerationOf(x, flat);
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
  else reasons.push('it does not slow down, as a warm-up or a cache that fills would');
  if (seasonal) reasons.push("a day's course was taken off first");
  if (load?.used)
    reasons.push(`what follows the load was taken off first (r = ${round(load.r)} on differences)`);
  return {
    verdict: 'leak',
    shape: shapeOf(study, bent),
    rate: intervalOf(fit),
    onsetMs: null,
    warmUpEndMs: stripped ? study.times[0]! : null,
    floor: floored.floor,
    level: levelOf(study),
    lateRate: lateFit ? intervalOf(lateFit) : null,
    reasons,
    missing: [],
  };
}

/** Both halves of a trend, when the second is faster by more than noise makes it. */
function accelerationOf(x: Float64Array, flat: Float64Array): { early: TrendFit; late: TrendFit } | null {
  const half = x.length >> 1;
  const early = half >= 4 ? fitTrend(x.subarray(0, half + 1), flat.subarray(0, half + 1)) : null;
  const late = half >= 4 ? fitTrend(x.subarray(half), flat.subarray(half)) : null;
  if (!early || !late || early.slope <= 0 || late.slope < ACCELERATED * early.slope) return null;
  return late.slope - early.slope > 3 * Math.hypot(early.error, late.error) ? { early, late } : null;
}

/** A trend that begins in the middle of the data: only what is behind the bend carries the rate. */
function lateBeginning(study: Study, bend: Hinge | null): { judgement: Judgement; better: boolean } | null {
  const { x, flat, floored, seasonal } = study;
  if (!bend || bend.gain <= 2 * BEND_GAIN || bend.after <= 0) return null;
  if (Math.abs(bend.before) > BEGUN * bend.after || x.length - bend.at < 7 || bend.at < 3) return null;
  const fit = fitTrend(x.subarray(bend.at), flat.subarray(bend.at));
  if (!fit) return null;
  const behind = x.length - bend.at;
  if (wandersThere(study, bend, behind)) return null;
  const span = x.at(-1)! - x[bend.at]!;
  const level = Math.abs(median(flat.subarray(0, bend.at + 1))) || 1;
  // The bend was looked for, so chance had many tries.
  const critical = Math.max(fit.critical, studentT(0.9998, behind - 2));
  const grown = fit.slope * span;
  const noise = Math.max(...flat.subarray(0, bend.at + 1)) - Math.min(...flat.subarray(0, bend.at + 1));
  if (fit.t < critical || grown < 2 * MATERIAL_SHARE * level || grown < 1.2 * noise) return null;
  const ofDay = seasonal ? Math.max(...seasonal.season) - Math.min(...seasonal.season) : 0;
  if (ofDay > grown && span < 24) return null;
  const slowed = findHinge(x.subarray(bend.at), flat.subarray(bend.at));
  if (slowed && slowsDown(slowed, flat))
    return {
      judgement: flatJudgement(study, 'cache-fill', ['it rose for a time and then stopped']),
      better: true,
    };
  const onsetMs = floored.floor.times[bend.at]!;
  const rising = risingWindows(flat.subarray(bend.at));
  const faster = slowed !== null && slowed.gain > BEND_GAIN && slowed.after > 1.3 * slowed.before;
  const judgement: Judgement = {
    verdict: 'leak',
    shape: shapeOf(study, faster),
    rate: intervalOf(fit, SEARCHED),
    onsetMs: faster ? null : onsetMs,
    warmUpEndMs: null,
    floor: floored.floor,
    level: levelOf(study),
    lateRate: null,
    reasons: [
      `it was level for ${hours(x[bend.at]!)}; since then the floor rose in ${rising.up} of ${rising.all} windows`,
      `it grew by ${percent(grown / level)} of its level in the ${hours(span)} since, ${round(fit.t)} times the error that such noise makes`,
    ],
    missing: [],
  };
  return { judgement, better: true };
}

/** Whether the way before the bend wanders so much that the rise behind it is no news. */
function wandersThere({ x, flat }: Study, bend: Hinge, behind: number): boolean {
  const before = fitTrend(x.subarray(0, bend.at + 1), flat.subarray(0, bend.at + 1));
  if (!before || before.memory < 0.6) return false;
  const changes = differences(flat.subarray(0, bend.at + 1));
  const sd = Math.sqrt(sumOfSquares(changes) / changes.length);
  return flat.at(-1)! - flat[bend.at]! < 4 * sd * Math.sqrt(behind);
}

/** Not a trend that chance could not make: flat, wandering, or not to be told. */
function judgeNoTrend(study: Study, fit: TrendFit, level: number): Judgement {
  const { x, seasonal, floored, stripped } = study;
  const span = x.at(-1)!;
  const upper = fit.high * span;
  const suggests = fit.t > 2.2 && upper > 0.06 * level;
  const blind = upper > 0.25 * level && x.length < 12;
  if ((suggests || blind) && !(stripped && fit.slope < 0.25 * stripped.slope)) {
    const needed = Math.max(1.5, (fit.critical / Math.max(0.5, fit.t)) ** (2 / 3));
    return {
      ...tooLittle(
        study.times,
        study.values,
        `needs about ${hours(span * (needed - 1))} more of data to tell a trend from wandering`,
      ),
      floor: floored.floor,
      reasons: [
        `the floor may grow by ${percent(Math.max(0, fit.low * span) / level)} to ${percent(upper / level)} of its level in ${hours(span)}: too near to what chance does`,
      ],
    };
  }
  const shape: Shape = seasonal
    ? 'diurnal'
    : fit.memory > 0.85
      ? 'random-walk'
      : spiky(study)
        ? 'spike'
        : 'flat';
  const why: Readonly<Record<string, string>> = {
    diurnal: 'it follows the time of day and comes back to the same floor',
    'random-walk': 'it wanders, up as well as down: no drift that chance does not make',
    spike: 'it has bursts, and comes back from each of them',
    flat: `the floor stays: between ${signedPercent((fit.low * span) / level)} and ${signedPercent(upper / level)} in ${hours(span)}`,
  };
  const visible = Math.max(fit.critical * fit.error * span, leastGrowth(study, level)) / level;
  return flatJudgement(study, shape, [
    why[shape] ?? '',
    `growth of ${percent(visible)} in this time would have been seen`,
  ]);
}

/** A heap that was never collected while watched rises without a leak. */
function unripeHeap(study: Study, fit: TrendFit): Judgement | null {
  const { context, floored, x, times, values } = study;
  if (!context.isHeap || floored.cycles !== null) return null;
  const span = x.at(-1)!;
  const grown = (fit.slope * span) / Math.max(1e-12, fit.start);
  if (span >= 2 || grown > 1) return null;
  return {
    ...tooLittle(
      times,
      values,
      `needs some 6 large collections in view, or a count of them; ${hours(span)} show none`,
    ),
    floor: floored.floor,
    reasons: [
      `the heap rose by ${percent(grown)} in ${hours(span)}, but no collection was seen that could have taken it back`,
    ],
  };
}

/** A rise that was cut off from a faster one before: does it still slow down at that pace? */
function slowingStill(study: Study, fit: TrendFit): Judgement | null {
  const { stripped, x, flat, times, values, floored } = study;
  if (!stripped || fit.slope > 0.8 * stripped.slope) return null;
  const middle = (times[0]! + times.at(-1)!) / 2;
  const apart = (middle - stripped.middleMs) / HOUR_MS;
  const decay = Math.log(stripped.slope / fit.slope) / apart;
  const span = x.at(-1)!;
  const half = x.length >> 1;
  const early = fitTrend(x.subarray(0, half + 1), flat.subarray(0, half + 1));
  const late = fitTrend(x.subarray(half), flat.subarray(half));
  if (!early || !late) return null;
  const expected = Math.exp((-decay * span) / 2);
  const seen = late.slope / Math.max(early.slope, 1e-12);
  // If the slowing went on as it began, the second half would show it; when it does not, what is left is a trend.
  const slower = early.slope - late.slope > 2.5 * Math.hypot(early.error, late.error) && seen < 0.85;
  if (expected < 0.55 && seen > (1 + expected) / 2 && !slower) return null;
  const left = late.slope / decay;
  const level = Math.abs(median(flat));
  const said = `it slows down: at this pace ${percent(left / level)} of its level is still to come`;
  if (left < 0.5 * stripped.grown + 0.1 * level) return flatJudgement(study, 'warm-up', [said]);
  return {
    ...tooLittle(times, values, `needs about ${hours(span)} more to see whether it comes to rest`),
    floor: floored.floor,
    reasons: [said],
  };
}

/** Less than a week with a strong daily course and a rise smaller than that: the week may do it. */
function weeklyDoubt(study: Study, fit: TrendFit): Judgement | null {
  const { seasonal, x, times, values, floored, context } = study;
  if (!seasonal || context.load) return null;
  const swing = Math.max(...seasonal.season) - Math.min(...seasonal.season);
  const span = x.at(-1)!;
  if (span >= 24 * 6 || fit.slope * span > 0.35 * swing) return null;
  return {
    ...tooLittle(times, values, `needs the load beside it, or ${hours(24 * 7 - span)} more`),
    floor: floored.floor,
    reasons: ['it rises by less than it swings each day: the course of the week may do that'],
  };
}

function flatJudgement(study: Study, shape: Shape, reasons: readonly string[]): Judgement {
  return {
    verdict: 'no-leak',
    shape,
    rate: null,
    onsetMs: null,
    warmUpEndMs: study.stripped ? study.times[0]! : null,
    floor: study.floored.floor,
    level: levelOf(study),
    lateRate: null,
    reasons,
    missing: [],
  };
}

function tooLittle(times: Float64Array, values: Float64Array, missing: string): Judgement {
  return {
    verdict: 'inconclusive',
    shape: null,
    rate: null,
    onsetMs: null,
    warmUpEndMs: null,
    floor: times.length > 0 ? { times, values, middles: values, windowMs: 0 } : null,
    level: values.length > 0 ? median(values.subarray(-5)) : Number.NaN,
    lateRate: null,
    reasons: [],
    missing: [missing],
  };
}

function tooFewCollections(values: Float64Array, floored: FlooredStretch): Judgement {
  const { floor, lacking, cycles } = floored;
  return {
    ...tooLittle(floor.times, floor.values, `needs ${Math.max(1, lacking)} more large collections to tell`),
    level: median(values.subarray(-5)),
    floor,
    reasons: [
      `only ${cycles ?? 0} large collections are in view: what stays behind them cannot be told from what is not collected yet`,
    ],
  };
}

function shapeOf({ floored, seasonal }: Study, accelerates: boolean): Shape {
  if (accelerates) return 'accelerating';
  if (seasonal) return 'diurnal-rising';
  return floored.teeth.troughs.length > 1 ? 'sawtooth-rising' : 'linear';
}

/** The level that meets the limit: a heap's floor, for other memory what is usual. */
function levelOf({ floored, context, values }: Study): number {
  const { floor } = floored;
  const last = context.isHeap ? floor.values.subarray(-3) : floor.middles.subarray(-3);
  return last.length > 0 ? median(last) : median(values.subarray(-5));
}

function risingWindows(values: Float64Array): { up: number; all: number } {
  let up = 0;
  for (let at = 1; at < values.length; at++) if (values[at]! > values[at - 1]!) up++;
  return { up, all: Math.max(0, values.length - 1) };
}

function spiky({ values }: Study): boolean {
  const middle = median(values);
  return Math.max(...quantiles(values)) > middle + 6 * Math.max(1e-12, middle - quantile(values, 0.1));
}

function quantiles(values: Float64Array): number[] {
  return [quantile(values, 0.5), quantile(values, 0.995)];
}

/** Where the bend itself was looked for its place is uncertain, too. */
const SEARCHED = 1.25;

function intervalOf(fit: TrendFit, wider: number = 1): Interval {
  const half = (fit.high - fit.slope) * wider;
  return { value: fit.slope, low: fit.slope - half, high: fit.slope + half };
}

function sumOfSquares(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

function percent(share: number): string {
  return `${round(share * 100)} %`;
}

function signedPercent(share: number): string {
  return `${share > 0 ? '+' : ''}${percent(share)}`;
}
