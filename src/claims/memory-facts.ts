import { type Quantity, quantitiesOf } from '../formats/incident-text/quantities.ts';
import { type Rate, ratesOf } from '../formats/incident-text/rates.ts';
import type { IncidentEvent } from './incident-events.ts';
import { exactly, type Interval, minus, over } from './interval.ts';
import { limitsOf, type MemoryLimit } from './stated-limits.ts';
import type { Statement } from './statements.ts';
import { isMemory, type TextSeries } from './text-series.ts';

/** Memory at a time. */
export interface MemoryPoint {
  readonly minute: number;
  readonly bytes: Interval;
  readonly line: number;
  readonly process: string;
  /** The value was given as a share of the limit. */
  readonly percent: number | null;
}

/** How fast memory grew between two points of one process. */
export interface Slope {
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly from: Interval;
  readonly to: Interval;
  readonly perHour: Interval;
  readonly lines: readonly number[];
}

/** A rate of growth that the text states. */
export interface StatedRate extends Rate {
  readonly line: number;
  readonly statement: string;
}

export interface MemoryFacts {
  readonly limit: MemoryLimit | null;
  readonly raisedLimit: MemoryLimit | null;
  readonly points: readonly MemoryPoint[];
  /** Of the main process, in the order of time; none across a restart. */
  readonly slopes: readonly Slope[];
  /** First to last point of the longest run without a restart. */
  readonly overall: Slope | null;
  readonly grown: Interval | null;
  readonly stated: readonly StatedRate[];
  readonly current: { readonly bytes: Interval; readonly line: number } | null;
  readonly percentNow: { readonly percent: Interval; readonly line: number; readonly text: string } | null;
  readonly source: string;
}

const MEMORY = /\b(?:memory|mem|rss|heap|usage|working[- ]set|footprint|resident|ram)\b/i;
const GROWTH =
  /\b(?:gr[eo]w\w*|rose|climb\w*|increas\w*|leak\w*|climb\w*|ris(?:e|es|ing)|rate|pattern|trend\w*|adds?|gain\w*|creep\w*|go(?:es|ing)? up|went up|(?:get|grow)s? higher|higher)\b|[+↑]/i;
const NO_GROWTH =
  /\b(?:throughput|bandwidth|network|traffic|disk|allocation rate|allocat\w+ at|alloc rate|transfer\w*|download\w*|ingest\w*|i\/o|logs?|shrink\w*|freed?|drops?|falls?)\b/i;

/** All that a text says of memory: points, limits, stated rates. */
export function memoryFactsOf(
  statements: readonly Statement[],
  series: readonly TextSeries[],
  events: readonly IncidentEvent[],
): MemoryFacts {
  const limits = limitsOf(statements);
  const limit = limits.find(({ raised }) => !raised) ?? null;
  const raisedLimit = limits.find(({ raised }) => raised) ?? null;
  const table = series.filter(isMemory).sort((a, b) => rank(b) - rank(a))[0];
  const current = currentOf(statements);
  const points = (
    table ? tablePoints(table, limit) : narrativePoints(statements, events, limit, current)
  ).sort((a, b) => a.minute - b.minute);
  const main = points.filter(({ process }) => process === '');
  const runs = table?.from === 'evidence' ? [main] : withoutRestarts(main, events);
  const run = runs.reduce<readonly MemoryPoint[]>((a, b) => (spanOf(b) > spanOf(a) ? b : a), []);
  const overall = run.length >= 2 ? slope(run[0]!, run.at(-1)!) : fromTo(statements);
  return {
    limit,
    raisedLimit,
    points,
    slopes: run
      .slice(1)
      .map((to, at) => slope(run[at]!, to))
      .filter(({ perHour }) => Number.isFinite(perHour.value)),
    overall,
    grown: overall ? minus(overall.to, overall.from) : null,
    stated: statedRates(statements),
    current,
    percentNow: percentOf(statements),
    source: table?.source ?? 'text',
  };
}

function rank(series: TextSeries): number {
  return (
    (series.dimension === 'bytes' ? 1e6 : 0) + (series.from === 'evidence' ? 5e5 : 0) + series.points.length
  );
}

function spanOf(points: readonly MemoryPoint[]): number {
  return points.length < 2 ? 0 : points.at(-1)!.minute - points[0]!.minute;
}

export function slope(from: MemoryPoint, to: MemoryPoint): Slope {
  const hours = exactly((to.minute - from.minute) / 60);
  return {
    fromMinute: from.minute,
    toMinute: to.minute,
    from: from.bytes,
    to: to.bytes,
    perHour: over(minus(to.bytes, from.bytes), hours),
    lines: [from.line, to.line],
  };
}

