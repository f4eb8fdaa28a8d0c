import { MEMORY_ROLES, roleOf } from '../analysis/series/metric-roles.ts';
import { median } from '../analysis/series/robust.ts';
import { grouped } from '../base/grouped.ts';
import type { Series } from '../model/series.ts';

/** Words that part the measures of one process, not one process from another. */
const MEASURES =
  /^(alloc|allocated|inuse|in|use|used|usage|total|sys|idle|free|freed|released|committed|reserved|max|min|avg|mean|median|sum|peak|current|live|old|new|young|p\d\d?|total|size|limit|stack|code|space|swap|anon|file|cache|mapped|shared|private|unique|working|set|rss|pss|uss|vms|vsz|virtual|resident|heap|external|native|arena|mb|mib|kb|kib|gb|gib|bytes|b|percent|pct|ratio)$/;

/**
 * Tables often have a column for each replica: `api-1 rss_mb, api-2 rss_mb`, or only `api-1, api-2`. Their names become labels (`instance`), so that
 * each is judged, with what else is called after it beside it.
 */
export function withReplicaColumns(all: readonly Series[]): Series[] {
  const bare = all.filter(({ labels }) => Object.keys(labels).length === 0);
  const renamed = new Map<Series, Series>();
  for (const columns of grouped(bare, ({ source }) => source)) {
    if (columns.length < 2) continue;
    for (const [series, named] of namedReplicas(columns)) renamed.set(series, named);
  }
  return all.map((series) => renamed.get(series) ?? series);
}

function namedReplicas(columns: readonly Series[]): Map<Series, Series> {
  if (columns.every(({ name }) => roleOf(name) === null)) return namelessReplicas(columns);
  const memory = columns.filter(({ name }) => MEMORY_ROLES.includes(roleOf(name)!));
  for (const first of memory) {
    const others = memory.flatMap((each) => {
      const parted = each === first ? null : partedBy(first.name, each.name);
      return parted && roleOf(parted.common) !== null && roleOf(each.name) === roleOf(first.name)
        ? [{ each, ...parted }]
        : [];
    });
    const [{ common, own } = { common: '', own: '' }] = others;
    const alike = others.filter((each) => each.common === common && each.own === own);
    if (alike.length === 0) continue;
    const names = [own, ...alike.map(({ other }) => other)];
    return new Map(columns.flatMap((series) => namedAfter(series, names)));
  }
  return new Map();
}

/** A column that is called after one of the replicas, whatever it measures. */
function namedAfter(series: Series, replicas: readonly string[]): [Series, Series][] {
  const words = wordsOf(series.name);
  for (const replica of replicas) {
    const wanted = wordsOf(replica);
    const at = words.findIndex((_, from) => wanted.every((word, index) => words[from + index] === word));
    if (at < 0) continue;
    const name = [...words.slice(0, at), ...words.slice(at + wanted.length)].join('_');
    return name === '' ? [] : [[series, { ...series, name, labels: { instance: replica } }]];
  }
  return [];
}

/** Of like size and of no known name: what a dashboard exports of a panel about memory. */
function namelessReplicas(columns: readonly Series[]): Map<Series, Series> {
  const levels = columns.map(({ values }) => median(values));
  const units = new Set(columns.map(({ unit }) => unit));
  const isMemory = units.has('bytes') || Math.min(...levels) > LEAST_BYTES;
  if (units.size > 1 || !isMemory || Math.max(...levels) > ALIKE * Math.min(...levels)) return new Map();
  return new Map(
    columns.map((series) => [series, { ...series, name: 'value', labels: { instance: series.name } }]),
  );
}

/** Less is no memory of a process in bytes. */
const LEAST_BYTES = 4e6;
const ALIKE = 20;

interface Parted {
  readonly common: string;
  readonly own: string;
  readonly other: string;
}

/** What two names have in common when one run of words differs; null when that is what is measured, or nothing is in common. */
function partedBy(a: string, b: string): Parted | null {
  const [ours, theirs] = [wordsOf(a), wordsOf(b)];
  let head = 0;
  while (head < Math.min(ours.length, theirs.length) && ours[head] === theirs[head]) head++;
  let tail = 0;
  const most = Math.min(ours.length, theirs.length) - head;
  while (tail < most && ours.at(-1 - tail) === theirs.at(-1 - tail)) tail++;
  // A number alone is no name: `api-1` is, with the word before it.
  const areNumbers = [ours, theirs].every((words) => /^\d+$/.test(words[head] ?? ''));
  if (areNumbers && head > 0 && head + tail > 1 && !MEASURES.test(ours[head - 1]!)) head--;
  const [own, other] = [ours, theirs].map((words) => words.slice(head, words.length - tail));
  if (own!.length === 0 || other!.length === 0 || [...own!, ...other!].some((word) => MEASURES.test(word)))
    return null;
  const common = [...ours.slice(0, head), ...ours.slice(ours.length - tail)].join('_');
  return common === '' ? null : { common, own: own!.join('-'), other: other!.join('-') };
}

function wordsOf(name: string): string[] {
  return name
    .toLowerCase()
    .split(/[^a-z\d%]+/)
    .filter((word) => word !== '');
}
