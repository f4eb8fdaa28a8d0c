import { mannKendall } from '../../src/analysis/series/mann-kendall.ts';
import { median } from '../../src/analysis/series/robust.ts';
import type { Series } from '../../src/model/series.ts';

const HOUR_MS = 3_600_000;

/** Mann–Kendall on the medians of 36 windows, one-sided at one per cent: what a trend test alone says. */
export function mannKendallSaysLeak({ values }: Series): boolean {
  const each = Math.max(1, values.length / 36);
  const medians: number[] = [];
  for (let from = 0; from + each <= values.length + 1e-9; from += each) {
    medians.push(
      median(values.subarray(Math.floor(from), Math.max(Math.floor(from) + 1, Math.floor(from + each)))),
    );
  }
  return mannKendall(medians).z > 2.33;
}

/** `predict_linear(m[6h], 24 h) > limit` at any time of the view: the alert that people have. */
export function predictLinearSaysLeak({ times, values }: Series, limit: number | null): boolean {
  const ceiling = limit ?? 2 * median(values.subarray(0, Math.max(1, values.length >> 3)));
  const end = times.at(-1)!;
  for (let at = times[0]! + 6 * HOUR_MS; at <= end; at += HOUR_MS) {
    const from = times.findIndex((time) => time > at - 6 * HOUR_MS);
    let to = from;
    while (to < times.length && times[to]! <= at) to++;
    if (to - from < 3) continue;
    const { slope, mean, center } = lineOf(times.subarray(from, to), values.subarray(from, to));
    if (mean + slope * (at + 24 * HOUR_MS - center) > ceiling) return true;
  }
  return false;
}

function lineOf(times: Float64Array, values: Float64Array): { slope: number; mean: number; center: number } {
  const count = times.length;
  const center = times.reduce((sum, time) => sum + time, 0) / count;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  let xy = 0;
  let xx = 0;
  for (let at = 0; at < count; at++) {
    xy += (times[at]! - center) * (values[at]! - mean);
    xx += (times[at]! - center) ** 2;
  }
  return { slope: xx > 0 ? xy / xx : 0, mean, center };
}