function tablePoints(table: TextSeries, limit: MemoryLimit | null): MemoryPoint[] {
  if (table.dimension === 'percent' && !limit) return [];
  return table.points.map(({ minute, value, line }) => ({
    minute,
    line,
    process: '',
    percent: table.dimension === 'percent' ? value.value : null,
    bytes: table.dimension === 'percent' ? shareOf(value, limit!.bytes) : value,
  }));
}

export function shareOf(percent: Interval, whole: Interval): Interval {
  return {
    low: (percent.low / 100) * whole.low,
    value: (percent.value / 100) * whole.value,
    high: (percent.high / 100) * whole.high,
  };
}

/** "Memory at 2.4GB" in a timeline, and where it started. */
function narrativePoints(
  statements: readonly Statement[],
  events: readonly IncidentEvent[],
  limit: MemoryLimit | null,
  current: MemoryFacts['current'],
): MemoryPoint[] {
  const points: MemoryPoint[] = [];
  for (const event of events) {
    const level = levelOf(event.text);
    if (level)
      points.push({
        minute: event.minute,
        bytes: level,
        line: event.line,
        process: event.process,
        percent: null,
      });
    const share = limit
      ? quantitiesOf(event.text).find(
          (quantity) => quantity.dimension === 'percent' && isLevel(event.text, quantity),
        )
      : undefined;
    if (!level && share)
      points.push({
        minute: event.minute,
        bytes: shareOf(share, limit!.bytes),
        line: event.line,
        process: event.process,
        percent: share.value,
      });
  }
  const start = startOf(statements);
  const deploy = events.filter(({ kind }) => kind === 'deploy')[0];
  if (start && deploy && !points.some(({ minute }) => minute === deploy.minute))
    points.push({ minute: deploy.minute, bytes: start, line: start.line, process: '', percent: null });
  const last = points.at(-1);
  if (points.length === 1 && current && last) return points;
  return points;
}

function levelOf(text: string): Quantity | undefined {
  const sizes = quantitiesOf(text).filter(({ dimension }) => dimension === 'bytes');
  return sizes.find((size) => isLevel(text, size));
}

function isLevel(text: string, { start, end, bound, signed }: Quantity): boolean {
  const before = text.slice(0, start);
  const behind = text.slice(end);
  if (
    bound !== null ||
    signed ||
    /^\s*(?:limit|threshold|cap|request)|^\s*(?:\/|per\b|every\b|each\b)/i.test(behind)
  )
    return false;
  if (/\b(?:limit|threshold|exceed\w*|cap)\b[^,;.]{0,20}$/i.test(before)) return false;
  return (
    /\b(?:at|to|of|reach(?:ed|es)|hit|is|was|now|around|=)\s*[:~]?\s*$|[:=|]\s*~?\s*$/i.test(before) &&
    (MEMORY.test(text) || /\bgr[eo]w\b/i.test(before))
  );
}

function startOf(statements: readonly Statement[]): (Quantity & { line: number }) | null {
  for (const { sentences } of statements) {
    for (const { text, line } of sentences) {
      const size = quantitiesOf(text).find(
        ({ dimension, start }) =>
          dimension === 'bytes' &&
          /\b(?:start(?:ed|s|ing)?|began|begin|baseline|was|up from|from)\b[^,;.]{0,20}$/i.test(
            text.slice(0, start),
          ),
      );
      if (size && /deploy|release|rollout|restart|start-?up|boot|upgrade/i.test(text))
        return { ...size, line };
    }
  }
  return null;
}

/** "Grew from 512 MB to 1.3 GB in 3 hours": a slope without a clock. */
function fromTo(statements: readonly Statement[]): Slope | null {
  for (const { sentences } of statements) {
    for (const { text, line } of sentences) {
      if (!MEMORY.test(text) || /\blimit\b/i.test(text)) continue;
      const found = quantitiesOf(text);
      const sizes = found.filter(({ dimension }) => dimension === 'bytes');
      const duration = found.find(
        ({ dimension, start }) =>
          dimension === 'time' &&
          /\b(?:in|over|within|during|after)\s*(?:the (?:last|past)|just|only|about|~)?\s*$/i.test(
            text.slice(0, start),
          ),
      );
      if (sizes.length !== 2 || !duration || !/\bfrom\b/i.test(text.slice(0, sizes[0]!.start))) continue;
      const [from, to] = sizes as [Quantity, Quantity];
      const hours = over(duration, exactly(3_600_000));
      return {
        fromMinute: 0,
        toMinute: duration.value / 60_000,
        from,
        to,
        perHour: over(minus(to, from), hours),
        lines: [line],
      };
    }
  }
  return null;
}

