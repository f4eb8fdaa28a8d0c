import { type Clock, DAY_SECONDS, HOUR_SECONDS, wander } from './clock.ts';
import type { Draws } from './draws.ts';

/** Load beside its usual one: days of two humps, quiet week-ends, bursts that fade within the hour. */
export function traffic(
  draw: Draws,
  clock: Clock,
  options: { readonly amp?: number; readonly weekend?: number } = {},
): Float64Array {
  const amp = options.amp ?? draw.between(0.3, 0.8);
  const peak = draw.between(10, 20) * HOUR_SECONDS;
  const second = draw.between(0, 0.35);
  const secondPeak = draw.between(0, DAY_SECONDS);
  const weekend = options.weekend ?? draw.between(0.4, 1);
  const noise = wander(draw, clock, draw.between(0.03, 0.1), draw.between(0.1, 1));
  const wave = (seconds: number, turns: number): number =>
    Math.cos((2 * Math.PI * turns * seconds) / DAY_SECONDS);
  let burst = 0;
  return clock.seconds.map((since, at) => {
    const now = clock.startSeconds + since;
    const weekday = (Math.floor(now / DAY_SECONDS) + 4) % 7;
    const ofDay = 1 + amp * (wave(now - peak, 1) + second * wave(now - secondPeak, 2));
    if (draw.chance(clock.stepSeconds / (30 * HOUR_SECONDS))) burst = draw.between(0.3, 1.5);
    burst *= Math.exp(-clock.stepSeconds / (0.4 * HOUR_SECONDS));
    const rest = weekday === 0 || weekday === 6 ? weekend : 1;
    return Math.max(0.02, ofDay * rest * (1 + burst) * Math.exp(noise[at]!));
  });
}

/** A total of requests. */
export function counter(draw: Draws, clock: Clock, load: Float64Array, perSecond: number): Float64Array {
  let total = draw.between(0, 1e6);
  return load.map((each) => {
    total += draw.poisson(each * perSecond * clock.stepSeconds);
    return total;
  });
}

/** What follows the traffic cannot be told from a leak in less than two days without the traffic beside it. */
export const beside = (
  draw: Draws,
  clock: Clock,
  load: Float64Array,
  share: number = 0.4,
): Record<string, Float64Array> =>
  clock.hours < 48 || draw.chance(share) ? { http_requests_total: counter(draw, clock, load, 20) } : {};

/** Memory that follows the load within half an hour. */
export function course(
  _draw: Draws,
  clock: Clock,
  load: Float64Array,
  base: number,
  share: number,
): Float64Array {
  const kept = Math.exp(-clock.stepSeconds / (0.5 * HOUR_SECONDS));
  let level = load[0]!;
  return load.map((each) => {
    level = kept * level + (1 - kept) * each;
    return base * share * (level - 1);
  });
}
