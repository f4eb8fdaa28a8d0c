import type { Series } from '../../model/series.ts';

/** Equal steps over the time that two series share. */
export interface Grid {
  readonly fromMs: number;
  readonly stepMs: number;
  readonly steps: number;
}

const LEAST_STEPS = 8;
const MOST_STEPS = 5000;

/** The grid of two series: as fine as the coarser of them; null when they share too little time. */
export function gridOf(a: Series, b: Series): Grid | null {
  if (a.times.length < LEAST_STEPS || b.times.length < LEAST_STEPS) return null;
  const fromMs = Math.max(a.times[0]!, b.times[0]!);
  const toMs = Math.min(a.times.at(-1)!, b.times.at(-1)!);
  const stepMs = Math.max(medianStep(a.times), medianStep(b.times), (toMs - fromMs) / MOST_STEPS);
  const steps = Math.floor((toMs - fromMs) / stepMs);
  return steps >= LEAST_STEPS ? { fromMs, stepMs, steps } : null;
}

/**
 * What changed in each step of the grid. A counter that falls was reset: that step is unknown, as is one with a gap of more than three
 * steps around it, and one over which a gauge lost more than half (a restart).
 */
export function differencesOn(series: Series, { fromMs, stepMs, steps }: Grid): Float64Array {
  const out = new Float64Array(steps).fill(Number.NaN);
  const counter = isCounter(series);
  let cursor = 0;
  let previous = valueAt(fromMs);
  for (let step = 0; step < steps; step++) {
    const value = valueAt(fromMs + (step + 1) * stepMs);
    const change = value - previous;
    if (!(change < 0 && (counter || value < previous / 2))) out[step] = change;
    previous = value;
  }
  return out;

  /** Linear between neighbours, NaN in a gap. Asked in the order of time. */
  function valueAt(timeMs: number): number {
    const { times, values } = series;
    while (cursor < times.length - 1 && times[cursor + 1]! <= timeMs) cursor++;
    if (times[cursor] === timeMs) return values[cursor]!;
    if (times[cursor]! > timeMs || cursor === times.length - 1)
      return timeMs - times[cursor]! < stepMs / 100 ? values[cursor]! : Number.NaN;
    const gap = times[cursor + 1]! - times[cursor]!;
    if (gap > 3 * stepMs) return Number.NaN;
    // A reset within: no value in between is true.
    if (counter && values[cursor + 1]! < values[cursor]!) return Number.NaN;
    return values[cursor]! + ((values[cursor + 1]! - values[cursor]!) * (timeMs - times[cursor]!)) / gap;
  }
}

function isCounter({ kind, values, name }: Series): boolean {
  if (kind !== 'unknown') return kind === 'counter';
  if (!/_total$|_count$|_sum$|total$/.test(name)) return false;
  let falls = 0;
  for (let at = 1; at < values.length; at++) if (values[at]! < values[at - 1]!) falls++;
  return falls <= values.length / 100;
}

function medianStep(times: Float64Array): number {
  const steps = new Float64Array(times.length - 1);
  for (let at = 1; at < times.length; at++) steps[at - 1] = times[at]! - times[at - 1]!;
  return steps.sort()[Math.floor(steps.length / 2)]!;
}
