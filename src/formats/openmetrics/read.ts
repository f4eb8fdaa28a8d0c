import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import { F64List } from '../../base/f64-list.ts';
import type { LongCall } from '../../base/progress.ts';
import { readAll } from '../../base/read-all.ts';
import { scaleOfEpoch } from '../../model/sample-time.ts';
import { type Labels, type SeriesKind, type SeriesSet, seriesFrom } from '../../model/series.ts';
import { type Unit, unitOfName } from '../../model/series-unit.ts';
import { parseSample } from './sample.ts';

/** How exposition text is read. */
export interface OpenMetricsOptions extends LongCall {
  /** Time of samples that bear none, milliseconds since 1970: when the scrape was taken. */
  scrapedAtMs?: number | undefined;
}

interface Family {
  kind: SeriesKind;
  unit: Unit | null;
}

/**
 * Reads Prometheus' text format 0.0.4 or OpenMetrics 1.0: one scrape, or many with timestamps one behind the other (as `promtool
 * tsdb dump-openmetrics` or repeated `curl >>` give). Timestamps are milliseconds in the one and seconds in the other; size tells.
 * Scrapes without timestamps that repeat a series are put one second apart, and a note says so.
 *
 * @throws FormatError with the byte offset when no line is a sample
 * @example
 * import { openFile, readOpenMetrics } from 'stanch';
 *
 * const { series } = await readOpenMetrics(openFile('metrics.txt'), { scrapedAtMs: Date.now() });
 * for (const { name, values } of series) process.stdout.write(`${name} ${values[0]}\n`);
 */
export async function readOpenMetrics(
  source: ByteSource,
  options: OpenMetricsOptions = {},
): Promise<SeriesSet> {
  const text = new TextDecoder().decode(await readAll(source, options.signal));
  return parseOpenMetrics(text, source.name, options.scrapedAtMs ?? null);
}

interface Points {
  readonly name: string;
  readonly labels: Labels;
  readonly times: F64List;
  readonly values: F64List;
}

const ONE_SCRAPE_MS = 1000;

/** The same of a text in memory. */
export function parseOpenMetrics(text: string, file: string, scrapedAtMs: number | null): SeriesSet {
  const families = new Map<string, Family>();
  const all = new Map<string, Points>();
  const notes: string[] = [];
  let unreadable = 0;
  let firstUnreadable = 0;
  let untimed = 0;
  let offset = 0;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const at = offset;
    offset += raw.length + 1;
    if (line === '') continue;
    if (line.startsWith('#')) {
      comment(line, families);
      continue;
    }
    const sample = parseSample(line);
    if (!sample) {
      if (unreadable++ === 0) firstUnreadable = at;
      continue;
    }
    let points = all.get(sample.id);
    if (!points) {
      points = { name: sample.name, labels: sample.labels, times: new F64List(), values: new F64List() };
      all.set(sample.id, points);
    }
    if (sample.time === null) untimed++;
    points.times.push(
      sample.time === null
        ? (scrapedAtMs ?? 0) + points.times.length * ONE_SCRAPE_MS
        : milliseconds(sample.time),
    );
    points.values.push(sample.value);
  }
  if (all.size === 0) {
    throw new FormatError({
      file,
      offset: bytesBefore(text, firstUnreadable),
      expected: "a sample, as 'go_goroutines 42'",
      found: unreadable > 0 ? `${unreadable} lines of something else` : 'an empty text',
    });
  }
  if (unreadable > 0)
    notes.push(
      `${unreadable} lines are no samples and were left out, the first at byte ${bytesBefore(text, firstUnreadable)}`,
    );
  if (untimed > all.size)
    notes.push('samples bear no timestamps: repeated scrapes were put one second apart');
  const series = [...all.values()].map(({ name, labels, times, values }) => {
    const { kind, unit } = familyOf(name, families);
    return seriesFrom({ name, labels, unit, kind, source: file }, times.view(), values.view());
  });
  return { series, events: [], notes };
}

function comment(line: string, families: Map<string, Family>): void {
  const match = /^#\s+(TYPE|UNIT)\s+(\S+)\s+(\S+)/.exec(line);
  if (!match) return;
  const [, what, name, value] = match as unknown as [string, string, string, string];
  const family = families.get(name) ?? { kind: 'unknown', unit: null };
  if (what === 'UNIT') family.unit = unitOfName(value)?.unit ?? null;
  else if (value === 'counter') family.kind = 'counter';
  else if (value === 'gauge') family.kind = 'gauge';
  families.set(name, family);
}

/** Counters and the parts of histograms and summaries bear suffixes that the family's own name has not. */
function familyOf(name: string, families: ReadonlyMap<string, Family>): Family {
  const base = name.replace(/_(total|created|count|sum|bucket)$/, '');
  const family = families.get(name) ?? families.get(base);
  const isPart = /_(count|sum|bucket)$/.test(name) && !families.has(name);
  const guess = /_total$/.test(name) || isPart ? 'counter' : 'unknown';
  const kind = family && family.kind !== 'unknown' ? family.kind : guess;
  return { kind, unit: family?.unit ?? unitOfName(name)?.unit ?? null };
}

function milliseconds(time: number): number {
  return scaleOfEpoch(time) === 'seconds' ? time * 1000 : time;
}

/** Offsets are counted in characters and told in bytes. */
function bytesBefore(text: string, at: number): number {
  return new TextEncoder().encode(text.slice(0, at)).length;
}
