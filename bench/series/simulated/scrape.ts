import { type Series, type SeriesMeta, seriesFrom } from '../../../src/model/series.ts';
import type { Random } from '../random.ts';

/** How a monitor sees a process: its rhythm, its rounding, what it misses. */
export interface Scrape {
  /** Seconds from the start, with jitter. */
  readonly seconds: Float64Array;
  readonly stepS: number;
  readonly spanS: number;
  /** One of what people's tables have: exact bytes, whole MB, GB with two digits. */
  readonly rounds: (bytes: number) => number;
  /** Indexes that arrived. */
  readonly kept: readonly number[];
}

const START_MS = Date.UTC(2025, 8, 30, 13, 7, 23);

export function scrapeOf(random: Random, spanHours: readonly [number, number], base: number): Scrape {
  const spanS = random.spread(spanHours[0], spanHours[1]) * 3600;
  const least = spanS / 6000;
  const stepS = random.pick(
    [5, 10, 15, 30, 60, 120, 300].filter((step) => step >= least && spanS / step >= 100),
  );
  const count = Math.floor(spanS / stepS);
  const jitter = random.pick([0, 0, 0.02, 0.2]);
  const seconds = Float64Array.from({ length: count }, (_, at) => (at + jitter * random.next()) * stepS);
  const unit = random.pick([1, 1, 4096, 1e6, 1024 ** 2, 1e7].filter((each) => each <= base / 80));
  const lost = random.pick([0, 0, 0.01, 0.1]);
  const outages = random.chance(0.3) ? random.whole(1, 3) : 0;
  const gaps = Array.from({ length: outages }, () => {
    const from = random.whole(0, count);
    return [from, from + count * random.between(0.005, 0.06)] as const;
  });
  const kept = Array.from({ length: count }, (_, at) => at).filter(
    (at) => !random.chance(lost) && !gaps.some(([from, to]) => at >= from && at < to),
  );
  return { seconds, stepS, spanS, rounds: (bytes) => Math.round(bytes / unit) * unit, kept };
}

export function seen(
  { seconds, rounds, kept }: Scrape,
  meta: Pick<SeriesMeta, 'name'> & Partial<SeriesMeta>,
  values: Float64Array,
): Series {
  const bytes = (meta.unit ?? 'bytes') === 'bytes';
  return seriesFrom(
    { labels: {}, unit: 'bytes', kind: 'gauge', source: 'simulated', ...meta },
    kept.map((at) => START_MS + Math.round(seconds[at]! * 1000)),
    kept.map((at) => (bytes ? rounds(values[at]!) : values[at]!)),
  );
}

export function atMs(second: number): number {
  return START_MS + second * 1000;
}

/** Noise of other kinds than the normal: heavy tails, drift that reverts, a few looks that are far off. */
export function shaken(random: Random, values: Float64Array, share: number): Float64Array {
  const kind = random.pick(['laplace', 'wander', 'rare', 'mixed', 'none'] as const);
  const scale = share * (values[0] ?? 0);
  const reverts = random.spread(0.005, 0.5);
  let wander = 0;
  return values.map((value) => {
    wander += -reverts * wander + Math.sqrt(2 * reverts) * random.normal();
    const laplace = Math.log(1 - random.next()) * (random.chance(0.5) ? 1 : -1) * 0.7;
    const rare = random.chance(0.01) ? random.between(0, 10) : 0;
    const noise = { laplace, wander, rare, mixed: 0.5 * laplace + 0.5 * wander + 0.3 * rare, none: 0 }[kind];
    return Math.max(0.2 * value, value + scale * noise);
  });
}
