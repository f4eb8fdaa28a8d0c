import { quantileOfSorted } from './robust.ts';

/** The level that memory comes back to: one point for each window of time that held enough samples. */
export interface Floor {
  /** Middle of each window, in the units of the input. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** Median of all samples of the window. */
  readonly middles: Float64Array;
  readonly windowMs: number;
}

export interface FloorOptions {
  readonly windows: number;
  /** Which quantile of a window is its floor; 0 is the minimum, null the mean. */
  readonly share: number | null;
}

/** A window with fewer than this share of the usual number of samples says too little. */
const LEAST_FILLED = 0.4;

/**
 * The lower envelope of a series in windows of equal length. With a sawtooth in windows at least as long as a tooth the minimum
 * is what was alive after a collection; without one a low quantile is as good and less shaken by single samples.
 */
export function floorOf(times: Float64Array, values: Float64Array, { windows, share }: FloorOptions): Floor {
  const count = times.length;
  const start = times[0]!;
  const span = times[count - 1]! - start;
  if (count <= windows) {
    return { times, values, middles: values, windowMs: count > 1 ? span / (count - 1) : 0 };
  }
  const windowMs = (span * (1 + 1e-9)) / windows;
  const usual = count / windows;
  const outTimes: number[] = [];
  const floors: number[] = [];
  const middles: number[] = [];
  let from = 0;
  for (let window = 0; window < windows; window++) {
    const end = start + (window + 1) * windowMs;
    let to = from;
    while (to < count && times[to]! < end) to++;
    if (to - from >= Math.max(1, usual * LEAST_FILLED)) {
      const sorted = values.slice(from, to).sort();
      outTimes.push((times[from]! + times[to - 1]!) / 2);
      floors.push(share === null ? mean(sorted) : quantileOfSorted(sorted, share));
      middles.push(quantileOfSorted(sorted, 0.5));
    }
    from = to;
  }
  return {
    times: Float64Array.from(outTimes),
    values: Float64Array.from(floors),
    middles: Float64Array.from(middles),
    windowMs,
  };
}

/**
 * The floor of a sawtooth, a point for each trough. Of more troughs than are wanted the lowest of each window stays.
 *
 * @param troughs indexes of the lowest point of each tooth, ascending
 */
export function floorOfTroughs(
  times: Float64Array,
  values: Float64Array,
  troughs: readonly number[],
  most: number,
): Floor {
  const start = times[0]!;
  const span = times[times.length - 1]! - start;
  const windowMs = span / Math.max(1, Math.min(most, troughs.length));
  const lowest = new Map<number, number>();
  for (const [order, at] of troughs.entries()) {
    const window =
      troughs.length <= most ? order : Math.min(most - 1, Math.floor((times[at]! - start) / windowMs));
    const held = lowest.get(window);
    if (held === undefined || values[at]! < values[held]!) lowest.set(window, at);
  }
  const kept = [...lowest.values()];
  const bounds = kept.map((at, index) => (index === 0 ? 0 : Math.ceil((kept[index - 1]! + at) / 2)));
  return {
    times: Float64Array.from(kept, (at) => times[at]!),
    values: Float64Array.from(kept, (at) => values[at]!),
    middles: Float64Array.from(kept, (_, index) => {
      const sorted = values
        .slice(bounds[index]!, Math.max(bounds[index]! + 1, bounds[index + 1] ?? values.length))
        .sort();
      return quantileOfSorted(sorted, 0.5);
    }),
    windowMs,
  };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
