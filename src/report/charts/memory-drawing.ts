import { amount } from '../../confirm/words.ts';
import type { TimelineRecord } from '../../model/case.ts';
import type { ConfirmedSeries } from '../report-input.ts';
import type { Mark, MemoryDrawing, Point } from './memory-chart.ts';

const HOUR_MS = 3_600_000;
/** The time to the limit is drawn where it leaves most of the room to what was measured. */
const MOST_PROJECTED = 0.6;
const MOST_MARKS = 14;
/** Above this many times the highest value a limit is not drawn. */
const FAR_LIMIT = 2;
/** What gives way first when there are too many marks. */
const RANK: readonly Mark['kind'][] = ['action', 'alert', 'capture', 'restart', 'deploy'];

/** What a chart of a judged series shows; null where neither points nor a floor are known. */
export function memoryDrawing(
  series: ConfirmedSeries,
  timeline: readonly TimelineRecord[],
): MemoryDrawing | null {
  const { samples, floor, unit, limit, metric } = series;
  const measured = pointsOf(samples ?? floor);
  const floorPoints = pointsOf(floor);
  const [first, last] = [measured[0], measured.at(-1)];
  if (!first || !last || last[0] <= first[0]) return null;
  const slopes = slopesOf(series, floorPoints.length > 1 ? floorPoints : measured);
  const projected = slopes.find((each) => each.projected);
  const toMs = Math.max(last[0], projected?.to[0] ?? 0);
  const marks = marksOf(series, timeline, first[0], toMs);
  const values = measured.map(([, value]) => value);
  const isFar = limit !== null && limit > Math.max(...values) * FAR_LIMIT && !projected;
  const rate = series.ratePerHour ? `, growing by ${amount(series.ratePerHour.value, unit)} an hour` : '';
  return {
    title: `${metric} over time`,
    description: `From ${amount(first[1], unit)} to ${amount(last[1], unit)}, between ${amount(Math.min(...values), unit)} and ${amount(Math.max(...values), unit)}${rate}.${
      limit === null ? '' : ` The limit is ${amount(limit, unit)}.`
    } ${marks.length} moments are marked and listed below.`,
    unit,
    fromMs: first[0],
    toMs,
    samples: samples === null ? [] : measured,
    floor: floorPoints,
    slopes,
    limit: isFar ? null : limit,
    limitAbove: isFar ? limit : null,
    marks,
  };
}

function pointsOf(
  given: { readonly times: readonly number[]; readonly values: readonly number[] } | null,
): Point[] {
  return given ? given.times.map((time, at): Point => [time, given.values[at]!]) : [];
}

/** The measured rate through the floor of each stretch that leaks, and from the last of them on to the limit. */
function slopesOf(
  { ratePerHour, segments, window, timeToLimit }: ConfirmedSeries,
  floor: readonly Point[],
): MemoryDrawing['slopes'] {
  if (ratePerHour === null) return [];
  const leaking = segments.filter(({ kind }) => kind === 'leak');
  const stretches = leaking.length > 0 ? leaking : [window];
  const lines = stretches.flatMap(({ from, to }) => {
    const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
    const inside = floor.filter(([time]) => time >= fromMs && time <= toMs);
    if (inside.length < 2) return [];
    const mean = (at: 0 | 1): number => inside.reduce((sum, point) => sum + point[at], 0) / inside.length;
    const [meanTime, meanValue] = [mean(0), mean(1)];
    const at = (time: number): Point => [time, meanValue + ((time - meanTime) / HOUR_MS) * ratePerHour.value];
    return [{ from: at(inside[0]![0]), to: at(inside.at(-1)![0]), projected: false, at }];
  });
  const last = lines.at(-1);
  const drawn = lines.map(({ from, to, projected }) => ({ from, to, projected }));
  const end = Date.parse(window.to);
  if (!last || timeToLimit === null || timeToLimit.hours <= 0) return drawn;
  const spanMs = end - Date.parse(window.from);
  if (timeToLimit.hours * HOUR_MS > spanMs * MOST_PROJECTED) return drawn;
  const reached: Point = [end + timeToLimit.hours * HOUR_MS, timeToLimit.limitBytes];
  return [...drawn, { from: last.to, to: reached, projected: true }];
}

function marksOf(
  { restarts }: ConfirmedSeries,
  timeline: readonly TimelineRecord[],
  fromMs: number,
  toMs: number,
): Mark[] {
  const found: Omit<Mark, 'sign'>[] = [];
  const labels = new Map<Omit<Mark, 'sign'>, string>();
  for (const { kind, at, text, facts } of timeline) {
    if (kind !== 'capture' && kind !== 'action' && kind !== 'deploy' && kind !== 'alert') continue;
    // The outcome of an act stands with its beginning.
    if (kind === 'action' && facts?.['phase'] === 'outcome') continue;
    const mark = { atMs: Date.parse(at), kind, text };
    found.push(mark);
    if (kind === 'capture' && facts?.['label']) labels.set(mark, facts['label']);
  }
  for (const { at, sign, event } of restarts)
    found.push({ atMs: Date.parse(at), kind: 'restart', text: event ?? `told by ${sign}` });
  const within = found.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const kept = new Set(
    within
      .toSorted((a, b) => RANK.indexOf(a.kind) - RANK.indexOf(b.kind) || b.atMs - a.atMs)
      .slice(0, MOST_MARKS),
  );
  let number = 0;
  return within
    .filter((mark) => kept.has(mark))
    .sort((a, b) => a.atMs - b.atMs)
    .map((mark) => ({ ...mark, sign: labels.get(mark) ?? String(++number) }));
}
