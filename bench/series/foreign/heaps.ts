import type { Clock } from './clock.ts';
import type { Draws } from './draws.ts';

export interface GenerationalOptions {
  /** Bytes that fill before a small collection. */
  readonly young: number;
  /** Bytes a second at the usual load. */
  readonly alloc: number;
  /** What a small collection lets through. */
  readonly promote: number;
  /** Garbage among the old, as a share of what is alive, before a large collection. */
  readonly oldRoom: number;
}

/** A young generation that is swept often, and an old one that is swept when garbage has gathered in it. */
export function generational(
  draw: Draws,
  clock: Clock,
  live: Float64Array,
  load: Float64Array,
  { young, alloc, promote, oldRoom }: GenerationalOptions,
): { used: Float64Array; majors: Float64Array } {
  let fresh = draw.between(0, young);
  let old = draw.between(0, 0.5) * live[0]!;
  let count = 0;
  const majors = new Float64Array(clock.count);
  const used = live.map((alive, at) => {
    fresh += alloc * load[at]! * clock.stepSeconds;
    const sweeps = Math.floor(fresh / young);
    fresh -= sweeps * young;
    old += sweeps * young * promote * draw.between(0.7, 1.3);
    if (old > oldRoom * alive) {
      old = 0;
      count++;
    }
    majors[at] = count;
    return alive + old + fresh;
  });
  return { used, majors };
}

/** One generation: swept when garbage is this share of what is alive (GOGC), and every two minutes. */
export function goHeap(
  draw: Draws,
  clock: Clock,
  live: Float64Array,
  load: Float64Array,
): { used: Float64Array } {
  const gogc = draw.pick([1, 1, 1, 0.5, 2]);
  const alloc = (live[0]! * gogc) / draw.spread(5, 110);
  let garbage = draw.between(0, gogc) * live[0]!;
  let sweptAt = 0;
  const used = live.map((alive, at) => {
    garbage += alloc * load[at]! * clock.stepSeconds;
    const room = gogc * alive;
    if (garbage > room || clock.seconds[at]! - sweptAt > 120) {
      garbage = garbage > room ? garbage % room : 0;
      sweptAt = clock.seconds[at]!;
    }
    return alive + garbage;
  });
  return { used };
}
