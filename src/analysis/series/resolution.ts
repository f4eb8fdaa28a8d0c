import { differences, median, robustSd } from './robust.ts';

/** Values that lie on fewer levels than this are rounded as far as trends are concerned. */
const COARSE_LEVELS = 200;
/** Levels are told apart on so many values. */
const LOOKED_AT = 3000;

/**
 * The step to which values were rounded (whole megabytes, two digits of gigabytes), when that is coarse beside their range or their
 * noise; 0 when rounding does not matter.
 */
export function coarseStep(values: Float64Array): number {
  const stride = Math.max(1, Math.ceil(values.length / LOOKED_AT));
  const sorted = (stride === 1 ? values.slice() : values.filter((_, at) => at % stride === 0)).sort();
  const range = sorted[sorted.length - 1]! - sorted[0]!;
  if (!(range > 0)) return 0;
  // Equal numbers that were computed differ in their last bits.
  const gaps = differences(sorted).filter((gap) => gap > 1e-9 * range);
  if (gaps.length === 0 || gaps.length + 1 > COARSE_LEVELS || gaps.length > 0.5 * sorted.length) return 0;
  const step = gaps.reduce((a, b) => Math.min(a, b));
  const onGrid = gaps.filter((gap) => Math.abs(gap / step - Math.round(gap / step)) < 0.05).length;
  if (onGrid < 0.9 * gaps.length || range / step > 4 * COARSE_LEVELS) return 0;
  const noise = robustSd(differences(values)) / Math.SQRT2;
  return step > noise ? step : 0;
}

/**
 * What rounded values rounded: a run of equal values stands in its middle, straight lines between. Within half a step of what is given.
 */
export function unrounded(times: Float64Array, values: Float64Array, step: number): Float64Array {
  const middles: { time: number; value: number }[] = [];
  let from = 0;
  const lengths: number[] = [];
  for (let at = 1; at <= values.length; at++) {
    if (at < values.length && values[at] === values[from]) continue;
    middles.push({ time: (times[from]! + times[at - 1]!) / 2, value: values[from]! });
    lengths.push(times[at - 1]! - times[from]!);
    from = at;
  }
  if (middles.length < 3) return values;
  // The first and the last run were cut off: their level was met at their inner end, half a usual run away.
  const usual = median(lengths.slice(1, -1)) / 2;
  const first = middles[0]!;
  const last = middles.at(-1)!;
  first.time = Math.min(first.time, times[0]! + Math.max(0, lengths[0]! - usual));
  last.time = Math.max(last.time, times[times.length - 1]! - Math.max(0, lengths.at(-1)! - usual));
  let left = 0;
  return values.map((value, at) => {
    const time = times[at]!;
    while (left < middles.length - 2 && middles[left + 1]!.time <= time) left++;
    const [a, b] = [middles[left]!, middles[left + 1]!];
    const line = a.value + ((b.value - a.value) * (time - a.time)) / Math.max(1e-9, b.time - a.time);
    return Math.max(value - step / 2, Math.min(value + step / 2, line));
  });
}
