import { UsageError } from '../../base/errors.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { comparePythonText } from './python-text.ts';

/** What tracemalloc groups blocks by: the file or line that allocated, or the whole traceback. */
export type GroupBy = 'filename' | 'lineno' | 'traceback';

/** A line of a traceback; `line` is 0 when grouped by file. */
export interface Frame {
  readonly file: string;
  readonly line: number;
}

/** One row of `Snapshot.statistics`. */
export interface Statistic {
  /** Most recent call first; one frame unless grouped by traceback. */
  readonly frames: readonly Frame[];
  readonly sizeBytes: number;
  readonly count: number;
}

/** One row of `Snapshot.compare_to`. */
export interface StatisticDiff extends Statistic {
  readonly sizeDiffBytes: number;
  readonly countDiff: number;
}

/**
 * The table that Python's `Snapshot.statistics(by, cumulative)` gives for the same snapshot, in the same order. Cumulative
 * counts a block once for each of its frames, for a recursive function several times, as Python does.
 */
export function statistics(profile: StackProfile, by: GroupBy, cumulative: boolean = false): Statistic[] {
  const rows = [...grouped(profile, by, cumulative).values()];
  return rows.sort(
    (a, b) => b.sizeBytes - a.sizeBytes || b.count - a.count || compareTracebacks(b.frames, a.frames),
  );
}

/** The table that Python's `new.compare_to(old, by, cumulative)` gives for the same snapshots, in the same order (3.7 and later). */
export function compareTo(
  newer: StackProfile,
  older: StackProfile,
  by: GroupBy,
  cumulative: boolean = false,
): StatisticDiff[] {
  const before = grouped(older, by, cumulative);
  const rows: StatisticDiff[] = [];
  for (const [key, { frames, sizeBytes, count }] of grouped(newer, by, cumulative)) {
    const old = before.get(key);
    before.delete(key);
    const sizeDiffBytes = sizeBytes - (old?.sizeBytes ?? 0);
    rows.push({ frames, sizeBytes, count, sizeDiffBytes, countDiff: count - (old?.count ?? 0) });
  }
  for (const { frames, sizeBytes, count } of before.values()) {
    rows.push({ frames, sizeBytes: 0, count: 0, sizeDiffBytes: -sizeBytes, countDiff: -count });
  }
  return rows.sort(
    (a, b) =>
      Math.abs(b.sizeDiffBytes) - Math.abs(a.sizeDiffBytes) ||
      b.sizeBytes - a.sizeBytes ||
      Math.abs(b.countDiff) - Math.abs(a.countDiff) ||
      b.count - a.count ||
      compareTracebacks(b.frames, a.frames),
  );
}

type Group = { frames: Frame[]; sizeBytes: number; count: number };

function grouped(profile: StackProfile, by: GroupBy, cumulative: boolean): Map<string, Group> {
  if (cumulative && by === 'traceback') {
    throw new UsageError('whole tracebacks cannot be added up cumulatively', 'group by filename or lineno');
  }
  const groups = new Map<string, Group>();
  const add = (frames: Frame[], sizeBytes: number, count: number): void => {
    const key = frames.map(({ file, line }) => `${line} ${file}`).join('\n');
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { frames, sizeBytes, count });
    } else {
      group.sizeBytes += sizeBytes;
      group.count += count;
    }
  };
  const { counts, sizes } = sumsOfStacks(profile);
  for (let stack = 0; stack < profile.stackCount; stack++) {
    if (counts[stack] === 0) continue;
    const frames = framesOf(profile, stack, by !== 'filename');
    if (by === 'traceback') add(frames, sizes[stack]!, counts[stack]!);
    else if (!cumulative) add(frames.slice(0, 1), sizes[stack]!, counts[stack]!);
    else for (const frame of frames) add([frame], sizes[stack]!, counts[stack]!);
  }
  return groups;
}

function sumsOfStacks(profile: StackProfile): { counts: Float64Array; sizes: Float64Array } {
  const counts = new Float64Array(profile.stackCount);
  const sizes = new Float64Array(profile.stackCount);
  for (let sample = 0; sample < profile.sampleCount; sample++) {
    const stack = profile.sampleStack[sample]!;
    counts[stack]! += profile.values[sample * 2]!;
    sizes[stack]! += profile.values[sample * 2 + 1]!;
  }
  return { counts, sizes };
}

function framesOf(profile: StackProfile, stack: number, withLines: boolean): Frame[] {
  const { firstFrame, stackLocation, locations, lines, functions, strings } = profile;
  const frames: Frame[] = [];
  for (let at = firstFrame[stack]!; at < firstFrame[stack + 1]!; at++) {
    const line = locations.firstLine[stackLocation[at]!]!;
    const file = strings[functions.file[lines.function[line]!]!]!;
    frames.push({ file, line: withLines ? lines.line[line]! : 0 });
  }
  return frames;
}

/** Python compares tracebacks as tuples, from the oldest call on. */
function compareTracebacks(a: readonly Frame[], b: readonly Frame[]): number {
  for (let depth = 1; depth <= Math.min(a.length, b.length); depth++) {
    const [one, other] = [a[a.length - depth]!, b[b.length - depth]!];
    const order = comparePythonText(one.file, other.file) || one.line - other.line;
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
