import { increaseOf, looksLikeCounter, rateOf, valuesAt } from '../analysis/series/counters.ts';
import { type MetricRole, roleOf } from '../analysis/series/metric-roles.ts';
import { differences, median } from '../analysis/series/robust.ts';
import type { EventStream } from '../model/event-stream.ts';
import { type Series, sliceSeries } from '../model/series.ts';
import type { Confirmation, Interval, Segment, Shape } from './confirmation.ts';
import { type JoinedLives, joinLives } from './join-lives.ts';
import type { Judgement, StretchContext } from './judgement.ts';
import { type Life, livesOf } from './processes.ts';
import { judgeStretch } from './stretch/judge-stretch.ts';
import { HOUR_MS, withoutGlitches } from './stretch.ts';
import { timeToLimit } from './time-to-limit.ts';
import { mayBeTeeth, teethOrProcesses } from './untold-restarts.ts';
import { amount, hours, round } from './words.ts';

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
  if (cleaned.times.length < 2) return documentOf(input, cleaned, [], nothingIn(cleaned), limit);
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
    input,
    cleaned,
    lives,
    inTimeEnough(besidesHeap(judged, input, context), cleaned, input.leastMs ?? LEAST_MS),
    limit,
  );
}

const MEMORY_WITH_CACHE: ReadonlySet<MetricRole | null> = new Set(['usage']);
const RESIDENT: ReadonlySet<MetricRole | null> = new Set(['rss', 'pss', 'working-set', 'usage']);
const COUNTED: ReadonlySet<MetricRole | null> = new Set([
  'goroutines',
  'listeners',
  'descriptors',
  'concurrency',
]);
const HEAPS: ReadonlySet<MetricRole | null> = new Set(['heap-used', 'heap-old']);

function contextOf(memory: Series, others: readonly Series[], limit: number | null): StretchContext {
  const role = roleOf(memory.name, memory.labels);
  const withRole = (...roles: MetricRole[]): Series[] =>
    others.filter(({ name, labels }) => roles.includes(roleOf(name, labels)!));
  const [majors] = withRole('gc-major-count').filter(
    (each) => each.kind === 'counter' || looksLikeCounter(each),
  );
  const [gcTime] = withRole('gc-time');
  const [load] = withRole('load');
  const heap = HEAPS.has(role);
  return {
    limit,
    isHeap: heap,
    isResident: RESIDENT.has(role),
    isCount: COUNTED.has(role) || memory.unit === 'count',
    mayBePageCache: MEMORY_WITH_CACHE.has(role) && withRole('working-set', 'rss', 'page-cache').length === 0,
    collections: majors ? (from, to) => increaseOf(sliceSeries(majors, from, to + 1)) : null,
    gcTime: gcTime ? gcShare(gcTime) : null,
    load: load ? loadAt(load) : null,
  };
}

function gcShare(series: Series): (fromMs: number, toMs: number) => number {
  const isTotal = looksLikeCounter(series);
  return (fromMs, toMs) => {
    const part = sliceSeries(series, fromMs, toMs + 1);
    if (part.values.length < 2) return Number.NaN;
    return isTotal ? increaseOf(part) / ((toMs - fromMs) / 1000) : median(part.values);
  };
}

/** Load at the middle of windows: mean rate of a total, or the level of a gauge, over as long as the windows are apart. */
function loadAt(series: Series): (times: Float64Array) => Float64Array {
  const level = series.kind === 'counter' || looksLikeCounter(series) ? rateOf(series) : series;
  return (times) => {
    const width = times.length > 1 ? median(differences(times)) : HOUR_MS;
    const staleMs = Math.max(width, 2 * median(differences(level.times)));
    const fallback = valuesAt(level, times, staleMs);
    return times.map((time, at) => {
      const { values } = sliceSeries(level, time - width / 2, time + width / 2 + 1);
      return values.length > 0 ? median(values) : fallback[at]!;
    });
  };
}

function limitAmong(others: readonly Series[], memory: Series): number | null {
  const wanted = HEAPS.has(roleOf(memory.name, memory.labels)) ? ['heap-limit', 'limit'] : ['limit'];
  for (const role of wanted) {
    const found = others.find((each) => roleOf(each.name, each.labels) === role && each.unit === memory.unit);
    const last = found?.values.at(-1);
    if (last !== undefined && last > 0) return last;
  }
  return null;
}

