import type { EventStream } from '../model/event-stream.ts';
import { type Series, seriesFrom } from '../model/series.ts';
import { loadSeries } from './load.ts';
import type { SeriesSide } from './series-side.ts';

/** So much of the clock is time: two moments without work between them stay apart, and in order. */
const SHARE_OF_TIME = 0.02;
/** Work that was counted over less than this share of the time is no clock. */
const LEAST_COVERED = 0.9;
const LEAST_POINTS = 8;

/**
 * A side seen by a clock that goes with the work: an hour of it is a mean hour, with as many operations as any other. What each operation leaves
 * behind is a straight line by that clock, however the load comes and goes; by the time of day it bends with it. Both ends stay where they
 * are, so that growth over all of it is the same by either clock.
 *
 * @returns null when the work was not counted all the time
 */
export function onWorkClock(side: SeriesSide): SeriesSide | null {
  const { memory, others = [], events = [] } = side;
  const load = loadSeries(others);
  if (load === null || side.operations != null) return null;
  const [fromMs, toMs] = [memory.times[0] ?? 0, memory.times.at(-1) ?? 0];
  const spanMs = toMs - fromMs;
  const coveredMs = Math.min(toMs, load.times.at(-1) ?? 0) - Math.max(fromMs, load.times[0] ?? 0);
  if (load.times.length < LEAST_POINTS || coveredMs < LEAST_COVERED * spanMs) return null;
  const done = doneAt(load);
  const atStart = done(fromMs);
  const perMs = (done(toMs) - atStart) / spanMs;
  if (!(perMs > 0)) return null;
  const clock = (atMs: number): number => {
    if (atMs <= fromMs || atMs >= toMs) return atMs;
    return SHARE_OF_TIME * atMs + (1 - SHARE_OF_TIME) * (fromMs + (done(atMs) - atStart) / perMs);
  };
  return {
    ...side,
    memory: byClock(memory, clock),
    others: others.map((each) => byClock(each, clock)),
    events: events.map((each): EventStream => ({ ...each, times: each.times.map(clock) })),
  };
}

function byClock(series: Series, clock: (atMs: number) => number): Series {
  return seriesFrom(series, series.times.map(clock), series.values);
}

/** Operations done up to a time, resets made good, evenly between two looks. */
function doneAt({ times, values }: Series): (atMs: number) => number {
  const sums = new Float64Array(times.length);
  for (let at = 1; at < times.length; at++) {
    const change = values[at]! - values[at - 1]!;
    sums[at] = sums[at - 1]! + (change >= 0 ? change : values[at]!);
  }
  let near = 1;
  return (atMs) => {
    // Asked mostly in the order of time.
    if (times[near - 1]! > atMs) near = 1;
    while (near < times.length - 1 && times[near]! < atMs) near++;
    const [before, after] = [times[near - 1]!, times[near]!];
    const share = Math.min(1, Math.max(0, (atMs - before) / (after - before)));
    return sums[near - 1]! + share * (sums[near]! - sums[near - 1]!);
  };
}
