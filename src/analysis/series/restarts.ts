import type { Series } from '../../model/series.ts';
import { differences, median, quantile, robustSd } from './robust.ts';

/** Why it is thought that a new process began. */
export type RestartSign = 'start-time' | 'counter-reset' | 'restart-count' | 'event' | 'drop';

export interface Restart {
  /** Time of the first sample of the new process. */
  readonly atMs: number;
  readonly sign: RestartSign;
}

/** Start times jitter by less than this when clocks are read anew. */
const START_JITTER = 5;

/** Where `process_start_time_seconds` (or an uptime that falls back) says that a new process began. */
export function restartsOfStartTimes(starts: Series): Restart[] {
  const restarts: Restart[] = [];
  for (let at = 1; at < starts.values.length; at++) {
    if (starts.values[at]! - starts.values[at - 1]! > START_JITTER)
      restarts.push({ atMs: starts.times[at]!, sign: 'start-time' });
  }
  return restarts;
}

/** Where somebody who counts restarts (the kubelet) counts one more. */
export function restartsOfCount(count: Series): Restart[] {
  const restarts: Restart[] = [];
  for (let at = 1; at < count.values.length; at++) {
    if (count.values[at]! > count.values[at - 1]!)
      restarts.push({ atMs: count.times[at]!, sign: 'restart-count' });
  }
  return restarts;
}

/** Where a counter falls: it counts from zero again. */
export function restartsOfCounter(counter: Series): Restart[] {
  const restarts: Restart[] = [];
  for (let at = 1; at < counter.values.length; at++) {
    if (counter.values[at]! < counter.values[at - 1]! * 0.9)
      restarts.push({ atMs: counter.times[at]!, sign: 'counter-reset' });
  }
  return restarts;
}

/** Only a fall by this share of the level can be a new process … */
const LEAST_FALL = 0.3;
/** … or this, when it had come to rest before. */
const LEAST_FALL_FROM_REST = 0.1;
/** … after so many samples without one. */
const LEAST_RUN = 10;

/**
 * Falls that look like a new process although nothing says so: sudden, deep, far below all that the process had come back to for
 * a long time, and down to about where it began. A collector's falls end on the floor that was there before; these go through it.
 *
 * @param isHeap a collector may take half of a heap at once
 * @param isResident the kernel's figure, of which a collector gives back little at once
 * @param ceiling the limit: falls from near it are kills even where a collector's could look alike
 */
export function restartsOfDrops(
  times: Float64Array,
  values: Float64Array,
  ceiling: number | null,
  isHeap: boolean,
  isResident = false,
): Restart[] {
  const drops = deepDrops(values);
  if (drops.length === 0) return [];
  const peaks = drops.map(({ peak }) => values[peak]!);
  const lands = drops.map(({ first }) => values[first]!);
  const fromCeiling =
    ceiling !== null &&
    median(peaks) > 0.8 * ceiling &&
    median(peaks) < 1.1 * ceiling &&
    median(lands) < (1 - LEAST_FALL) * median(peaks);
  const bounds = [0, ...drops.map(({ first }) => first), values.length];
  // Tables in reports have a dozen rows.
  const least = Math.min(LEAST_RUN, Math.max(3, Math.floor(values.length / 3)));
  const rises = isHeap ? 6 : isResident ? 1.4 : 2;
  const accepted = drops.filter(({ peak, first }, at) => {
    const run = values.subarray(bounds[at]!, peak + 1);
    if (run.length < least) return false;
    const killed = !isHeap && ceiling !== null && values[peak]! > 0.8 * ceiling;
    if (killed && values[first]! < (1 - LEAST_FALL) * values[peak]!) return true;
    if (endsAPulse(values, bounds[at]!, first, bounds[at + 2]!)) return false;
    if (fromCeiling || (!isHeap && restsBeforeTheFall(run, values[first]!))) return true;
    // How far the floor had risen above the level that the fall goes down to.
    const late = run.subarray(Math.floor(run.length * 0.7));
    const lateFloor = quantile(late, 0.1);
    const landing = median(values.subarray(first, first + 3));
    return landing < lateFloor * (1 - LEAST_FALL) && values[peak]! > rises * landing;
  });
  return accepted.map(({ first }) => ({ atMs: times[first]!, sign: 'drop' }));
}

/** So much of a rise in one go … */
const AT_ONCE = 0.6;
/** … after so many samples at rest is work that begins; a new process rises from its first sample on. */
const LEAST_REST = 4;

/**
 * A batch that runs now and then, pods that come and go: memory goes up at once and comes down at once, and rests between. The rise behind
 * the fall tells, or the one before it where none came behind.
 */
function endsAPulse(values: Float64Array, from: number, first: number, to: number): boolean {
  return jumps(values.subarray(first, to)) ?? jumps(values.subarray(from, first)) ?? false;
}

/** Whether a run rests low and then goes up at once; null when it hardly rises. */
function jumps(run: Float64Array): boolean | null {
  if (run.length < LEAST_REST + 2) return null;
  const low = median(run.subarray(0, LEAST_REST - 1));
  const rise = quantile(run, 0.8) - low;
  if (rise < LEAST_FALL_FROM_REST * Math.abs(low)) return null;
  for (let at = LEAST_REST; at + 1 < run.length; at++) {
    const before = median(run.subarray(at - 3, at));
    const behind = median(run.subarray(at, Math.min(run.length, at + 3)));
    if (behind - before > AT_ONCE * rise && before - low < (1 - AT_ONCE) * rise) return true;
  }
  return false;
}

/** A collector falls at the top of its rise; what had long been level before it fell began anew. */
function restsBeforeTheFall(run: Float64Array, landing: number): boolean {
  if (run.length < 2 * LEAST_RUN) return false;
  const start = median(run.subarray(0, 3));
  const middle = median(run.subarray(Math.floor(run.length * 0.45), Math.ceil(run.length * 0.6)));
  const end = median(run.subarray(Math.floor(run.length * 0.85)));
  const rise = end - Math.min(start, landing);
  return rise > 0 && end - middle < 0.15 * rise && end - landing > LEAST_FALL_FROM_REST * end;
}

function deepDrops(values: Float64Array): { peak: number; first: number }[] {
  const noise = robustSd(differences(values));
  const drops: { peak: number; first: number }[] = [];
  for (let at = 1; at < values.length; at++) {
    // A fall may be caught half way by one sample.
    const from = Math.max(values[at - 1]!, at > 1 ? values[at - 2]! : 0);
    const fall = from - values[at]!;
    if (fall < LEAST_FALL_FROM_REST * from || fall < 6 * noise) continue;
    const next = values[at + 1];
    if (next !== undefined && next < values[at]! - 0.3 * fall) continue;
    if (next !== undefined && next > from - fall * 0.4) continue;
    drops.push({ peak: at - 1, first: at });
  }
  return drops;
}
