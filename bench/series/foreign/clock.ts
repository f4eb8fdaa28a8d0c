import type { Draws } from './draws.ts';

export const HOUR_SECONDS = 3600;
export const DAY_SECONDS = 86_400;

/** When a monitor looked: so many times, evenly. */
export interface Clock {
  readonly count: number;
  readonly stepSeconds: number;
  /** Unix time of the first look. */
  readonly startSeconds: number;
  readonly hours: number;
  /** Of each look, since the first. */
  readonly seconds: Float64Array;
}

/** A view of some hours, at a step that dashboards use for such a view. */
export function clockOf(draw: Draws, fromHours: number, toHours: number, steps?: readonly number[]): Clock {
  const wanted = draw.spread(fromHours, toHours);
  const usual =
    wanted > 96 ? [120, 300, 300] : wanted > 30 ? [60, 120, 300] : wanted > 6 ? [30, 60, 60] : [15, 15, 30];
  const stepSeconds = draw.pick(steps ?? usual);
  const count = Math.floor((wanted * HOUR_SECONDS) / stepSeconds);
  const [month, day, hour] = [draw.whole(0, 11), draw.whole(1, 28), draw.whole(0, 23)];
  return {
    count,
    stepSeconds,
    startSeconds: Date.UTC(2025, month, day, hour, draw.whole(0, 59), draw.pick([0, 7, 13])) / 1000,
    hours: (count * stepSeconds) / HOUR_SECONDS,
    seconds: Float64Array.from({ length: count }, (_, at) => at * stepSeconds),
  };
}

export const fill = (clock: Clock, valueAt: (seconds: number, at: number) => number): Float64Array =>
  Float64Array.from(clock.seconds, valueAt);

export function sum(...parts: readonly (Float64Array | number)[]): Float64Array {
  const length = Math.max(...parts.map((part) => (typeof part === 'number' ? 0 : part.length)));
  return Float64Array.from({ length }, (_, at) =>
    parts.reduce<number>((total, part) => total + (typeof part === 'number' ? part : part[at]!), 0),
  );
}

/** What a rate for each second adds up to, before each look. */
export function integral(clock: Clock, rate: Float64Array): Float64Array {
  let total = 0;
  return rate.map((each) => {
    const before = total;
    total += each * clock.stepSeconds;
    return before;
  });
}

/** Noise that forgets within some hours, whatever the step. */
export function wander(draw: Draws, clock: Clock, spread: number, memoryHours: number): Float64Array {
  const kept = Math.exp(-clock.stepSeconds / (memoryHours * HOUR_SECONDS));
  const news = spread * Math.sqrt(1 - kept * kept);
  let level = draw.normal() * spread;
  return fill(clock, () => {
    const now = level;
    level = kept * level + news * draw.normal();
    return now;
  });
}
