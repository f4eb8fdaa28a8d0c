import type { GoroutineCapture } from './captures.ts';
import type { Grouped } from './groups.ts';

/** What became of a group's goroutines from one capture to the next. */
export interface Survival {
  /** Of those in the earlier capture, still there in the later one in the same group. */
  readonly survivors: number;
  /** Of the survivors, those that wait in the very same stack again. */
  readonly sameStack: number;
  readonly before: number;
}

/**
 * Follows ids from one capture to the next: they are never reused, so the same id in the same group is the same goroutine.
 * One entry a group; null where one of the captures has no ids.
 */
export function survivalBetween(
  earlier: GoroutineCapture,
  later: GoroutineCapture,
  { groups, groupOf }: Grouped,
): Survival[] | null {
  if (!earlier.identified || !later.identified) return null;
  const survivors = new Float64Array(groups.length);
  const sameStack = new Float64Array(groups.length);
  const before = new Float64Array(groups.length);
  const { dump, signature } = earlier.identified;
  for (let row = 0; row < dump.count; row++) {
    const group = groupOf[signature[row]!]!;
    before[group]!++;
    const next: number | undefined = later.identified.rowOf.get(dump.id[row]!);
    if (next === undefined) continue;
    const now = later.identified.signature[next]!;
    if (groupOf[now] !== group) continue;
    survivors[group]!++;
    if (now === signature[row]) sameStack[group]!++;
  }
  return groups.map(({ index }) => ({
    survivors: survivors[index]!,
    sameStack: sameStack[index]!,
    before: before[index]!,
  }));
}
