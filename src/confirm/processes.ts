import { looksLikeCounter } from '../analysis/series/counters.ts';
import { roleOf } from '../analysis/series/metric-roles.ts';
import {
  type Restart,
  restartsOfCount,
  restartsOfCounter,
  restartsOfDrops,
  restartsOfStartTimes,
} from '../analysis/series/restarts.ts';
import { differences, median } from '../analysis/series/robust.ts';
import type { EventStream } from '../model/event-stream.ts';
import { firstAtOrAfter, type Series } from '../model/series.ts';
import type { StretchContext } from './judgement.ts';

/** One life of a process within the data. */
export interface Life {
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** How it began; null for the first. */
  readonly restart: Restart | null;
}

const RESTARTING = new Set(['restart', 'oom-kill']);

/**
 * Cuts a series where a new process begins. What says so outright (start times, an uptime, counters that begin again, events) is
 * believed, and then drops in memory are not looked at; only without any of it they are all there is.
 */
export function livesOf(
  memory: Series,
  others: readonly Series[],
  events: readonly EventStream[],
  ceiling: number | null,
  { isHeap, isResident }: Pick<StretchContext, 'isHeap' | 'isResident'>,
): { lives: Life[]; told: boolean } {
  const { times, values } = memory;
  const starts = others.filter(({ name, labels }) => roleOf(name, labels) === 'start-time');
  const counters = others.filter((series) => {
    const role = roleOf(series.name, series.labels);
    return (
      role === 'uptime' || ((series.kind === 'counter' || role?.startsWith('gc')) && looksLikeCounter(series))
    );
  });
  // A count that stands still says little: the pods of a rollout each begin with none.
  const counted = others
    .filter(({ name, labels }) => roleOf(name, labels) === 'restarts')
    .flatMap(restartsOfCount);
  const told = starts.length > 0 || counters.length > 0 || counted.length > 0;
  const found = [
    ...counted,
    ...starts.flatMap(restartsOfStartTimes),
    ...counters.flatMap(restartsOfCounter),
    ...events.flatMap(restartsOfEvents),
  ];
  if (!told) found.push(...restartsOfDrops(times, values, ceiling, isHeap, isResident));
  const restarts = merged(found, 3 * median(differences(times)), told);
  const cuts = restarts
    .map((restart) => ({ restart, at: firstAtOrAfter(times, restart.atMs) }))
    .filter(({ at }, index, all) => at > 0 && at < times.length && at !== all[index - 1]?.at);
  const bounds = [0, ...cuts.map(({ at }) => at), times.length];
  const lives = bounds.slice(0, -1).map((from, index) => ({
    times: times.subarray(from, bounds[index + 1]!),
    values: values.subarray(from, bounds[index + 1]!),
    restart: index === 0 ? null : cuts[index - 1]!.restart,
  }));
  return { lives, told };
}

function restartsOfEvents({ times, kinds }: EventStream): Restart[] {
  return [...times].flatMap((atMs, at) =>
    RESTARTING.has(kinds[at]!) ? [{ atMs, sign: 'event' as const }] : [],
  );
}

/** Several signs of one restart count once: the one that says most stays. */
function merged(restarts: readonly Restart[], withinMs: number, told: boolean): Restart[] {
  const rank = { 'start-time': 0, 'restart-count': 1, 'counter-reset': 2, drop: 3, event: 4 } as const;
  const sorted = restarts.toSorted((a, b) => a.atMs - b.atMs || rank[a.sign] - rank[b.sign]);
  const kept: Restart[] = [];
  for (const restart of sorted) {
    const last = kept.at(-1);
    if (last && restart.atMs - last.atMs <= withinMs) {
      if (rank[restart.sign] < rank[last.sign]) kept[kept.length - 1] = restart;
    } else kept.push(restart);
  }
  // Where start times are known, an event that none of them bears out was another pod's.
  return told ? kept.filter(({ sign }) => sign !== 'event') : kept;
}
