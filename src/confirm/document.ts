import { differences, median } from '../analysis/series/robust.ts';
import type { EventStream } from '../model/event-stream.ts';
import type { Series } from '../model/series.ts';
import type { Confirmation, Interval, Segment } from './confirmation.ts';
import type { Judgement } from './judgement.ts';
import type { Life } from './processes.ts';
import { spanOf } from './stretch.ts';
import { timeToLimit } from './time-to-limit.ts';
import { amount } from './words.ts';

/** The judgement as it is told. */
export function documentOf(
  memory: Series,
  events: readonly EventStream[],
  lives: readonly Life[],
  judged: Judgement,
  limit: number | null,
): Confirmation {
  const { times } = memory;
  const onsetEvent =
    judged.onsetMs === null ? null : deployNear(judged.onsetMs, events, spanOf(times) * 0.05);
  const reasons = [...judged.reasons];
  if (judged.rate && judged.verdict === 'leak') {
    const { value, low, high } = rateNow(judged)!;
    const { unit } = memory;
    const range = `between ${amount(low, unit)} and ${amount(high, unit)}`;
    reasons.push(
      judged.shape === 'accelerating'
        ? `${amount(value, unit)} an hour at the end, ${range} from the mean of all to the last of it`
        : `${amount(value, unit)} an hour, ${range} (95 %)`,
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
    ratePerHour: judged.verdict === 'leak' ? rateNow(judged) : null,
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

/**
 * What grows ever faster has no one rate: that of its later part is told, and the interval goes from the mean of all to the end, where a course that is
 * bent evenly is as much faster than its later half as that is faster than the mean.
 */
function rateNow({ rate, lateRate, shape }: Judgement): Interval | null {
  if (rate === null || lateRate === null || shape !== 'accelerating' || lateRate.value <= rate.value)
    return rate;
  const beyond = lateRate.value - rate.value;
  return {
    value: lateRate.value,
    low: Math.min(rate.low, lateRate.low),
    high: lateRate.high + beyond,
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
