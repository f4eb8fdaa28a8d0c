import type { TextBlock, TextLine } from '../formats/incident-text/document.ts';
import { pipeCells } from '../formats/incident-text/pipe-cells.ts';
import { type Dimension, type Quantity, quantitiesOf, unitOf } from '../formats/incident-text/quantities.ts';
import { type Moment, momentsOf } from '../formats/incident-text/times.ts';
import type { TextClock } from './clock.ts';
import type { Interval } from './interval.ts';

/** A value at a time, with the line that says it. */
export interface TextPoint {
  readonly minute: number;
  readonly value: Interval;
  readonly line: number;
  /** What stands behind the value in its row. */
  readonly note: string;
}

/** Numbers over time as a text, its log excerpts or the evidence beside it give them. */
export interface TextSeries {
  readonly name: string;
  readonly dimension: Dimension;
  readonly points: readonly TextPoint[];
  readonly from: 'table' | 'log' | 'evidence';
  /** Caption and headings of its table: what it is about, in other words. */
  readonly context: string;
  readonly source: string;
}

const MEMORY = /\b(?:memory|mem|rss|pss|uss|heap|working[_ ]?set|resident|footprint|ram)\b|memory|_rss|heap/i;
const NOT_MEMORY =
  /\b(?:disk|network|traffic|bandwidth|payload|throughput|upload size|file size|log size|latency)\b/i;
const MIN_ROWS = 3;

/** True when the numbers are memory of the service: bytes, or per cent of a limit, and a name or place that says so. */
export function isMemory(series: TextSeries): boolean {
  if (series.dimension !== 'bytes' && series.dimension !== 'percent') return false;
  if (MEMORY.test(series.name)) return true;
  // A table of sizes over time in an incident of memory is memory unless it says otherwise.
  if (series.from === 'table' && series.dimension === 'bytes')
    return !NOT_MEMORY.test(`${series.name} ${series.context.split(' · ')[0]}`);
  return MEMORY.test(series.context) && !NOT_MEMORY.test(`${series.name} ${series.context.split(' · ')[0]}`);
}

interface Row {
  readonly line: TextLine;
  readonly moment: Moment;
  readonly cells: readonly string[];
}

/** Every table of times and numbers: pipe tables, aligned columns, lists of `03:15  1,892 goroutines`. */
export function textSeriesOf(blocks: readonly TextBlock[], clock: TextClock): TextSeries[] {
  return blocks.flatMap((block) => (block.kind === 'heading' ? [] : seriesOfBlock(block, clock)));
}

function seriesOfBlock(block: TextBlock, clock: TextClock): TextSeries[] {
  const rows: Row[] = [];
  const others: TextLine[] = [];
  for (const line of block.lines) {
    const row = rowOf(line);
    if (row) rows.push(row);
    else if (line.kind !== 'blank') others.push(line);
  }
  if (rows.length < MIN_ROWS) return [];
  const header = headerOf(others, rows);
  const minutes = clock.sequence(rows.map(({ moment }) => moment));
  const inside = others.map(({ text }) => text.trim()).filter((text) => text.length < 100);
  const metric = inside.map((text) => /^(?:Metric|Series|Query)\s*:\s*(.+)$/i.exec(text)?.[1]).find(Boolean);
  const context = [...inside, block.caption, ...block.headings.toReversed()].join(' · ');
  const width = Math.max(...rows.map(({ cells }) => cells.length));
  const found: TextSeries[] = [];
  for (let column = 0; column < width; column++) {
    // "rss 640 MB   sockets 130": each cell brings its own name.
    const labels = labelOf(rows.map(({ cells }) => cells[column] ?? ''));
    const title = header?.[column + 1] ?? labels.trim().replace(/[=:]$/, '');
    const points: TextPoint[] = [];
    let dimension: Dimension | null = null;
    let noun = '';
    for (const [at, { line, cells }] of rows.entries()) {
      const cell = cells[column] ?? '';
      const quantity = quantityIn(labels === '' ? cell : cell.slice(labels.length), title);
      if (!quantity || (dimension !== null && quantity.dimension !== dimension)) continue;
      dimension = quantity.dimension;
      if (noun === '' && dimension === 'count') noun = quantity.unit;
      const note = [cell.slice(labels.length + quantity.end), ...cells.slice(column + 1)].join(' ').trim();
      points.push({ minute: minutes[at]!, value: quantity, line: line.number, note });
    }
    if (points.length < MIN_ROWS || dimension === null || dimension === 'time') continue;
    const name = (title || metric || noun || block.headings.at(-1)) ?? '';
    found.push({
      name,
      dimension,
      points,
      from: 'table',
      context: `${noun} ${context}`.trim(),
      source: 'text',
    });
  }
  return found;
}

