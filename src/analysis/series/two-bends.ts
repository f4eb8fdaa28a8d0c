import { effectiveCount, type Hinge } from './knots.ts';
import { type LeastSquares, leastSquares } from './least-squares.ts';

/** Three straight lines that meet: of a level, a rise and a new level, for one. */
export interface TwoBends {
  /** Index of the point where the first and the second line meet. */
  readonly first: number;
  /** The second bend, with the slopes of the lines about it. */
  readonly second: Hinge;
  /** Slope of the first line. */
  readonly begin: number;
}

const LEAST_SIDE = 4;
const PLACES = 16;

/** The best places for two bends, and how much better they fit than `one` bend does (F); null with too few points. */
export function findTwoBends(times: Float64Array, values: Float64Array, oneSse: number): TwoBends | null {
  const count = times.length;
  if (count < 3 * LEAST_SIDE) return null;
  const span = times[count - 1]! - times[0]!;
  const x = Float64Array.from(times, (time) => (time - times[0]!) / span);
  const one = new Float64Array(count).fill(1);
  let best = null as { first: number; second: number; fit: LeastSquares } | null;
  const behind = (at: number): Float64Array => x.map((value) => Math.max(0, value - x[at]!));
  const consider = (first: number, second: number): void => {
    if (first < LEAST_SIDE - 1 || second > count - LEAST_SIDE || second - first < 2) return;
    const fit = leastSquares([one, x, behind(first), behind(second)], values);
    if (fit && (best === null || fit.sse < best.fit.sse)) best = { first, second, fit };
  };
  let stride = Math.max(1, Math.floor(count / PLACES));
  for (let first = LEAST_SIDE - 1; first < count; first += stride) {
    for (let second = first + Math.max(2, stride); second < count; second += stride) consider(first, second);
  }
  // The error is smooth in both places: each round looks half as far about the best.
  while (stride > 1 && best !== null) {
    stride = Math.ceil(stride / 2);
    const { first, second } = best;
    for (const a of [-stride, 0, stride]) {
      for (const b of [-stride, 0, stride]) consider(first + a, second + b);
    }
    if (stride === 1) break;
  }
  if (best === null) return null;
  const { first, second, fit } = best;
  const free = effectiveCount(fit.residuals);
  const variance = Math.max(fit.sse, 1e-18 * oneSse) / Math.max(1, free - 6);
  const [, a, b, c] = [...fit.coefficients] as [number, number, number, number];
  // Each slope's own error: that of its line through the points between the bends, under white noise times what memory costs.
  const errorOf = (from: number, to: number): number => {
    let sum = 0;
    let square = 0;
    for (let at = from; at < to; at++) sum += x[at]!;
    for (let at = from; at < to; at++) square += (x[at]! - sum / (to - from)) ** 2;
    return Math.sqrt(((variance * free) / count / Math.max(1e-12, square)) * (count / free)) / span;
  };
  return {
    first,
    begin: a / span,
    second: {
      at: second,
      before: (a + b) / span,
      after: (a + b + c) / span,
      beforeError: errorOf(first, second + 1),
      afterError: errorOf(second, count),
      gain: (oneSse - fit.sse) / 2 / variance,
      sse: fit.sse,
    },
  };
}
