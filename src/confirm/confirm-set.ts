import { MEMORY_ROLES, type MetricRole, roleOf } from '../analysis/series/metric-roles.ts';
import { UsageError } from '../base/errors.ts';
import { grouped } from '../base/grouped.ts';
import type { EventStream } from '../model/event-stream.ts';
import { type Labels, type Series, seriesId, sliceSeries } from '../model/series.ts';
import { confirm } from './confirm.ts';
import type { Confirmation } from './confirmation.ts';
import { joinPods, withoutCopies } from './pods.ts';
import { withReplicaColumns } from './replica-columns.ts';

export interface ConfirmSetOptions {
  /** Name (or `name{label="value"}`) of the memory; the first whose name says memory when absent. */
  readonly metric?: string | undefined;
  /** In the base unit of the metric. */
  readonly limit?: number | undefined;
  /** As `ConfirmInput.leastMs`. */
  readonly leastMs?: number | undefined;
  /** Samples before this are left out, milliseconds since 1970. */
  readonly sinceMs?: number | undefined;
  readonly events?: readonly EventStream[] | undefined;
}

/**
 * Judges every memory series of a set, each with the series of its own process beside it, worst first. The first is the answer:
 * one leaking replica of many is a leak.
 *
 * @throws UsageError when no series is called `metric`, or none says memory
 */
export function confirmSet(all: readonly Series[], options: ConfirmSetOptions = {}): Confirmation[] {
  const cut = all.map((each) =>
    options.sinceMs === undefined ? each : sliceSeries(each, options.sinceMs, Number.POSITIVE_INFINITY),
  );
  const asked = options.metric !== undefined;
  const distinct = asked ? withoutCopies(cut) : withReplicaColumns(withoutCopies(cut));
  const chosen = asked ? called(distinct, options.metric!) : chooseMemory(distinct);
  const judged = judgeEach(chosen, distinct, options);
  const further = asked ? [] : secondOpinions(judged, chosen, distinct, options);
  return [...judged, ...further].map(({ result }) => result).toSorted(worstFirst);
}

interface Judged {
  readonly memory: Series;
  readonly result: Confirmation;
}

/** Each of some series, with what else is known of its process. */
function judgeEach(chosen: readonly Series[], all: readonly Series[], options: ConfirmSetOptions): Judged[] {
  const taken = new Set(chosen);
  const rest = all.filter((each) => !taken.has(each));
  const companions = companionsIn(rest);
  const beginnings = new Map<string, number>();
  for (const { source, times } of chosen)
    beginnings.set(
      source,
      Math.min(beginnings.get(source) ?? Number.POSITIVE_INFINITY, times[0] ?? Number.POSITIVE_INFINITY),
    );
  return joinPods(chosen).map(({ series, events }) => ({
    memory: series,
    result: confirm({
      memory: series,
      others: companions(series).filter((each) => belongs(each, series, chosen.length)),
      events: [...(options.events ?? []), ...events],
      ...(options.limit === undefined ? {} : { limit: options.limit }),
      leastMs: options.leastMs,
      dataFromMs: beginnings.get(series.source),
    }),
  }));
}

/** Roles that may show a leak which the first memory does not: native memory beside a heap, a heap below what a process has once taken. */
const SECOND_ROLES: ReadonlySet<MetricRole | null> = new Set([
  'heap-old',
  'heap-used',
  'working-set',
  'rss',
  'pss',
  'memory',
]);

/** Nobody is cleared by one kind of memory while another kind of the same process leaks. */
function secondOpinions(
  first: readonly Judged[],
  chosen: readonly Series[],
  all: readonly Series[],
  options: ConfirmSetOptions,
): Judged[] {
  const taken = new Set(chosen);
  const candidates = all.filter(
    (each) => SECOND_ROLES.has(roleOf(each.name, each.labels)) && !taken.has(each),
  );
  const beside = companionsIn(candidates);
  const open = first.filter(({ result }) => result.verdict !== 'leak');
  const others = new Set(
    open.flatMap(({ memory }) => {
      const role = roleOf(memory.name, memory.labels);
      return beside(memory).filter(
        (each) =>
          each.source === memory.source &&
          roleOf(each.name, each.labels) !== role &&
          belongs(each, memory, chosen.length),
      );
    }),
  );
  const found: Judged[] = [];
  for (const group of grouped(others, ({ name }) => name))
    found.push(...judgeEach(group, all, options).filter(({ result }) => result.verdict === 'leak'));
  return found;
}

