import { setTimeout as sleep } from 'node:timers/promises';
import { F64List } from '../../base/f64-list.ts';
import type { OnProgress } from '../../base/progress.ts';
import { type Series, type SeriesSet, seriesFrom, seriesId } from '../../model/series.ts';
import { readSeries } from '../../sources/series/read-series.ts';

export interface WatchOptions {
  readonly forMs: number;
  readonly metric?: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: OnProgress | undefined;
}

const LOOKS = 400;
const LEAST_EVERY_MS = 1000;

/** Watches a process of this machine, or the `/metrics` page of one elsewhere, for a time. A server with Prometheus' API is asked when it is over. */
export async function watchTarget(target: string, options: WatchOptions): Promise<SeriesSet> {
  const { forMs, metric, signal, onProgress } = options;
  if (!/^https?:/.test(target)) {
    return readSeries(target, { forMs, metric, signal, ...(onProgress ? { onProgress } : {}) });
  }
  if (!new URL(target).pathname.endsWith('/metrics')) {
    const sinceMs = Date.now();
    await untilOver(forMs, signal, onProgress);
    return readSeries(target, { metric, sinceMs, signal });
  }
  return scrape(target, options);
}

async function scrape(target: string, { forMs, signal, onProgress }: WatchOptions): Promise<SeriesSet> {
  const everyMs = Math.max(LEAST_EVERY_MS, forMs / LOOKS);
  const points = new Map<string, { series: Series; times: F64List; values: F64List }>();
  const started = performance.now();
  let notes: readonly string[] = [];
  for (let looks = 1; ; looks++) {
    const nowMs = Date.now();
    const set = await readSeries(target, { signal, nowMs });
    notes = set.notes;
    for (const series of set.series) {
      const last = series.values.at(-1);
      if (last === undefined) continue;
      const id = seriesId(series);
      const point = points.get(id) ?? { series, times: new F64List(), values: new F64List() };
      points.set(id, point);
      point.times.push(nowMs);
      point.values.push(last);
    }
    const elapsedMs = performance.now() - started;
    onProgress?.('watching, seconds', Math.round(elapsedMs / 1000), Math.round(forMs / 1000));
    if (elapsedMs >= forMs) break;
    await sleep(Math.max(0, Math.min(forMs, looks * everyMs) - elapsedMs), undefined, { signal });
  }
  return {
    series: [...points.values()].map(({ series, times, values }) =>
      seriesFrom(series, times.view(), values.view()),
    ),
    events: [],
    notes,
  };
}

async function untilOver(forMs: number, signal: AbortSignal, onProgress?: OnProgress): Promise<void> {
  const started = performance.now();
  for (;;) {
    const elapsedMs = performance.now() - started;
    onProgress?.('waiting, seconds', Math.round(elapsedMs / 1000), Math.round(forMs / 1000));
    if (elapsedMs >= forMs) return;
    await sleep(Math.min(1000, forMs - elapsedMs), undefined, { signal });
  }
}
