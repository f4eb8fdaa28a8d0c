import { quantitiesOf } from '../formats/incident-text/quantities.ts';
import { readIncidentText } from '../formats/incident-text/read.ts';
import { type EventStream, eventStreamFrom } from '../model/event-stream.ts';
import { type Series, type SeriesSet, seriesFrom } from '../model/series.ts';
import type { Unit } from '../model/series-unit.ts';
import { type Facts, factsOf } from './facts.ts';
import { clockText } from './figures.ts';
import type { IncidentEvent } from './incident-events.ts';
import { isMemory, type TextPoint, type TextSeries } from './text-series.ts';

/** What an incident text holds of numbers over time, as evidence like any other. */
export interface IncidentSeries extends SeriesSet {
  /** The memory limit that the text names, in bytes. */
  readonly limitBytes: number | null;
}

const MINUTE_MS = 60_000;

/**
 * The tables, lists and timelines of an incident text as series, with its restarts and deploys as events. A row that stands between the
 * end of one process and the start of the next belongs to neither and is left out; what a row says of the process behind it ("after
 * restart: 412") becomes a point of that one.
 */
export function incidentSeriesOf(text: string, source: string): IncidentSeries {
  const facts = factsOf(readIncidentText(text));
  const notes: string[] = [];
  const own = facts.series.filter(({ from, points }) => from === 'table' && points.length >= 2);
  const series = own.map((each) => ofTable(each, facts, source, notes));
  // A table of memory says more than the sentences of a timeline.
  if (!own.some(isMemory)) series.unshift(...ofTimeline(facts, source));
  return {
    series: series.filter(({ times }) => times.length >= 2),
    events: [eventsOf(facts.events, source)],
    notes,
    limitBytes: facts.memory.limit?.bytes.value ?? null,
  };
}

function ofTable(table: TextSeries, { events, memory }: Facts, source: string, notes: string[]): Series {
  const times: number[] = [];
  const values: number[] = [];
  for (const point of table.points) {
    const ends = gapAt(point, events);
    if (ends) {
      notes.push(
        `line ${point.line}: the row for ${clockText(point.minute)} lies between the end of a process at ${clockText(ends.kill.minute)} and the start of the next${ends.restart ? ` at ${clockText(ends.restart.minute)}` : ''}: left out`,
      );
      const second = behindRestart(point);
      if (second === null || !ends.restart) continue;
      times.push(ends.restart.minute * MINUTE_MS);
      values.push(second);
    } else {
      times.push(point.minute * MINUTE_MS);
      values.push(point.value.value);
    }
  }
  const isShare = table.dimension === 'percent';
  const name =
    isMemory(table) && !/mem|rss|heap|working/i.test(table.name) ? `memory ${table.name}` : table.name;
  const limit = memory.limit?.bytes.value;
  const scale = isShare ? (limit !== undefined && isMemory(table) ? limit / 100 : 0.01) : 1;
  return seriesFrom(
    { name, labels: {}, unit: unitOf(table, scale), kind: 'gauge', source },
    times,
    values.map((value) => value * scale),
  );
}

function unitOf({ dimension }: TextSeries, scale: number): Unit | null {
  if (dimension === 'percent') return scale === 0.01 ? 'share' : 'bytes';
  return dimension === 'bytes' ? 'bytes' : dimension === 'time' ? 'seconds' : 'count';
}

/** Whether nothing ran at the time of a row: behind a kill and before the start that follows it. */
function gapAt(
  { minute }: TextPoint,
  events: readonly IncidentEvent[],
): { kill: IncidentEvent; restart: IncidentEvent | undefined } | null {
  const mine = events.filter(({ process }) => process === '' || process === 'first');
  const kill = mine.findLast((event) => event.kind === 'kill' && event.minute < minute);
  if (!kill) return null;
  const restart = mine.find((event) => event.kind === 'restart' && event.minute >= kill.minute);
  return restart && restart.minute <= minute ? null : { kill, restart };
}

function behindRestart({ note }: TextPoint): number | null {
  if (!/\b(?:after|post)[- ]?(?:the )?(?:restart|kill|deploy|oom)\b/i.test(note)) return null;
  return quantitiesOf(note)[0]?.value ?? null;
}

/** Memory that sentences of a timeline give, a series for each process that they tell apart. */
function ofTimeline({ memory }: Facts, source: string): Series[] {
  const processes = [...new Set(memory.points.map(({ process }) => process))];
  return processes.map((process) => {
    const points = memory.points.filter((point) => point.process === process);
    return seriesFrom(
      {
        name: 'memory',
        labels: process === '' ? {} : { process },
        unit: 'bytes',
        kind: 'gauge',
        source,
      },
      points.map(({ minute }) => minute * MINUTE_MS),
      points.map(({ bytes }) => bytes.value),
    );
  });
}

function eventsOf(events: readonly IncidentEvent[], source: string): EventStream {
  const kinds = { deploy: 'deploy', restart: 'restart', kill: 'oom-kill' } as const;
  return eventStreamFrom(
    source,
    events.flatMap(({ kind, minute, text, process }) =>
      (kind === 'deploy' || kind === 'restart') && (process === '' || process === 'first')
        ? [{ atMs: minute * MINUTE_MS, kind: kinds[kind], text }]
        : [],
    ),
  );
}
