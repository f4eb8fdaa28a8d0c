import { bytesSource } from '../../../src/base/byte-source.ts';
import { readCsv } from '../../../src/formats/csv/read.ts';
import type { Series } from '../../../src/model/series.ts';
import type { KnownSeries } from '../known-series.ts';
import { Draws } from './draws.ts';
import { LEAKS_BY_COURSE } from './leaks-by-course.ts';
import { LEAKS_OF_PROCESSES } from './leaks-of-processes.ts';
import { LEAKS_OF_RUNTIMES } from './leaks-of-runtimes.ts';
import type { Maker } from './made.ts';
import { NOT_TO_BE_TOLD } from './not-to-be-told.ts';
import { SOUND_COURSES } from './sound-courses.ts';
import { SOUND_GROWTH } from './sound-growth.ts';
import { SOUND_RUNTIMES } from './sound-runtimes.ts';
import { tableOf } from './table.ts';

const LEAKS: Readonly<Record<string, Maker>> = {
  ...LEAKS_BY_COURSE,
  ...LEAKS_OF_PROCESSES,
  ...LEAKS_OF_RUNTIMES,
};
const SOUND: Readonly<Record<string, Maker>> = { ...SOUND_RUNTIMES, ...SOUND_GROWTH, ...SOUND_COURSES };

export const FOREIGN_LEAKS: readonly string[] = Object.keys(LEAKS);
export const FOREIGN_SOUND: readonly string[] = Object.keys(SOUND);
export const FOREIGN_OPEN: readonly string[] = Object.keys(NOT_TO_BE_TOLD);

/** A known series as the table that a user would have of it: the metric is to be chosen from `set`, as the command does. */
export interface ForeignSeries extends KnownSeries {
  readonly set: readonly Series[];
  /** What the user must name, since it is no memory. */
  readonly metric: string | undefined;
}

/** One service of a shape: drawn, written as a table, and read from it again. */
export async function foreignSeries(shape: string, seed: number): Promise<ForeignSeries> {
  const draw = new Draws(seedOf(shape, seed));
  const made = { ...LEAKS, ...SOUND, ...NOT_TO_BE_TOLD }[shape]!(draw);
  const { truth, clock } = made;
  const table = tableOf(draw, made);
  const { series } = await readCsv(bytesSource(new TextEncoder().encode(table), `${shape}.csv`));
  const isTold = made.always || truth.ttl !== undefined || draw.chance(0.5);
  const named = Object.keys(made.columns)[0]!;
  return {
    shape,
    set: series,
    metric: made.bytes === false ? named : undefined,
    memory: series.find(({ name }) => /memory|rss|heap|working|resident/.test(name)) ?? series[0]!,
    others: [],
    limit: isTold ? (made.limit ?? null) : null,
    leaks: truth.leak === true,
    untellable: truth.leak === null,
    ratePerHour: truth.slope ?? null,
    onsetMs: typeof truth.onset === 'number' ? (clock.startSeconds + truth.onset) * 1000 : null,
    hoursToLimit: truth.ttl ?? null,
  };
}

function seedOf(shape: string, seed: number): number {
  let hash = 2_166_136_261;
  for (const letter of shape) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619);
  return ((hash >>> 0) ^ Math.imul(seed, 0x9e3779b1)) >>> 0;
}
