import { median } from '../analysis/series/robust.ts';
import type { Shape } from './confirmation.ts';
import { type JoinedLives, joinLives } from './join-lives.ts';
import type { Judgement, StretchContext } from './judgement.ts';
import type { Life } from './processes.ts';
import { judgeStretch } from './stretch/judge-stretch.ts';
import { HOUR_MS, spanOf } from './stretch.ts';
import { mayBeTeeth, teethOrProcesses } from './untold-restarts.ts';
import { round } from './words.ts';

/** Several lives: the last one decides if it is long enough, else what they have in common. */
export function acrossLives(lives: readonly Life[], context: StretchContext, told: boolean): Judgement {
  const judged = judgeLives(lives, context, told);
  return judged.verdict === 'leak' && mayBeTeeth(lives, context) ? teethOrProcesses(lives, context) : judged;
}

function judgeLives(lives: readonly Life[], context: StretchContext, told: boolean): Judgement {
  const last = lives.at(-1)!;
  const all = lives.reduce((sum, { times }) => sum + spanOf(times), 0);
  const longest = lives.reduce((a, b) => (spanOf(b.times) > spanOf(a.times) ? b : a));
  const joined = joinLives(lives);
  const lastJudged = judgeStretch(last.times, last.values, context);
  const restarts = lives.length - 1;
  // The process that runs now is the one that is asked about: what it does is not outvoted by one that is gone.
  const asked = lastJudged.verdict === 'leak' ? 0.2 : 0.4;
  if (spanOf(last.times) >= asked * all && lastJudged.verdict !== 'inconclusive') {
    const earlier = lives.slice(0, -1).filter(({ times }) => spanOf(times) > 0.15 * all);
    const before = earlier.map(({ times, values }) => judgeStretch(times, values, context));
    return withHistory(lastJudged, last, before, restarts, lives);
  }
  if (!joined) {
    if (spanOf(longest.times) < 0.4 * all) return lastJudged;
    const judged = judgeStretch(longest.times, longest.values, context);
    const after = lives.length - 1 - lives.indexOf(longest);
    return after === 0
      ? judged
      : {
          ...judged,
          reasons: [
            ...judged.reasons,
            `of ${lives.length} processes this is the longest; ${after} came behind it`,
          ],
        };
  }
  const isLeak =
    joined.t > joined.critical &&
    joined.grownShare > 0.03 &&
    joined.rising >= 0.75 * joined.used &&
    joined.lateShare > 0.4;
  if (isLeak) return restartLoop(joined, lives, context, told);
  if (spanOf(longest.times) >= 0.4 * all) {
    const alone = judgeStretch(longest.times, longest.values, context);
    if (alone.verdict !== 'inconclusive') return alone;
  }
  const settled =
    joined.rate.high * (all / lives.length / HOUR_MS) < 0.1 * Math.abs(median(last.values)) ||
    joined.lateShare < 0.4;
  // Two or three slopes say little of their spread: that all of them rise, and by much, is not flat.
  const allRise = joined.used <= 3 && joined.rising === joined.used && joined.grownShare > 0.1;
  const flat = (joined.t < 2 && !allRise) || joined.grownShare < 0.03 || settled;
  return {
    ...lastJudged,
    verdict: flat ? 'no-leak' : 'inconclusive',
    shape: flat ? (joined.lateShare < 0.4 && joined.grownShare > 0.05 ? 'warm-up' : 'flat') : null,
    rate: null,
    onsetMs: null,
    reasons: [
      `${joined.rising} of ${joined.used} lives of the process rise, by ${round(joined.grownShare * 100)} % of their level`,
    ],
    missing: flat ? [] : ['needs a life that lasts longer, or more of them'],
  };
}

function restartLoop(
  joined: JoinedLives,
  lives: readonly Life[],
  context: StretchContext,
  told: boolean,
): Judgement {
  const { limit } = context;
  const ends = lives.slice(0, -1).map(({ values }) => Math.max(...values.subarray(-3)));
  const starts = lives.slice(1).map(({ values }) => median(values.subarray(0, 3)));
  const end = median(ends);
  const atLimit = limit !== null && end > 0.8 * limit;
  const fromHeight = end > 1.3 * median(starts);
  const last = lives.at(-1)!;
  const floor = lives.flatMap(({ times, values }) =>
    [...values].map((value, at) => ({ time: times[at]!, value })),
  );
  const reasons = [
    `the process began anew ${lives.length - 1} times, and memory rose in ${joined.rising} of ${joined.used} of its lives, by ${round(joined.grownShare * 100)} % each`,
  ];
  if (atLimit) reasons.push('each life ended near the limit');
  if (!told) reasons.push('no start times were given: new processes are told by deep sudden falls');
  return {
    verdict: 'leak',
    shape: lives.length > 2 && fromHeight ? 'restart-loop' : 'linear',
    rate: joined.rate,
    onsetMs: null,
    warmUpEndMs: null,
    floor: {
      times: Float64Array.from(floor, ({ time }) => time),
      values: Float64Array.from(floor, ({ value }) => value),
      middles: Float64Array.from(floor, ({ value }) => value),
      windowMs: 0,
    },
    level: median(last.values.subarray(-3)),
    lateRate: null,
    reasons,
    missing: told ? [] : ['process_start_time_seconds would make sure of the restarts'],
  };
}

function withHistory(
  judged: Judgement,
  last: Life,
  before: readonly Judgement[],
  restarts: number,
  lives: readonly Life[],
): Judgement {
  const startMs = last.times[0]!;
  const was = before.filter(({ verdict }) => verdict === 'leak').length;
  const clean = before.length > 0 && before.every(({ verdict }) => verdict === 'no-leak');
  if (judged.verdict === 'leak') {
    const reasons = [...judged.reasons];
    if (clean) reasons.push('the process before it did not grow: it began with this one');
    if (was > 0) reasons.push(`so did ${was} of ${before.length} processes before it`);
    const loop = was > 0 && lives.length > 2;
    return {
      ...judged,
      shape: loop ? ('restart-loop' as Shape) : judged.shape,
      onsetMs: judged.onsetMs ?? (clean ? startMs : null),
      reasons,
    };
  }
  if (was > 0)
    return {
      ...judged,
      reasons: [...judged.reasons, 'an earlier process did grow: what ended it may have mended it'],
    };
  return { ...judged, reasons: [...judged.reasons, `judged on the last of ${restarts + 1} processes`] };
}