function withoutRestarts(points: readonly MemoryPoint[], events: readonly IncidentEvent[]): MemoryPoint[][] {
  const ends = events
    .filter(
      ({ kind, process }) =>
        (kind === 'restart' || kind === 'kill') && (process === '' || process === 'first'),
    )
    .map(({ minute }) => minute);
  const runs: MemoryPoint[][] = [];
  let run: MemoryPoint[] = [];
  for (const point of points) {
    const previous = run.at(-1);
    // The value of the minute of the kill is the last one before it.
    const between =
      previous &&
      ends.some(
        (minute) =>
          (minute >= previous.minute && minute < point.minute && minute !== run[0]!.minute) ||
          (minute === point.minute && point.bytes.value < previous.bytes.value * 0.9),
      );
    if (between || (previous && point.bytes.value < previous.bytes.value * 0.67)) {
      runs.push(run);
      run = [];
    }
    run.push(point);
  }
  return [...runs, run];
}

function currentOf(statements: readonly Statement[]): MemoryFacts['current'] {
  for (const { sentences } of statements) {
    for (const { text, line } of sentences) {
      const match = /\bcurrent(?:ly)?(?: value| usage| memory)?\s*(?::|is|at|=)\s*~?/i.exec(text);
      if (!match) continue;
      const size = quantitiesOf(text).find(
        ({ dimension, start }) =>
          dimension === 'bytes' && start >= match.index && start - match.index - match[0].length < 3,
      );
      if (size) return { bytes: size, line };
    }
  }
  return null;
}

function percentOf(statements: readonly Statement[]): MemoryFacts['percentNow'] {
  for (const wanted of [/\bcurrent/i, /\b(?:memory|mem|rss|heap)\b.*\bat\b/i]) {
    for (const { sentences } of statements) {
      for (const { text, line } of sentences) {
        if (!wanted.test(text)) continue;
        const percent = quantitiesOf(text).find(
          ({ dimension, bound }) => dimension === 'percent' && bound === null,
        );
        if (percent) return { percent, line, text };
      }
    }
  }
  return null;
}

/** "That's about 370 MB/h": a rate that goes on from the saying before. */
const REFERS =
  /(?:^|[\s\]:])(?:that(?:'?s| is| makes)|thus|hence|i\.e\.|so)\s+(?:about|around|roughly|some|~)?\s*$/i;
const GAINED =
  /\b(?:gained|gains|grow(?:s|ing)|gaining|rising|increasing|leaking|added|adds|grew|grown|rose|risen|increased|climbed|added|leaked|went up)\s+(?:by\s+)?(?:about|around|roughly|some|~)?\s*$/i;

/** "Gained roughly 13 MB in two hours", "RSS rose 600 MB in 8 hours". */
function amountsInTime(text: string, line: number): StatedRate[] {
  const quantities = quantitiesOf(text);
  return quantities.flatMap((amount, at) => {
    const behind = quantities[at + 1];
    if (amount.dimension !== 'bytes' || behind?.dimension !== 'time' || behind.value <= 0) return [];
    if (!GAINED.test(text.slice(0, amount.start))) return [];
    if (
      !/^\s*(?:in|within|over|during)\s*(?:the (?:last|past) |about |just |only |~)?$/i.test(
        text.slice(amount.end, behind.start),
      )
    )
      return [];
    const scale = 3_600_000 / behind.value;
    return [
      {
        dimension: 'bytes' as const,
        perHour: amount.value * scale,
        low: (amount.low / behind.high) * 3_600_000,
        high: (amount.high / behind.low) * 3_600_000,
        amount,
        periodMs: behind.value,
        noun: '',
        text: text.slice(amount.start, behind.end),
        start: amount.start,
        end: behind.end,
        line,
        statement: text,
      },
    ];
  });
}

function statedRates(statements: readonly Statement[]): StatedRate[] {
  const found: StatedRate[] = [];
  for (const { sentences, kind, headings, block } of statements) {
    if (kind === 'heading') continue;
    for (const { text, line } of sentences) {
      for (const rate of ratesOf(text)) {
        if (rate.dimension !== 'bytes') continue;
        const near = `${headings.at(-1) ?? ''} ${block.kind === 'code' ? '' : block.caption}`;
        if (NO_GROWTH.test(text) && !/memory|heap|rss/i.test(text)) continue;
        if (GROWTH.test(text) || GROWTH.test(near) || REFERS.test(text.slice(0, rate.start)))
          found.push({ ...rate, line, statement: text });
      }
      found.push(...amountsInTime(text, line));
    }
  }
  return found;
}
