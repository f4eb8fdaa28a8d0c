import type { IncidentText } from '../formats/incident-text/document.ts';
import { quantitiesOf } from '../formats/incident-text/quantities.ts';
import { type Rate, ratesOf } from '../formats/incident-text/rates.ts';
import { momentsOf } from '../formats/incident-text/times.ts';
import { readLogLines } from '../formats/log/read.ts';
import type { LogReading } from '../formats/log/reading.ts';
import { stampOf } from '../formats/log/timestamps.ts';
import type { Series } from '../model/series.ts';
import { TextClock } from './clock.ts';
import { type Counter, countersOf } from './counters.ts';
import { type IncidentEvent, incidentEventsOf } from './incident-events.ts';
import { exactly } from './interval.ts';
import { type MemoryFacts, memoryFactsOf } from './memory-facts.ts';
import { tracksOf } from './readings/all.ts';
import type { Track } from './readings/track.ts';
import { type Saying, sayingsOf } from './sayings.ts';
import { type SizeTable, sizeTablesOf } from './size-tables.ts';
import { type Statement, statementsOf } from './statements.ts';
import { memoryKindOf } from './subject.ts';
import { isMemory, type TextSeries, textSeriesOf } from './text-series.ts';

export type Runtime = 'ruby' | 'python' | 'go' | 'node';

/** What a check works on: the text, and all that was read from it and from the evidence beside it. */
export interface Facts {
  readonly document: IncidentText;
  readonly statements: readonly Statement[];
  readonly clock: TextClock;
  readonly events: readonly IncidentEvent[];
  readonly series: readonly TextSeries[];
  /** Every metric over time, one for each thing it is of: also from log lines and what tools printed. */
  readonly tracks: readonly Track[];
  /** Sentences that state something of the incident. */
  readonly sayings: readonly Saying[];
  /** Series of counts: goroutines, listeners, cache entries. */
  readonly counts: readonly TextSeries[];
  readonly memory: MemoryFacts;
  readonly counters: readonly Counter[];
  readonly tables: readonly SizeTable[];
  readonly logs: readonly { readonly reading: LogReading; readonly lines: readonly number[] }[];
  readonly runtimes: ReadonlySet<Runtime>;
  /** Rates of things, with their sentence. */
  readonly rates: readonly (Rate & { readonly line: number; readonly statement: string })[];
  readonly code: readonly CodeBlock[];
  /** The evidence as it was read. */
  readonly evidence: CheckEvidence;
}

/** A block of code or commands as one text. */
export interface CodeBlock {
  readonly text: string;
  readonly language: string;
  readonly firstLine: number;
  readonly context: string;
}

/** Numbers of other files that the text is held against. */
export interface CheckEvidence {
  readonly series: readonly Series[];
  readonly logs: readonly LogReading[];
}

/** Reads everything out of a text that a check may need. */
export function factsOf(document: IncidentText, evidence: CheckEvidence = { series: [], logs: [] }): Facts {
  const statements = statementsOf(document);
  const clock = new TextClock(statements);
  const events = incidentEventsOf(statements, clock);
  const logs = logsOf(document);
  const inLogs = new Set(logs.map(({ block }) => block));
  const series = [
    ...evidence.series.map((each) => fromEvidence(each)),
    ...textSeriesOf(
      document.blocks.filter(({ index }) => !inLogs.has(index)),
      clock,
    ),
    ...[...logs.map(({ reading }) => reading), ...evidence.logs].flatMap((reading, at) =>
      seriesOfLog(reading, logs[at]?.stamps ?? null),
    ),
  ].filter(({ points }) => points.length > 0);
  const tracks = tracksOf(document, clock, series);
  return {
    document,
    statements,
    clock,
    events,
    series,
    tracks,
    sayings: sayingsOf(statements),
    counts: series.filter(({ dimension, points }) => dimension === 'count' && points.length >= 3),
    memory: memoryFactsOf(statements, [...series, ...memoryOfTracks(tracks, series)], events),
    counters: countersOf(statements),
    tables: sizeTablesOf(document.blocks),
    logs: [...logs, ...evidence.logs.map((reading) => ({ reading, lines: [] }))],
    evidence,
    runtimes: runtimesOf(document),
    rates: statements
      .filter(({ kind }) => kind !== 'heading')
      .flatMap(({ sentences }) =>
        sentences.flatMap(({ text, line }) =>
          ratesOf(text).map((rate) => ({ ...rate, line, statement: text })),
        ),
      ),
    code: document.blocks
      .filter(({ kind }) => kind === 'code')
      .map(({ lines, language, caption, headings }) => ({
        text: lines.map(({ text }) => text).join('\n'),
        language,
        firstLine: lines[0]!.number,
        context: [caption, headings.at(-1) ?? ''].join(' · '),
      })),
  };
}

