import { type Clock, fill, HOUR_SECONDS, sum, wander } from './clock.ts';
import type { Draws } from './draws.ts';
import type { Columns } from './made.ts';

export const MB = 1e6;

/** What a process holds when it is at rest. */
export const baseOf = (draw: Draws): number => draw.spread(120, 5000) * MB;

export const rssName = (draw: Draws): string =>
  draw.pick([
    'process_resident_memory_bytes',
    'container_memory_working_set_bytes',
    'rss_bytes',
    'memory_bytes',
    'working_set_bytes',
  ]);

/** Noise of resident memory: some that is soon forgotten, and some that is not. */
export const rssNoise = (draw: Draws, clock: Clock, base: number, scale: number = 1): Float64Array =>
  sum(
    wander(draw, clock, base * draw.spread(0.002, 0.012) * scale, draw.between(0.02, 0.2)),
    wander(draw, clock, base * draw.spread(0.002, 0.01) * scale, clock.hours / draw.between(25, 80)),
  );

/** The memory is not always the first column. */
export const cols = (draw: Draws, name: string, memory: Float64Array, more: Columns = {}): Columns =>
  draw.chance(0.5) ? { [name]: memory, ...more } : { ...more, [name]: memory };

export function line(
  draw: Draws,
  clock: Clock,
  base: number,
  low: number = 0.15,
  high: number = 0.9,
): { readonly slope: number; readonly grown: number; readonly v: Float64Array } {
  const grown = draw.between(low, high) * base;
  return {
    /** An hour. */
    slope: grown / clock.hours,
    grown,
    v: fill(clock, (seconds) => (grown * seconds) / (clock.hours * HOUR_SECONDS)),
  };
}

/** A limit of which the level at the end is half and more, and the hours that are left. */
export function withLimit(draw: Draws, level: number, slope: number): { limit: number; ttl: number } {
  const limit = level / draw.between(0.5, 0.85);
  return { limit, ttl: (limit - level) / slope };
}

/** How users know of new processes: start times, an uptime, or a count. */
export function starts(draw: Draws, clock: Clock, begun: Float64Array): Columns {
  const how = draw.pick(['start', 'start', 'uptime', 'count']);
  if (how === 'start') return { process_start_time_seconds: begun.map(Math.round) };
  if (how === 'uptime') {
    const age = begun.map((start, at) => Math.round(clock.startSeconds + clock.seconds[at]! - start));
    return { process_uptime_seconds: age };
  }
  let count = 0;
  const counted = begun.map((start, at) => {
    if (at > 0 && start !== begun[at - 1]) count++;
    return count;
  });
  return { kube_pod_container_status_restarts_total: counted };
}
