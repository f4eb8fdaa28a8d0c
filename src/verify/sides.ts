import { roleOf } from '../analysis/series/metric-roles.ts';
import { confirmSet } from '../confirm/confirm-set.ts';
import { joinPods, withoutCopies } from '../confirm/pods.ts';
import type { EventStream } from '../model/event-stream.ts';
import type { Series } from '../model/series.ts';
import type { SeriesSide } from './series-side.ts';

const IDENTITIES = ['pid', 'pod', 'instance', 'container', 'host', 'worker', 'process', 'replica'];

export interface SidesOptions {
  readonly metric?: string | undefined;
  readonly limit?: number | undefined;
  readonly events?: readonly EventStream[] | undefined;
  readonly operations?: number | undefined;
}

/**
 * The memory series among many, each with what was measured of the same process beside it; the worst first.
 *
 * @throws UsageError when no series is called `metric`, or none says memory
 */
export function sidesOf(all: readonly Series[], options: SidesOptions = {}): SeriesSide[] {
  const judged = confirmSet(all, options);
  return judged.flatMap(({ metric, labels, source }) => {
    const named = joinPods(withoutCopies(all.filter(({ name }) => name === metric)));
    const found = named.find(
      ({ series }) => series.source === source && JSON.stringify(series.labels) === JSON.stringify(labels),
    );
    if (!found) return [];
    return [
      {
        memory: found.series,
        others: all.filter(({ name, labels: own }) => name !== metric && isOfOne(own, labels)),
        events: [...(options.events ?? []), ...found.events],
        limit: options.limit ?? null,
        operations: options.operations ?? null,
      },
    ];
  });
}

/** The name under which the same thing is measured on the other side: exporters differ, what they measure does not. */
export function metricLike(metric: Series, all: readonly Series[]): string | undefined {
  if (all.some(({ name }) => name === metric.name)) return metric.name;
  const role = roleOf(metric.name, metric.labels);
  return role === null ? undefined : all.find(({ name, labels }) => roleOf(name, labels) === role)?.name;
}

function isOfOne(a: Series['labels'], b: Series['labels']): boolean {
  return IDENTITIES.every((key) => a[key] === undefined || b[key] === undefined || a[key] === b[key]);
}
