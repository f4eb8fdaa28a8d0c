/** Order statistics that a few wild values cannot move. None of them changes its input. */

/** The `share` quantile (0 to 1), interpolated between neighbours; NaN when there are no values. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return quantileOfSorted(sorted, share);
}

export function quantileOfSorted(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (place - below);
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** What makes the median absolute deviation the standard deviation of normal noise. */
const MAD_TO_SD = 1.4826;

/** Spread as a standard deviation, from the median absolute deviation; 0 when more than half of the values are equal. */
export function robustSd(values: ArrayLike<number>): number {
  const middle = median(values);
  return MAD_TO_SD * median(Float64Array.from(values, (value) => Math.abs(value - middle)));
}

/** What is left of each value when the one before is taken away. */
export function differences(values: ArrayLike<number>): Float64Array {
  const result = new Float64Array(Math.max(0, values.length - 1));
  for (let at = 0; at < result.length; at++) result[at] = values[at + 1]! - values[at]!;
  return result;
}

/** Pairs beyond this are drawn at a stride instead of all: 2,000 points have two million. */
const MAX_PAIRS = 200_000;

/**
 * Theil–Sen slope: the median slope of all pairs of points (Sen 1968). Nothing is promised about its interval: that
 * of `fitTrend` holds under autocorrelation. NaN with fewer than two times.
 */
export function theilSenSlope(times: ArrayLike<number>, values: ArrayLike<number>): number {
  const count = times.length;
  const stride = Math.max(1, Math.ceil((count * count) / 2 / MAX_PAIRS));
  const slopes: number[] = [];
  let pair = 0;
  for (let from = 0; from < count; from++) {
    for (let to = from + 1; to < count; to++) {
      if (pair++ % stride !== 0 || times[to] === times[from]) continue;
      slopes.push((values[to]! - values[from]!) / (times[to]! - times[from]!));
    }
  }
  return median(slopes);
}

export function sumOfSquares(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
