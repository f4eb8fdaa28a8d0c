import type { Labels, Series } from '../../model/series.ts';
import type { PrometheusClient } from './client.ts';

/** More series than this are not asked for as they were scraped: a point each `stepMs` is enough to rank them. */
export const MANY = 60;
/** So many points of a series show its floor, its restarts and a day's course. */
const POINTS = 480;
const LEAST_STEP_MS = 15_000;
/** Series in one answer: some megabytes. */
const BATCH = 400;
/** Labels that differ from process to process, those that say most first. */
const TELLING = ['pod', 'instance', 'container', 'id', 'name', 'host', 'worker'];

/**
 * Many series of one metric in batches, so that neither side ever holds all of them: the lowest sample of each step, which is what a floor
 * is made from, with start times and limits of the same processes.
 *
 * @param name of the metric; @param matchers as `{job="api"}`, or empty
 */
export async function* seriesInBatches(
  client: PrometheusClient,
  { name, matchers }: { readonly name: string; readonly matchers: string },
  found: readonly Labels[],
  fromMs: number,
  toMs: number,
): AsyncGenerator<Series[]> {
  const stepMs = Math.max(LEAST_STEP_MS, Math.ceil((toMs - fromMs) / POINTS / 1000) * 1000);
  const inner = matchers.slice(1, -1).trim();
  const lowest = async (metric: string, only: string): Promise<Series[]> => {
    const selector = `${metric}{${[inner, only].filter((part) => part !== '').join(',')}}`;
    const series = await client.queryRange(
      `min_over_time(${selector}[${stepMs / 1000}s])`,
      fromMs + stepMs,
      toMs,
      stepMs,
    );
    return series.map((each) => client.named(each, metric));
  };
  for (const only of batchesOf(found)) {
    const batch = await lowest(name, only);
    for (const beside of besideOf(name)) batch.push(...(await lowest(beside, only)));
    yield batch;
  }
}

function besideOf(name: string): readonly string[] {
  return name.startsWith('container_')
    ? ['container_start_time_seconds', 'container_spec_memory_limit_bytes']
    : ['process_start_time_seconds'];
}

/** Matchers that cut the series into batches by the label that has most values; one empty matcher when nothing tells them apart. */
function batchesOf(found: readonly Labels[]): string[] {
  const values = (label: string): string[] => [...new Set(found.map((labels) => labels[label] ?? ''))];
  const label = TELLING.toSorted((a, b) => values(b).length - values(a).length)[0]!;
  const all = values(label);
  if (all.length < 2) return [''];
  const each = Math.max(1, Math.floor((BATCH * all.length) / found.length));
  const batches: string[] = [];
  for (let from = 0; from < all.length; from += each) {
    const some = all.slice(from, from + each).map(escaped);
    batches.push(`${label}=~"${some.join('|')}"`);
  }
  return batches;
}

/** For a regular expression (RE2) within a quoted string. */
function escaped(value: string): string {
  return value
    .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"');
}
