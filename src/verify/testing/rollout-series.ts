import { type Series, seriesFrom } from '../../model/series.ts';
import type { SeriesSide } from '../series-side.ts';
import { Draws } from './draws.ts';

/** A made-up service before and after a rollout; everything about it hangs on the seed. */
export interface Rollout {
  readonly before: SeriesSide;
  readonly after: SeriesSide;
  /** Bytes an hour before the rollout, at the load before it. */
  readonly ratePerHour: number;
}

export interface RolloutOptions {
  readonly seed: number;
  /** What is left of the leak after the rollout. */
  readonly left: number;
  readonly hoursBefore?: number;
  readonly hoursAfter?: number;
  readonly stepSeconds?: number;
  /** Growth before, as a share of the base in a day. */
  readonly shareADay?: number;
  /** Load after over load before; counted in both. Without it nobody counts. */
  readonly load?: number;
}

export const KINDS = ['rss', 'noisy-rss', 'heap-teeth', 'diurnal'] as const;
export type Kind = (typeof KINDS)[number];

const HOUR_MS = 3_600_000;
const MIB = 1024 ** 2;
const START = Date.UTC(2024, 2, 4);
const REQUESTS_A_SECOND = 120;

export function rollout(kind: Kind, options: RolloutOptions): Rollout {
  const { seed, left, hoursBefore = 24, hoursAfter = 24, stepSeconds = 60, shareADay } = options;
  const random = new Draws(seed * 6151 + kind.length * 13 + kind.charCodeAt(0));
  const base = random.spread(100, 2000) * MIB;
  const ratePerHour = (base * (shareADay ?? random.between(0.4, 1.2))) / 24;
  const noise = base * (kind === 'noisy-rss' ? random.between(0.01, 0.02) : random.between(0.002, 0.005));
  const memory = kind === 'noisy-rss' ? 0.8 : random.next() < 0.5 ? 0 : 0.5;
  const warm = base * random.between(0.1, 0.4);
  const swing = kind === 'diurnal' ? base * random.between(0.03, 0.08) : 0;
  const tooth =
    kind === 'heap-teeth'
      ? { depth: base * random.between(0.1, 0.3), hours: random.between(0.05, 0.2) }
      : null;
  const name = tooth ? 'nodejs_heap_size_used_bytes' : 'process_resident_memory_bytes';
  const side = (fromHour: number, lasts: number, rate: number, grown: number, load: number): SeriesSide => {
    const count = Math.floor((lasts * 3600) / stepSeconds) + 1;
    const tau = random.between(0.05, 0.15);
    let wander = noise * random.normal();
    let toothAt = random.next();
    const times: number[] = [];
    const values: number[] = [];
    const done: number[] = [];
    for (let at = 0; at < count; at++) {
      const hour = (at * stepSeconds) / 3600;
      wander = memory * wander + Math.sqrt(1 - memory ** 2) * noise * random.normal();
      if (tooth) {
        toothAt += stepSeconds / 3600 / (tooth.hours * random.between(0.85, 1.15));
        if (toothAt >= 1) toothAt = 0;
      }
      times.push(START + (fromHour + hour) * HOUR_MS);
      values.push(
        base -
          warm * Math.exp(-hour / tau) * (grown === 0 ? 1 : 0) +
          rate * load * hour +
          grown +
          wander +
          (tooth ? tooth.depth * toothAt : 0) +
          (swing / 2) * Math.sin((2 * Math.PI * (fromHour + hour)) / 24),
      );
      done.push(Math.round(REQUESTS_A_SECOND * load * hour * 3600));
    }
    const series = (called: string, unit: 'bytes' | 'count', numbers: number[]): Series =>
      seriesFrom(
        { name: called, labels: {}, unit, kind: unit === 'count' ? 'counter' : 'gauge', source: 'made' },
        times,
        numbers,
      );
    return {
      memory: series(name, 'bytes', values),
      others: options.load === undefined ? [] : [series('http_requests_total', 'count', done)],
    };
  };
  // It had leaked for some hours when the view begins; after the rollout it begins anew.
  return {
    before: side(0, hoursBefore, ratePerHour, ratePerHour * random.between(5, 30), 1),
    after: side(hoursBefore + 0.1, hoursAfter, ratePerHour * left, 0, options.load ?? 1),
    ratePerHour,
  };
}
