import { increaseOf, looksLikeCounter, rateOf, valuesAt } from '../analysis/series/counters.ts';
import { type MetricRole, roleOf } from '../analysis/series/metric-roles.ts';
import { differences, median } from '../analysis/series/robust.ts';
import { type Series, sliceSeries } from '../model/series.ts';
import type { StretchContext } from './judgement.ts';
import { HOUR_MS } from './stretch.ts';

const MEMORY_WITH_CACHE: ReadonlySet<MetricRole | null> = new Set(['usage']);
const RESIDENT: ReadonlySet<MetricRole | null> = new Set(['rss', 'pss', 'working-set', 'usage']);
const COUNTED: ReadonlySet<MetricRole | null> = new Set([
  'goroutines',
  'listeners',
  'descriptors',
  'concurrency',
]);
const HEAPS: ReadonlySet<MetricRole | null> = new Set(['heap-used', 'heap-old']);

/** What the series beside it tell of a memory series, by their roles. */
export function contextOf(memory: Series, others: readonly Series[], limit: number | null): StretchContext {
  const role = roleOf(memory.name, memory.labels);
  const withRole = (...roles: MetricRole[]): Series[] =>
    others.filter(({ name, labels }) => roles.includes(roleOf(name, labels)!));
  const [majors] = withRole('gc-major-count').filter(
    (each) => each.kind === 'counter' || looksLikeCounter(each),
  );
  const [gcTime] = withRole('gc-time');
  const [load] = withRole('load');
  const heap = HEAPS.has(role);
  return {
    limit,
    isHeap: heap,
    isResident: RESIDENT.has(role),
    isCount: COUNTED.has(role) || memory.unit === 'count',
    mayBePageCache: MEMORY_WITH_CACHE.has(role) && withRole('working-set', 'rss', 'page-cache').length === 0,
    collections: majors ? (from, to) => increaseOf(sliceSeries(majors, from, to + 1)) : null,
    gcTime: gcTime ? gcShare(gcTime) : null,
    load: load ? loadAt(load) : null,
  };
}

function gcShare(series: Series): (fromMs: number, toMs: number) => number {
  const isTotal = looksLikeCounter(series);
  return (fromMs, toMs) => {
    const part = sliceSeries(series, fromMs, toMs + 1);
    if (part.values.length < 2) return Number.NaN;
    return isTotal ? increaseOf(part) / ((toMs - fromMs) / 1000) : median(part.values);
  };
}

/** Load at the middle of windows: mean rate of a total, or the level of a gauge, over as long as the windows are apart. */
function loadAt(series: Series): (times: Float64Array) => Float64Array {
  const level = series.kind === 'counter' || looksLikeCounter(series) ? rateOf(series) : series;
  return (times) => {
    const width = times.length > 1 ? median(differences(times)) : HOUR_MS;
    const staleMs = Math.max(width, 2 * median(differences(level.times)));
    const fallback = valuesAt(level, times, staleMs);
    return times.map((time, at) => {
      const { values } = sliceSeries(level, time - width / 2, time + width / 2 + 1);
      return values.length > 0 ? median(values) : fallback[at]!;
    });
  };
}

/** The last limit among series, in the unit of the memory; what is a share of one ends at all of it. */
export function limitAmong(others: readonly Series[], memory: Series): number | null {
  const wanted = HEAPS.has(roleOf(memory.name, memory.labels)) ? ['heap-limit', 'limit'] : ['limit'];
  for (const role of wanted) {
    const found = others.find((each) => roleOf(each.name, each.labels) === role && each.unit === memory.unit);
    const last = found?.values.at(-1);
    if (last !== undefined && last > 0) return last;
  }
  const isShare = memory.unit === 'share' && roleOf(memory.name, memory.labels) === 'memory-share';
  return isShare && memory.values.every((value) => value <= 1) ? 1 : null;
}
