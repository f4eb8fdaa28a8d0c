import { median, quantile } from '../analysis/series/robust.ts';
import type { Judgement, StretchContext } from './judgement.ts';
import type { Life } from './processes.ts';
import { tooLittle } from './stretch/verdicts.ts';
import { HOUR_MS } from './stretch.ts';

/** More lives than this are a collector's as likely as those of a process that is killed again and again … */
const MOST_LIVES = 15;
/** … and so few show no habit of either. */
const FEW_LIVES = 3;
/** Large collections of a busy service are not further apart than this; where even the name does not tell a heap, more is granted. */
const LONGEST_TOOTH_HOURS = { ofProcess: 2, unknown: 6 } as const;
/** Memory that rose this far beyond where it had been is no tooth like those before. */
const BEYOND = 1.1;
/** Processes of one program begin at about the same level, and not far above where one was seen before. */
const ALIKE = 1.5;

/**
 * Falls of which only the memory itself says that they are new processes, from where it rose no higher than it had been: collections that
 * sweep most of a heap at once look the same, and the memory of a process follows them (Python gives back two thirds of it in one).
 */
export function mayBeTeeth(
  lives: readonly Life[],
  { isResident, isHeap, isCount, limit }: StretchContext,
): boolean {
  if (limit !== null || isHeap || isCount) return false;
  if (lives.some(({ restart }) => restart !== null && restart.sign !== 'drop')) return false;
  const longestMs = Math.max(...lives.map(({ times }) => (times.at(-1) ?? 0) - (times[0] ?? 0)));
  if (longestMs > LONGEST_TOOTH_HOURS[isResident ? 'ofProcess' : 'unknown'] * HOUR_MS) return false;
  if (lives.length > MOST_LIVES) return !isResident;
  if (lives.length > FEW_LIVES) return !beginAlike(lives);
  const before = Math.max(...lives.slice(0, -1).map(({ values }) => quantile(values, 0.99)));
  return median(lives.at(-1)!.values.subarray(-3)) < BEYOND * before;
}

function beginAlike(lives: readonly Life[]): boolean {
  const [first, ...others] = lives.map(({ values }) => median(values.subarray(0, 3)));
  return Math.max(...others) < ALIKE * Math.min(first!, ...others);
}

/** No verdict, and what would tell one from the other. */
export function teethOrProcesses(lives: readonly Life[], { isResident }: StretchContext): Judgement {
  const { times, values } = lives.at(-1)!;
  const falls = lives.length - 1;
  const missing = isResident
    ? 'process_start_time_seconds beside it, or a longer view'
    : "the name of the metric (a heap's or a process's), or process_start_time_seconds beside it";
  return {
    ...tooLittle(times, values, missing),
    reasons: [
      `it fell deeply ${falls === 1 ? 'once' : `${falls} times`} and rose again: collections of a heap look so, and processes that begin anew`,
    ],
  };
}
