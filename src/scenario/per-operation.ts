import { median, robustSd } from '../analysis/series/robust.ts';
import { studentT } from '../analysis/series/student-t.ts';
import type { Interval } from '../confirm/confirmation.ts';

/** What one operation leaves behind, with a 95 % interval. */
export interface PerOperation extends Interval {
  /** The whole number, or one in a whole number, that the interval holds and that no other comes near. */
  readonly exactly: number | null;
  /** The second half of the rounds leaves less than a part of what all of them do: something fills, or warms up. */
  readonly slows: boolean;
  /** Rounds at the start that were left out since they grew by much more than the others. */
  readonly leftOut: number;
}

export interface PerOperationOptions {
  /** Smallest amount that there can be: 1 for counts, 0 for bytes. */
  readonly grain: number;
  /** Leave out rounds at the start that stick out. */
  readonly trims?: boolean;
}

const LEAST_INCREMENTS = 2;
const LEAST_AFTER_TRIM = 4;
const STICKS_OUT_SDS = 6;
const SLOWS = 0.4;
/** A half width beyond this share of a number does not tell it from its neighbours. */
const EXACT_SHARE = 0.1;
const LARGEST_FRACTION = 10;

/**
 * Growth of something over operations, from its values at moments between which so many operations were done. Each stretch gives one
 * estimate, and the spread of these is the error: that assumes nothing of what happens within a stretch, and takes wandering for wandering.
 *
 * @param operations done up to each moment
 * @returns null with fewer than two stretches
 */
export function perOperation(
  operations: readonly number[],
  values: readonly number[],
  { grain, trims = false }: PerOperationOptions,
): PerOperation | null {
  const all = stretches(operations, values);
  const kept = trims ? withoutWarmUp(all) : all;
  if (kept.length < LEAST_INCREMENTS) return null;
  const done = kept.reduce((sum, each) => sum + each.operations, 0);
  const grown = kept.reduce((sum, each) => sum + each.grown, 0);
  const value = grown / done;
  const count = kept.length;
  // Longer stretches count for more; with equal ones this is the standard error of their mean.
  const spread = kept.reduce(
    (sum, each) => sum + (each.operations / done) * (each.grown / each.operations - value) ** 2,
    0,
  );
  const error = Math.sqrt(spread / (count - 1));
  // What is under way at the first and at the last moment cannot be told from what stays.
  const half = studentT(0.975, count - 1) * error + grain / done;
  const late = kept.slice(count >> 1);
  const lateValue =
    late.reduce((sum, each) => sum + each.grown, 0) / late.reduce((sum, each) => sum + each.operations, 0);
  return {
    value,
    low: value - half,
    high: value + half,
    exactly: grain > 0 ? exactNumber(value, half) : null,
    slows: value > 0 && count >= 4 && lateValue < SLOWS * value,
    leftOut: all.length - count,
  };
}

interface Stretch {
  readonly operations: number;
  readonly grown: number;
}

function stretches(operations: readonly number[], values: readonly number[]): Stretch[] {
  const all: Stretch[] = [];
  for (let at = 1; at < values.length; at++) {
    const done = operations[at]! - operations[at - 1]!;
    if (done > 0) all.push({ operations: done, grown: values[at]! - values[at - 1]! });
  }
  return all;
}

function withoutWarmUp(all: readonly Stretch[]): readonly Stretch[] {
  let kept = all;
  while (kept.length > LEAST_AFTER_TRIM) {
    const [first, ...rest] = kept.map(({ grown, operations }) => grown / operations);
    const usual = median(rest);
    if (first! <= usual + STICKS_OUT_SDS * robustSd(rest) || first! < 2 * usual) break;
    kept = kept.slice(1);
  }
  return kept;
}

function exactNumber(value: number, half: number): number | null {
  if (value <= 0) return null;
  const whole = Math.round(value);
  const near = whole >= 1 ? whole : 1 / Math.round(1 / value);
  const isPlain = whole >= 1 || Math.round(1 / value) <= LARGEST_FRACTION;
  return isPlain && Math.abs(value - near) <= half && half < EXACT_SHARE * near ? near : null;
}
