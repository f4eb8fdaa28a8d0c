import { quantitiesOf } from '../formats/incident-text/quantities.ts';
import { momentsOf } from '../formats/incident-text/times.ts';
import type { TextClock } from './clock.ts';
import type { Interval } from './interval.ts';
import type { Track } from './readings/track.ts';
import type { TextPoint } from './text-series.ts';

const DAY = 1440;

/** Minutes on the text's axis of every clock in a sentence, "noon" and "midnight" included, put on the days of a track. */
export function minutesIn(text: string, clock: TextClock, { points }: Track): number[] {
  const [first, last] = [points[0]!.minute, points.at(-1)!.minute];
  const written = text
    .replace(/\bnoon\b/gi, '12:00')
    .replace(/\bmidnight\b/gi, '00:00')
    .replace(/\b(\d{1,2})h(\d\d)\b(?=[^\w])/g, '$1:$2');
  return momentsOf(written).flatMap((moment) => {
    const minute = clock.minuteOf(moment);
    if (minute === null) return [];
    if (moment.dayKind !== 'none') return [minute];
    const days = [0, 1, -1, 2, -2, 3].map((shift) => minute + shift * DAY);
    return [days.find((each) => each >= first - 1 && each <= last + 1) ?? minute];
  });
}

/** The part of a track that a sentence speaks of: all of it, "between 09:00 and 14:00", "in the first hour", "since noon". Null: cannot be told. */
export function windowOf(text: string, clock: TextClock, track: Track): readonly TextPoint[] | null {
  const { points } = track;
  if (!Number.isFinite(points[0]!.minute)) return points;
  const first = points[0]!.minute;
  const inFirst =
    /\b(?:in|within|during|after) (?:the |its |just the )?first ((?:\d+ |two |three |half )?(?:an )?(?:hours?|minutes?|days?))\b/i.exec(
      text,
    );
  if (inFirst) {
    const told =
      /^\d/.test(inFirst[1]!) || /^(?:two|three)/i.test(inFirst[1]!) ? inFirst[1]! : `one ${inFirst[1]}`;
    const minutes = (quantitiesOf(told)[0]?.value ?? Number.NaN) / 60_000;
    const inside = points.filter(({ minute }) => minute <= first + minutes * 1.01);
    return inside.length >= 2 && Math.abs(inside.at(-1)!.minute - first - minutes) <= minutes * 0.1
      ? inside
      : null;
  }
  if (/\b(?:last|past|latest|final|second half|first half|overnight|at first|at the end)\b/i.test(text))
    return null;
  if (/\b(?:in|during) (?:that|this|the) (?:hour|half hour|day)\b/i.test(text))
    return points.length === 2 ? points : null;
  const times = minutesIn(text, clock, track);
  if (times.length >= 2 && /\b(?:between|from|to|until|till|and|than)\b|–|-/.test(text)) {
    const [from, to] = [Math.min(...times), Math.max(...times)];
    const inside = points.filter(({ minute }) => minute >= from - 1 && minute <= to + 1);
    return inside.length >= 2 && near(inside[0]!.minute, from) && near(inside.at(-1)!.minute, to)
      ? inside
      : null;
  }
  if (times.length === 1) {
    const since = /\b(?:since|from|starting)\b/i.test(text);
    const inside = points.filter(({ minute }) => (since ? minute >= times[0]! - 1 : false));
    return since && inside.length >= 2 && near(inside[0]!.minute, times[0]!) ? inside : null;
  }
  return points;
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 2;
}

/** The level at a minute: its own point, or anything between the two points around it. Null outside of the track. */
export function levelAt({ points }: Track, minute: number): { value: Interval; lines: number[] } | null {
  const own = points.find((point) => Math.abs(point.minute - minute) <= 1);
  if (own) return { value: own.value, lines: [own.line] };
  const after = points.findIndex((point) => point.minute > minute);
  if (after <= 0) return null;
  const [a, b] = [points[after - 1]!, points[after]!];
  const part = (minute - a.minute) / (b.minute - a.minute);
  return {
    value: {
      low: Math.min(a.value.low, b.value.low),
      value: a.value.value + part * (b.value.value - a.value.value),
      high: Math.max(a.value.high, b.value.high),
    },
    lines: [a.line, b.line],
  };
}

/** A track cut where it falls by a third or more: behind a restart it is another process. The longest piece. */
export function longestRun(points: readonly TextPoint[]): readonly TextPoint[] {
  let [bestFrom, bestTo, from] = [0, 0, 0];
  for (const [at, { value }] of points.entries()) {
    if (at > 0 && value.value < points[at - 1]!.value.value * 0.67) from = at;
    if (at + 1 - from > bestTo - bestFrom) [bestFrom, bestTo] = [from, at + 1];
  }
  return points.slice(bestFrom, bestTo);
}
