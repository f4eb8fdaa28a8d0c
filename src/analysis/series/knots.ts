import { type LeastSquares, leastSquares } from './least-squares.ts';
import { differences, median, robustSd } from './robust.ts';

/** Two straight lines that meet. */
export interface Hinge {
  /** Index of the point where they meet. */
  readonly at: number;
  readonly before: number;
  readonly after: number;
  /** Standard errors under white noise times what memory costs. */
  readonly beforeError: number;
  readonly afterError: number;
  /** How much better than one line, as F with the points that memory leaves. */
  readonly gain: number;
  /** Sum of the squares that are left. */
  readonly sse: number;
}

const LEAST_SIDE = 3;

interface Candidate {
  readonly at: number;
  readonly fit: LeastSquares;
}

/** The best place for a bend; null with too few points for one. Times and values may have any origin. */
export function findHinge(times: Float64Array, values: Float64Array): Hinge | null {
  const count = times.length;
  if (count < 2 * LEAST_SIDE + 1) return null;
  const span = times[count - 1]! - times[0]!;
  const x = Float64Array.from(times, (time) => (time - times[0]!) / span);
  const one = new Float64Array(count).fill(1);
  const line = leastSquares([one, x], values);
  if (!line) return null;
  let best = null as Candidate | null;
  const tried = new Set<number>();
  const consider = (at: number): void => {
    if (at < LEAST_SIDE - 1 || at > count - LEAST_SIDE || tried.has(at)) return;
    tried.add(at);
    const fit = leastSquares([one, x, x.map((value) => Math.max(0, value - x[at]!))], values);
    if (fit && (best === null || fit.sse < best.fit.sse)) best = { at, fit };
  };
  // The error is smooth in the place of the bend: a coarse round, then the neighbourhood of the best.
  const stride = Math.max(1, Math.floor(count / 20));
  for (let at = LEAST_SIDE - 1; at <= count - LEAST_SIDE; at += stride) consider(at);
  const coarse = best?.at ?? 0;
  for (let at = coarse - stride; at <= coarse + stride; at++) consider(at);
  if (best === null) return null;
  const { at, fit } = best;
  const free = effectiveCount(fit.residuals);
  const variance = Math.max(fit.sse, 1e-18 * line.sse) / Math.max(1, free - 4);
  // The slope behind the bend by itself: its column is the whole line's, turned about the bend.
  const mirrored = leastSquares([one, x, x.map((value) => Math.min(0, value - x[at]!))], values);
  const error = (leverage: number): number =>
    Math.sqrt((variance * leverage * free) / count / Math.max(0.2, free / count)) / span;
  return {
    at,
    before: fit.coefficients[1]! / span,
    after: (fit.coefficients[1]! + fit.coefficients[2]!) / span,
    beforeError: error(fit.leverage[1]!),
    afterError: error(mirrored?.leverage[1] ?? fit.leverage[1]!),
    gain: (line.sse - fit.sse) / 2 / variance,
    sse: fit.sse,
  };
}

/** How many independent points the residuals are worth. */
export function effectiveCount(residuals: Float64Array): number {
  let product = 0;
  let square = 0;
  for (let at = 0; at < residuals.length; at++) {
    square += residuals[at]! ** 2;
    if (at > 0) product += residuals[at]! * residuals[at - 1]!;
  }
  const memory = square === 0 ? 0 : Math.max(0, Math.min(0.95, product / square));
  return Math.max(5, (residuals.length * (1 - memory)) / (1 + memory));
}

/** A sudden change of level that stays. */
export interface Step {
  /** Index of the first point on the new level. */
  readonly at: number;
  readonly height: number;
  /** The point before `at` lies between the levels: its window held the step. */
  readonly isSplit: boolean;
}

/** A step is so many times the usual change from point to point … */
const STEP_SDS = 7;
/** … and this share of the whole range. */
const STEP_SHARE = 0.15;

/**
 * Sudden lasting changes of level. A change spread over two points (a window that straddles it) is one step. Spikes,
 * which come back at once, are none.
 */
export function findSteps(values: Float64Array): Step[] {
  if (values.length < 8) return [];
  const changes = differences(values);
  const usual = median(changes);
  const noise = robustSd(changes);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const least = Math.max(STEP_SDS * noise, STEP_SHARE * (high - low));
  const steps: Step[] = [];
  if (!(least > 0)) return steps;
  for (let at = 0; at < changes.length; at++) {
    const single = changes[at]! - usual;
    const next = at + 1 < changes.length ? changes[at + 1]! - usual : 0;
    const isSplit = Math.abs(single) > 2.5 * noise && Math.sign(single) === Math.sign(next);
    const height = isSplit ? single + next : single;
    if (Math.abs(height) < least) continue;
    const first = at + (isSplit ? 2 : 1);
    if (stays(values, at, first, height)) steps.push({ at: first, height, isSplit });
    at = first - 1;
  }
  return steps.filter((step, at) => !isRamp(step, steps[at - 1]) && !isRamp(step, steps[at + 1]));
}

/** Changes one right behind the other, all one way, are a slope seen through few points. */
function isRamp(step: Step, neighbour: Step | undefined): boolean {
  return (
    neighbour !== undefined &&
    Math.sign(neighbour.height) === Math.sign(step.height) &&
    Math.abs(neighbour.at - step.at) <= 2
  );
}

/** Whether the points behind a change keep most of it. */
function stays(values: Float64Array, before: number, first: number, height: number): boolean {
  const behind = values.subarray(first, Math.min(values.length, first + 4));
  const ahead = values.subarray(Math.max(0, before - 3), before + 1);
  if (behind.length < 2) return false;
  return (median(behind) - median(ahead)) / height > 0.5;
}

/** Indexes of points that belong to no burst: a sudden rise that goes back to where it came from. */
export function outsideBursts(values: Float64Array): number[] {
  const count = values.length;
  const changes = differences(values);
  const noise = robustSd(changes);
  const sorted = Float64Array.from(values).sort();
  const least = Math.max(6 * noise, 0.1 * (sorted[count - 1]! - sorted[0]!));
  const longest = Math.max(2, Math.floor(count / 4));
  const kept: number[] = [];
  for (let at = 0; at < count; at++) {
    const before =
      kept.length > 0 ? median(kept.slice(-3).map((each) => values[each]!)) : sorted[count >> 2]!;
    const height = values[at]! - before;
    if (height < least) {
      kept.push(at);
      continue;
    }
    let back = at + 1;
    while (back < count && values[back]! > before + 0.35 * height) back++;
    if (back < count && back - at <= longest) at = back - 1;
    else kept.push(at);
  }
  return kept.length >= count * 0.6 ? kept : Array.from({ length: count }, (_, at) => at);
}