/** Several lives: the last one decides if it is long enough, else what they have in common. */
function acrossLives(lives: readonly Life[], context: StretchContext, told: boolean): Judgement {
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

/** Resident memory that grows beside a heap that does not, and usage beside a working set that does not. */
function besidesHeap(
  judged: Judgement,
  { memory, others = [] }: ConfirmInput,
  context: StretchContext,
): Judgement {
  if (judged.verdict !== 'leak' || context.isHeap) return judged;
  const role = roleOf(memory.name, memory.labels);
  const judgeOther = (...roles: MetricRole[]): Judgement | null => {
    const other = others.find(({ name, labels }) => roles.includes(roleOf(name, labels)!));
    if (!other || other.values.length < memory.values.length / 3) return null;
    return judgeStretch(other.times, other.values, {
      ...context,
      limit: null,
      isHeap: roles.includes('heap-used'),
      isResident: !roles.includes('heap-used'),
    });
  };
  if (role === 'usage' || role === 'memory' || role === 'memory-share') {
    const inner = judgeOther('working-set', 'rss');
    if (inner?.verdict === 'inconclusive') return inner;
    if (inner?.verdict === 'no-leak') {
      return {
        ...judged,
        verdict: 'no-leak',
        shape: 'page-cache',
        rate: null,
        onsetMs: null,
        reasons: [
          'the working set does not grow: what grows is page cache, which the kernel takes back',
          ...inner.reasons,
        ],
        missing: [],
      };
    }
    const cache = others.find(({ name, labels }) => roleOf(name, labels) === 'page-cache');
    const cached = cache && judged.rate ? growthShare(cache, judged.rate) : 0;
    if (cached > 0.7) {
      return {
        ...judged,
        verdict: 'no-leak',
        shape: 'page-cache',
        rate: null,
        onsetMs: null,
        reasons: [`page cache makes ${round(cached * 100)} % of the growth, and the kernel takes it back`],
        missing: [],
      };
    }
  }
  if (context.mayBePageCache) {
    const missing = 'the working set beside it: usage counts page cache, which grows without a leak';
    return { ...judged, missing: [...judged.missing, missing] };
  }
  const heap = judgeOther('heap-old', 'heap-used');
  if (heap?.verdict === 'leak') return { ...judged, reasons: [...judged.reasons, 'the heap grows as well'] };
  if (heap?.verdict !== 'no-leak') return judged;
  if (judged.warmUpEndMs !== null) {
    return {
      ...judged,
      verdict: 'no-leak',
      shape: 'plateau',
      rate: null,
      onsetMs: null,
      reasons: ['the heap does not grow and resident memory grows ever more slowly, as with fragmentation'],
      missing: [],
    };
  }
  return {
    ...judged,
    reasons: [
      ...judged.reasons,
      'the heap does not grow: it is native memory or fragmentation outside of the heap',
    ],
    missing: [
      ...judged.missing,
      "the allocator's own figures (mallinfo, jemalloc) would tell native memory from fragmentation",
    ],
  };
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

/** How much of a rate another series makes. */
function growthShare(part: Series, rate: Interval): number {
  const span = (part.times.at(-1)! - part.times[0]!) / HOUR_MS;
  const edge = Math.max(1, Math.floor(part.values.length / 8));
  const grown = median(part.values.subarray(-edge)) - median(part.values.subarray(0, edge));
  return grown / (span * 0.875) / rate.value;
}

function spanOf(times: Float64Array): number {
  return times.length > 1 ? times.at(-1)! - times[0]! : 0;
}

function nothingIn(series: Series): Judgement {
  return {
    verdict: 'inconclusive',
    shape: null,
    rate: null,
    onsetMs: null,
    warmUpEndMs: null,
    floor: null,
    level: series.values.at(-1) ?? Number.NaN,
    lateRate: null,
    reasons: [],
    missing: [`needs more samples than ${series.values.length}`],
  };
}

function documentOf(
  input: ConfirmInput,
  memory: Series,
  lives: readonly Life[],
  judged: Judgement,
  limit: number | null,
): Confirmation {
  const { times } = memory;
  const events = input.events ?? [];
  const onsetEvent =
    judged.onsetMs === null ? null : deployNear(judged.onsetMs, events, spanOf(times) * 0.05);
  const reasons = [...judged.reasons];
  if (judged.rate && judged.verdict === 'leak') {
    const { value, low, high } = judged.rate;
    const { unit } = memory;
    reasons.push(
      `${amount(value, unit)} an hour, between ${amount(low, unit)} and ${amount(high, unit)} (95 %)`,
    );
  }
  if (onsetEvent) reasons.push(`it began at the deploy '${onsetEvent}'`);
  const restartsTold = lives.slice(1).map(({ restart, times: [start] }) => ({
    at: iso(start!),
    sign: restart!.sign,
    event: deployNear(start!, events, 10 * 60_000),
  }));
  return {
    schema: 'stanch/confirm@1',
    metric: memory.name,
    labels: memory.labels,
    source: memory.source,
    unit: memory.unit,
    verdict: judged.verdict,
    shape: judged.shape,
    ratePerHour: judged.verdict === 'leak' ? judged.rate : null,
    timeToLimit: judged.verdict === 'leak' ? timeToLimit(judged, limit) : null,
    onset: judged.onsetMs === null ? null : iso(judged.onsetMs),
    onsetEvent,
    segments: segmentsOf(lives, judged, memory),
    restarts: restartsTold,
    correlates: [],
    reasons,
    missing: judged.missing,
    floor: {
      times: [...(judged.floor?.times ?? [])],
      values: [...(judged.floor?.values ?? [])],
    },
    window: {
      from: times.length > 0 ? iso(times[0]!) : '',
      to: times.length > 0 ? iso(times.at(-1)!) : '',
      samples: times.length,
      stepSeconds: times.length > 1 ? Math.round(median(differences(times))) / 1000 : 0,
    },
  };
}

const GAP_STEPS = 8;

function segmentsOf(lives: readonly Life[], judged: Judgement, memory: Series): Segment[] {
  const segments: Segment[] = [];
  const stepMs = memory.times.length > 1 ? median(differences(memory.times)) : 0;
  lives.forEach(({ times }, index) => {
    if (times.length === 0) return;
    const last = index === lives.length - 1;
    const previous = lives[index - 1]?.times.at(-1);
    if (previous !== undefined) segments.push({ from: iso(previous), to: iso(times[0]!), kind: 'restart' });
    const begins = judged.floor?.times[0] ?? times[0]!;
    const judgedHere = begins >= times[0]! && begins <= times.at(-1)!;
    const leaks = judged.verdict === 'leak' && (judgedHere || last || judged.shape === 'restart-loop');
    let from = times[0]!;
    const cut = (to: number, kind: Segment['kind']): void => {
      if (to > from) segments.push({ from: iso(from), to: iso(to), kind });
      from = to;
    };
    if (last && judged.warmUpEndMs !== null && judged.warmUpEndMs > from) cut(judged.warmUpEndMs, 'warm-up');
    if (last && judged.onsetMs !== null && judged.onsetMs > from) cut(judged.onsetMs, 'steady');
    for (let at = 1; at < times.length; at++) {
      if (times[at]! - times[at - 1]! <= GAP_STEPS * stepMs || times[at - 1]! < from) continue;
      cut(times[at - 1]!, leaks ? 'leak' : 'steady');
      cut(times[at]!, 'gap');
    }
    cut(times.at(-1)!, leaks ? 'leak' : 'steady');
  });
  return segments;
}

function deployNear(atMs: number, events: readonly EventStream[], withinMs: number): string | null {
  let best: { text: string; apart: number } | null = null;
  for (const { times, kinds, texts } of events) {
    times.forEach((time, at) => {
      if (kinds[at] !== 'deploy' && kinds[at] !== 'restart') return;
      const apart = Math.abs(time - atMs);
      if (apart <= withinMs && (best === null || apart < best.apart)) best = { text: texts[at]!, apart };
    });
  }
  return best === null ? null : (best as { text: string }).text;
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z');
}
