import { median } from '../analysis/series/robust.ts';
import type { EventStream } from '../model/event-stream.ts';
import type { Series } from '../model/series.ts';
import { acrossLives } from './across-lives.ts';
import { besidesHeap } from './beside-heap.ts';
import type { Confirmation } from './confirmation.ts';
import { contextOf, limitAmong } from './context.ts';
import { documentOf } from './document.ts';
import type { Judgement, StretchContext } from './judgement.ts';
import { livesOf } from './processes.ts';
import { judgeStretch } from './stretch/judge-stretch.ts';
import { tooLittle } from './stretch/verdicts.ts';
import { HOUR_MS, spanOf, withoutGlitches } from './stretch.ts';
import { hours, round } from './words.ts';

/** What is confirmed: one memory series, and all that is known beside it. */
export interface ConfirmInput {
  readonly memory: Series;
  /** Other series of the same process: requests, collections, start times, other kinds of memory. */
  readonly others?: readonly Series[];
  readonly events?: readonly EventStream[];
  /** In the unit of the memory; taken from a limit among `others` when absent. */
  readonly limit?: number | null;
  /** A process that was watched for less than this shows its start or its sleep: minutes clear nobody, and accuse only when memory doubles (10 minutes). */
  readonly leastMs?: number | undefined;
  /** Where the data begin that this is a part of, milliseconds since 1970: what leaks and begins later has begun then. */
  readonly dataFromMs?: number | undefined;
}

/**
 * Says whether a memory series shows a leak, how fast, until when and since when, or what is missing to tell. Nothing in it
 * depends on units or on names beyond the roles of `metric-roles.ts`.
 *
 * @example
 * import { confirm, readCsv, openFile } from 'stanch';
 *
 * const { series } = await readCsv(openFile('memory.csv'));
 * const { verdict, ratePerHour, reasons } = confirm({ memory: series[0], others: series.slice(1) });
 * process.stdout.write(`${verdict} ${ratePerHour?.value} ${reasons.join('; ')}\n`);
 */
export function confirm(input: ConfirmInput): Confirmation {
  const { memory, others = [], events = [] } = input;
  const cleaned: Series = { ...memory, ...withoutGlitches(memory.times, memory.values) };
  const limit = input.limit ?? limitAmong(others, memory);
  if (cleaned.times.length < 2)
    return documentOf(
      cleaned,
      events,
      [],
      tooLittle(cleaned.times, cleaned.values, `needs more samples than ${cleaned.values.length}`),
      limit,
    );
  const context: StretchContext = {
    ...contextOf(memory, others, limit),
    longHours: input.leastMs === undefined ? undefined : input.leastMs / HOUR_MS,
  };
  const { lives, told } = livesOf(cleaned, others, events, limit, context);
  const judged =
    lives.length === 1
      ? judgeStretch(lives[0]!.times, lives[0]!.values, context)
      : acrossLives(lives, context, told);
  return documentOf(
    cleaned,
    events,
    lives,
    inTimeEnough(
      begunInView(besidesHeap(judged, memory, others, context), cleaned, input.dataFromMs),
      cleaned,
      input.leastMs ?? LEAST_MS,
    ),
    limit,
  );
}

/** Nearer to the beginning of all data than this share of them, a process may have been there before. */
const FROM_THE_FIRST = 0.05;

/** A pod that came in the middle and leaks has leaked since it came. */
function begunInView(judged: Judgement, { times }: Series, dataFromMs: number | undefined): Judgement {
  if (judged.verdict !== 'leak' || judged.onsetMs !== null || dataFromMs === undefined) return judged;
  const late = times[0]! - dataFromMs;
  return late > FROM_THE_FIRST * (times.at(-1)! - dataFromMs) ? { ...judged, onsetMs: times[0]! } : judged;
}

const LEAST_MS = 10 * 60_000;

/** Minutes clear nobody, and accuse only when memory doubles in them. */
function inTimeEnough(judged: Judgement, { times, values }: Series, leastMs: number): Judgement {
  const span = spanOf(times);
  if (span >= leastMs || judged.verdict === 'inconclusive') return judged;
  const doubles =
    judged.verdict === 'leak' && median(values.subarray(-3)) > 2 * median(values.subarray(0, 3));
  if (doubles) return judged;
  return {
    ...judged,
    verdict: 'inconclusive',
    shape: null,
    rate: null,
    onsetMs: null,
    missing: [
      `needs ${hours(leastMs / HOUR_MS)} at least: ${round(span / 1000)} s show a process's start or its sleep`,
    ],
  };
}
