import { formatShare } from '../base/units.ts';
import type { Authorship } from './authorship.ts';
import { isEven, type Trend } from './trend.ts';

export interface ConfidenceInput {
  readonly trend: Trend;
  readonly series: readonly number[];
  readonly sameProcess: boolean;
  readonly author: Authorship;
  readonly fit: number;
  readonly gained: number;
  readonly inSource: boolean;
  readonly neverRemoved: boolean;
  /** Share of the members that belong to an open connection. */
  readonly liveHandleShare: number;
  readonly knownWhy: string | null;
  readonly shareOfGrowth: number;
}

export interface Confidence {
  readonly value: number;
  readonly reasons: readonly string[];
  readonly against: readonly string[];
}

/** Below this nothing is called a leak. */
export const LEAK_CONFIDENCE = 0.5;
/** However many reasons there are. */
export const CERTAIN = 0.97;
/** Two dumps, or dumps of two processes, can never be more than a suspicion. */
export const SUSPICION = 0.45;

/** Adds up named pieces of evidence for and against; each is shown. */
export function confidenceOf(input: ConfidenceInput): Confidence {
  const reasons: string[] = [];
  const against: string[] = [];
  let value = 0.45;
  const add = (amount: number, text: string): void => {
    value += amount;
    (amount > 0 ? reasons : against).push(text);
  };
  const intervals = input.series.length - 1;
  if (input.trend === 'steady')
    add(0.2 + Math.min(0.1, (intervals - 2) * 0.05), `it grew in each of ${intervals} intervals`);
  if (input.trend === 'slowing')
    add(-0.2, 'growth slows down in the last interval: a cache that fills looks like this');
  if (input.trend === 'stopped')
    add(-0.45, 'growth stopped before the last dump: a cache that filled, or warm-up');
  if (input.trend === 'late') add(-0.25, 'it grew in the last interval only: one dump more would tell');
  if (input.trend === 'steady' && isEven(input.series))
    add(0.08, 'it grew by about as much in each interval');
  if (input.author === 'user') add(0.1, "the owner is in the service's own code");
  if (input.author === 'library') add(0.05, 'the owner is in a library');
  if (input.author === 'runtime') add(-0.05, "the owner could not be followed into the service's own code");
  if (input.gained >= 100)
    add(0.05, `${input.gained.toLocaleString('en-US')} more entries are too many for chance`);
  if (input.inSource) add(0.05, 'the line that adds them was found in the source');
  if (input.neverRemoved) add(0.04, 'no line of the source takes them out again');
  if (input.shareOfGrowth >= 0.25) add(0.03, `it is ${formatShare(input.shareOfGrowth)} of all growth`);
  if (input.fit >= 0.9) value += 0.03;
  if (input.liveHandleShare >= 0.6) {
    add(
      -0.35,
      `${formatShare(input.liveHandleShare)} of the members belong to an open connection: they live as long as their clients stay`,
    );
  }
  if (input.knownWhy !== null) add(-0.5, input.knownWhy);
  if (!input.sameProcess)
    against.push('the dumps are of different processes: only classes and paths could be compared');
  if (intervals < 2) against.push('two dumps cannot tell a leak from a cache that fills');
  const cap = input.sameProcess && intervals >= 2 ? CERTAIN : SUSPICION;
  return { value: Math.round(Math.max(0.02, Math.min(cap, value)) * 100) / 100, reasons, against };
}