/** The series of a name, or of a name and labels. */
function called(all: readonly Series[], metric: string): Series[] {
  const exact = all.filter(
    (each) => each.name === metric || seriesId(each) === metric || metricOf(each, metric),
  );
  if (exact.length > 0) return exact;
  throw new UsageError(`no series is called '${metric}'`, `there are: ${namesOf(all)}`);
}

/** The series that are the memory in question: of each file or server those of the first name that says so. */
function chooseMemory(all: readonly Series[]): Series[] {
  const chosen = grouped(all, ({ source }) => source).flatMap(memoryOf);
  if (chosen.length > 0) return chosen;
  throw new UsageError(
    'no series says by its name that it is memory',
    `give --metric; there are: ${namesOf(all)}`,
  );
}

function memoryOf(all: readonly Series[]): Series[] {
  const memory = all.find(({ name, labels }) => MEMORY_ROLES.includes(roleOf(name, labels)!));
  const first = memory ?? (new Set(all.map(({ name }) => name)).size === 1 ? all[0] : undefined);
  if (!first) return [];
  const role = roleOf(first.name, first.labels);
  return all.filter(({ name, labels }) => name === first.name && roleOf(name, labels) === role);
}

function metricOf({ name, labels }: Series, selector: string): boolean {
  const match = /^([^{]*)\{(.*)\}$/.exec(selector);
  if (!match || (match[1] !== '' && match[1] !== name)) return false;
  const pairs = [...match[2]!.matchAll(/(\w+)\s*=\s*"([^"]*)"/g)];
  return pairs.length > 0 && pairs.every(([, key, value]) => labels[key!] === value);
}

function namesOf(all: readonly Series[]): string {
  const names = [...new Set(all.map(({ name }) => name))];
  return names.length > 12
    ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`
    : names.join(', ');
}

const IDENTITIES = ['pid', 'pod', 'instance', 'container', 'host', 'worker', 'process', 'replica'];

/** Whether another series is of the same process: no label that names a process or a thing says otherwise. */
function belongs(other: Series, memory: Series, count: number): boolean {
  if (other.source !== memory.source && count > 1 && shared(other.labels, memory.labels) === 0) return false;
  return IDENTITIES.every((key) => {
    const [a, b] = [other.labels[key], memory.labels[key]];
    return a === undefined || b === undefined || a === b;
  });
}

/** Comparing all with all is too slow for thousands: then only what has a label of the process in common is looked at. */
const COMPARED_ALL = 1500;

function companionsIn(rest: readonly Series[]): (memory: Series) => readonly Series[] {
  if (rest.length < COMPARED_ALL) return () => rest;
  const byLabel = new Map<string, Series[]>();
  const keysOf = ({ labels }: Series): string[] =>
    IDENTITIES.filter((key) => labels[key] !== undefined).map((key) => `${key}=${labels[key]}`);
  for (const series of rest) {
    for (const key of keysOf(series)) {
      const held = byLabel.get(key);
      if (held) held.push(series);
      else byLabel.set(key, [series]);
    }
  }
  return (memory) => [...new Set(keysOf(memory).flatMap((key) => byLabel.get(key) ?? []))];
}

function shared(a: Labels, b: Labels): number {
  return IDENTITIES.filter((key) => a[key] !== undefined && a[key] === b[key]).length;
}

const RANK = { leak: 0, inconclusive: 1, 'no-leak': 2 } as const;

/** Leaks before what cannot be told before what does not leak; the nearest limit first. */
export function worstFirst(a: Confirmation, b: Confirmation): number {
  const hours = ({ timeToLimit }: Confirmation): number => timeToLimit?.hours ?? Number.POSITIVE_INFINITY;
  const rate = ({ ratePerHour }: Confirmation): number => ratePerHour?.value ?? 0;
  const byRank = RANK[a.verdict] - RANK[b.verdict];
  if (byRank !== 0) return byRank;
  if (hours(a) !== hours(b)) return hours(a) - hours(b);
  return rate(b) - rate(a);
}