interface TextLog {
  readonly reading: LogReading;
  readonly lines: readonly number[];
  readonly block: number;
  /** Time of each line in milliseconds, with its number in the text. */
  readonly stamps: readonly { readonly atMs: number; readonly line: number }[];
}

function logsOf(document: IncidentText): TextLog[] {
  const found: TextLog[] = [];
  for (const block of document.blocks) {
    if (block.kind !== 'code') continue;
    const stamped = block.lines.filter(({ text }) => {
      const first = momentsOf(text)[0];
      if (first?.minutes == null || first.start > 3) return false;
      // A row of a table has its number right behind the time; a log line says something first.
      const behind = text.slice(first.end).trim();
      return /[A-Za-z]{3}/.test(behind) && quantitiesOf(behind).every(({ start }) => start > 2);
    });
    if (stamped.length < 2) continue;
    found.push({
      reading: readLogLines(
        block.lines.map(({ text, kind }) => (kind === 'comment' ? '' : text)),
        'text',
      ),
      lines: block.lines.map(({ number }) => number),
      stamps: stamped.map(({ text, number }) => ({
        atMs: stampOf(text.trimStart(), 1970)?.atMs ?? Number.NaN,
        line: number,
      })),
      block: block.index,
    });
  }
  return found;
}

function seriesOfLog(reading: LogReading, stamps: TextLog['stamps'] | null): TextSeries[] {
  const lineAt = new Map(stamps?.map(({ atMs, line }) => [atMs, line]));
  return reading.series.map(({ name, unit, times, values }) => {
    return {
      name,
      dimension:
        unit === 'bytes' ? 'bytes' : unit === 'share' ? 'percent' : unit === 'seconds' ? 'time' : 'count',
      from: stamps ? 'log' : 'evidence',
      context: 'log',
      source: reading.series[0]?.source ?? 'log',
      points: Array.from(times, (time, at) => ({
        minute: time / 60_000,
        value: exactly(values[at]! * (unit === 'share' ? 100 : 1)),
        line: lineAt.get(time) ?? stamps?.[0]?.line ?? 0,
        note: '',
      })),
    };
  });
}

/** Where no table has memory, log lines and tools may, if they tell of one process only. */
function memoryOfTracks(tracks: readonly Track[], series: readonly TextSeries[]): TextSeries[] {
  if (series.some(isMemory)) return [];
  for (const kind of ['resident', 'heap'] as const) {
    const found = tracks.filter(
      ({ dimension, points, words }) =>
        dimension === 'bytes' &&
        points.length >= 3 &&
        Number.isFinite(points[0]!.minute) &&
        memoryKindOf(words) === kind,
    );
    if (found.length > 0)
      return found.length > 1 ? [] : [{ ...found[0]!, from: 'log', context: 'memory', source: 'text' }];
  }
  return [];
}

/** Evidence may have a million points; a thousand tell the same slopes. */
function fromEvidence({ name, unit, times, values, source }: Series): TextSeries {
  const every = Math.max(1, Math.ceil(times.length / 1000));
  const points: TextSeries['points'][number][] = [];
  for (
    let at = 0;
    at < times.length;
    at += at + every < times.length || at === times.length - 1 ? every : times.length - 1 - at
  )
    points.push({
      minute: times[at]! / 60_000,
      value: exactly(values[at]! * (unit === 'share' ? 100 : 1)),
      line: 0,
      note: '',
    });
  return {
    name,
    dimension:
      unit === 'bytes' ? 'bytes' : unit === 'share' ? 'percent' : unit === 'seconds' ? 'time' : 'count',
    from: 'evidence',
    context: '',
    source,
    points,
  };
}

const RUNTIMES: readonly [Runtime, RegExp][] = [
  ['ruby', /\b(?:ruby|rails|puma|sidekiq|rbtrace|ObjectSpace|gem)\b|\.rb\b|^```ruby/im],
  [
    'python',
    /\bpython\b|\bdjango\b|\bflask\b|\bfastapi\b|\bcelery\b|\bgc\.collect\(|\.py\b|tracemalloc|^```python/im,
  ],
  ['go', /\bgoroutines?\b|\bgolang\b|\.go:\d|\bgo_memstats|^```go\b/im],
  ['node', /\bnode(?:\.?js)\b|\bnodejs_|EventEmitter|\bV8\b|\.js:\d|\bjavascript\b|\bsocket\.on\(|\.js\b/im],
];

function runtimesOf({ lines }: IncidentText): Set<Runtime> {
  const text = lines.map(({ raw }) => raw).join('\n');
  return new Set(RUNTIMES.filter(([, sign]) => sign.test(text)).map(([runtime]) => runtime));
}