/** The name in front of every number of a column, with what stands between; '' where they differ. */
function labelOf(cells: readonly string[]): string {
  const labels = new Set(
    cells.map((cell) => /^[A-Za-z][\w./-]*(?:\s?[=:]\s?|\s)(?=\d)/.exec(cell)?.[0] ?? ''),
  );
  return labels.size === 1 ? [...labels][0]! : '';
}

const ROW = /^\s*(?:[-*+•]\s+)?\[?\s*/;

function rowOf(line: TextLine): Row | null {
  if (line.kind === 'blank' || line.kind === 'heading') return null;
  const piped = line.kind === 'table';
  const text = piped
    ? line.text
        .trim()
        .replace(/^\||\|$/g, '')
        .trim()
    : line.text.replace(ROW, '');
  const moment = momentsOf(text)[0] ?? null;
  const first = piped ? text.split('|')[0]!.trim() : text;
  const at = moment && moment.start === 0 ? moment : elapsedOf(first);
  if (!at) return null;
  const rest = text.slice(at.end).replace(/^\s*(?:UTC|GMT|h\b)?[\s\])]*(?:[|:–—=,-]|->|→|\s)+\s*/, '');
  const cells = piped
    ? rest.split('|').map((cell) => cell.trim())
    : rest.split(/\t|\s{2,}|\s\|\s|,\s+(?=\d)|;\s*/);
  return quantitiesOf(cells[0]!).some(({ start }) => start <= 1) || cells.length > 1
    ? { line, moment: at, cells }
    : null;
}

/** "T+30m", "+2h", "Hour 3", "30 min": time since a start. */
function elapsedOf(text: string): Moment | null {
  const match =
    /^(?:T\s?\+\s?|\+\s?)?(\d+(?:\.\d+)?)\s?(min(?:ute)?s?|m|h|hrs?|hours?|d|days?)\b|^(?:T\s?\+\s?)(\d+):(\d\d)\b|^(Hour|Minute|Day) (\d+)\b|^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? (\d{1,2})\b(?!:)/i.exec(
      text,
    );
  if (!match) return null;
  let minutes: number;
  if (match[3] !== undefined) minutes = Number(match[3]) * 60 + Number(match[4]);
  else if (match[5] !== undefined) minutes = (unitOf(match[5].toLowerCase())[1] / 60_000) * Number(match[6]);
  else if (match[7] !== undefined) minutes = Number(match[7]) * 1440;
  else minutes = (unitOf(match[2]!)[1] / 60_000) * Number(match[1]);
  return { day: null, dayKind: 'none', minutes, start: 0, end: match[0].length, text: match[0] };
}

function headerOf(others: readonly TextLine[], rows: readonly Row[]): string[] | null {
  const before = others.filter(
    ({ number, text }) => number < rows[0]!.line.number && !/^[\s|:+=-]+$/.test(text),
  );
  const header = before.at(-1);
  if (!header) return null;
  const text = header.text.trim();
  const titles = header.kind === 'table' ? pipeCells(text) : text.split(/\t|\s{2,}|\s\|\s/);
  return titles.length === rows[0]!.cells.length + 1 && titles.length > 1 ? titles : null;
}

function quantityIn(cell: string, title: string): Quantity | null {
  const quantity = quantitiesOf(cell).find(({ start }) => start <= 1) ?? null;
  if (quantity?.dimension !== 'count') return quantity;
  const unit = /[([_ ]((?:[kKMGT]i?B?|[kmgt]i?b|bytes|%|percent))[)\]]?$/.exec(title)?.[1];
  if (unit === undefined) return quantity;
  const [dimension, scale] = unitOf(/^[kmgt]i?$/i.test(unit) ? `${unit}B` : unit);
  return {
    ...quantity,
    dimension,
    unit,
    value: quantity.value * scale,
    low: quantity.low * scale,
    high: quantity.high * scale,
  };
}
