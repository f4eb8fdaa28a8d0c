import { differences, median } from '../analysis/series/robust.ts';
import { grouped } from '../base/grouped.ts';
import { type EventStream, eventStreamFrom } from '../model/event-stream.ts';
import { type Labels, type Series, seriesFrom } from '../model/series.ts';

/** Labels that tell copies of one measurement apart, not things that are measured. */
const COPIES = [
  'prometheus_replica',
  '__replica__',
  'replica',
  'prometheus',
  'id',
  'image',
  'name',
  'endpoint',
  'metrics_path',
  'service',
  'uid',
];
const OF_CONTAINERS = /^container_/;
const POD_LABELS = ['pod', 'pod_name', 'kubernetes_pod_name'];

/** The same thing measured more than once becomes one series: two Prometheis, or cAdvisor's rows for pod, pause and image. */
export function withoutCopies(all: readonly Series[]): Series[] {
  const withContainers = podsWithContainers(all);
  const measured = all.filter(({ labels, name }) => {
    const isWholePod = OF_CONTAINERS.test(name) && 'pod' in labels && (labels['container'] ?? '') === '';
    return labels['container'] !== 'POD' && !(isWholePod && withContainers.has(labels['pod'] ?? ''));
  });
  return grouped(measured, ({ labels, name, source }) => {
    const kept = Object.entries(labels).filter(([key]) => !COPIES.includes(key));
    return JSON.stringify([name, source, kept.sort()]);
  }).map((group) => (group.length === 1 ? group[0]! : united(group)));
}

/** cAdvisor also gives a row for the whole pod, without a container: it would count everything twice. */
function podsWithContainers(all: readonly Series[]): Set<string> {
  const named = all.filter(
    ({ name, labels }) => OF_CONTAINERS.test(name) && (labels['container'] ?? '') !== '',
  );
  return new Set(named.flatMap(({ labels }) => labels['pod'] ?? []));
}

/** One series of several copies: at about the same time the larger value, as `max by` has it. */
function united(group: readonly Series[]): Series {
  const longest = group.reduce((a, b) => (b.times.length > a.times.length ? b : a));
  const stepMs = longest.times.length > 1 ? median(differences(longest.times)) : 0;
  const points = group.flatMap(({ times, values }) =>
    [...times].map((time, at) => ({ time, value: values[at]! })),
  );
  points.sort((a, b) => a.time - b.time);
  const kept: { time: number; value: number }[] = [];
  for (const point of points) {
    const last = kept.at(-1);
    if (last && point.time - last.time < stepMs * 0.6) last.value = Math.max(last.value, point.value);
    else kept.push({ ...point });
  }
  const labels = Object.fromEntries(Object.entries(longest.labels).filter(([key]) => !COPIES.includes(key)));
  return seriesFrom(
    { ...longest, labels },
    kept.map(({ time }) => time),
    kept.map(({ value }) => value),
  );
}

/** The name of a pod without what its ReplicaSet, StatefulSet, DaemonSet or Job put behind it. */
export function ownerOfPod(pod: string): string {
  return pod
    .replace(/-[bcdf-hj-np-tv-z2-9]{5}$/, '')
    .replace(/-[bcdf-hj-np-tv-z2-9]{6,10}$/, '')
    .replace(/-\d+$/, '');
}

export interface JoinedPods {
  readonly series: Series;
  /** A restart at each seam. */
  readonly events: readonly EventStream[];
}

/**
 * Pods of one owner that follow each other become one series with a restart at each seam: a rollout renames a service, it
 * does not end it. Pods that live side by side stay apart.
 */
export function joinPods(all: readonly Series[]): JoinedPods[] {
  const chains: Series[][] = [];
  const byOwner = new Map<string, Series[][]>();
  const sorted = all.filter(({ times }) => times.length > 0).toSorted((a, b) => a.times[0]! - b.times[0]!);
  for (const series of sorted) {
    const pod = podOf(series.labels);
    const owner = pod === null ? null : ownerKey(series, pod);
    const known = (owner === null ? undefined : byOwner.get(owner)) ?? [];
    const chain = known.find((each) => podOf(each.at(-1)!.labels) !== pod && follows(each.at(-1)!, series));
    if (chain) {
      chain.push(series);
      continue;
    }
    const begun = [series];
    chains.push(begun);
    if (owner !== null) byOwner.set(owner, [...known, begun]);
  }
  return chains.map((chain) => (chain.length === 1 ? { series: chain[0]!, events: [] } : joined(chain)));
}

function podOf(labels: Labels): string | null {
  for (const key of POD_LABELS) if (labels[key]) return labels[key];
  return null;
}

/** What pods of one service have in common. */
function ownerKey({ name, labels }: Series, pod: string): string {
  const rest = Object.entries(labels).filter(
    ([key]) => !['instance', 'node', 'pod_ip', ...POD_LABELS].includes(key),
  );
  return JSON.stringify([name, ownerOfPod(pod), rest.sort()]);
}

/** Two pods overlap for some minutes while a rollout goes on. */
const OVERLAP_MS = 10 * 60_000;

function follows(before: Series, after: Series): boolean {
  const end = before.times.at(-1)!;
  const start = after.times[0]!;
  const length = Math.min(end - before.times[0]!, after.times.at(-1)! - start);
  return start > end - Math.min(OVERLAP_MS, length / 2);
}

function joined(chain: readonly Series[]): JoinedPods {
  const times: number[] = [];
  const values: number[] = [];
  const seams = chain.slice(1).map((series) => series.times[0]!);
  chain.forEach((series, index) => {
    series.times.forEach((time, at) => {
      if (time >= (seams[index] ?? Number.POSITIVE_INFINITY)) return;
      times.push(time);
      values.push(series.values[at]!);
    });
  });
  const last = chain.at(-1)!;
  const events = seams.map((atMs, index) => ({
    atMs,
    kind: 'restart' as const,
    text: `pod ${podOf(chain[index + 1]!.labels)} takes over`,
  }));
  return { series: seriesFrom(last, times, values), events: [eventStreamFrom(last.source, events)] };
}
