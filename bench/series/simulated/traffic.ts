import type { Random } from '../random.ts';

const DAY_S = 86_400;

export interface Traffic {
  /** Requests a second at a second of the run. */
  at(second: number): number;
  /** Mean over days. */
  readonly mean: number;
}

/**
 * Two peaks a day, weekends that are quieter, a level that drifts as a mean-reverting walk, and now and then a rush. No two days are alike.
 */
export function trafficOf(random: Random, seconds: number): Traffic {
  const mean = random.spread(2, 800);
  const swing = random.between(0, 0.7);
  const weekend = random.between(0.4, 1);
  const startDay = random.whole(0, 6);
  const phase = random.between(0, DAY_S);
  const knotS = 600;
  const knots: number[] = [];
  const reverts = random.between(0.01, 0.2);
  const shake = random.between(0.005, 0.06);
  let drift = 0;
  let rush = 0;
  for (let at = 0; at <= seconds / knotS + 1; at++) {
    drift += -reverts * drift + shake * random.normal();
    rush = rush > 0.05 ? rush * random.between(0.3, 0.8) : random.chance(0.002) ? random.between(0.5, 3) : 0;
    knots.push(drift + rush);
  }
  const at = (second: number): number => {
    const clock = (second + phase) / DAY_S;
    const hour = (clock % 1) * 24;
    const peaks = Math.exp(-(((hour - 11) / 3) ** 2)) + 1.2 * Math.exp(-(((hour - 20) / 2.5) ** 2)) - 0.45;
    const day = (startDay + Math.floor(clock)) % 7;
    const week = day >= 5 ? weekend : 1;
    const knot = Math.min(knots.length - 2, Math.max(0, Math.floor(second / knotS)));
    const share = second / knotS - knot;
    const wander = knots[knot]! * (1 - share) + knots[knot + 1]! * share;
    return Math.max(0.02 * mean, mean * (1 + swing * peaks) * week * (1 + wander));
  };
  return { at, mean };
}
