import type { TextBlock } from '../formats/incident-text/document.ts';
import { pipeCells } from '../formats/incident-text/pipe-cells.ts';
import { quantitiesOf, unitOf } from '../formats/incident-text/quantities.ts';
import { momentsOf } from '../formats/incident-text/times.ts';
import { exactly, type Interval, plus } from './interval.ts';

/** What one thing takes, by a profile or a dump. */
export interface SizeRow {
  readonly name: string;
  readonly bytes: Interval;
  /** Instances, where the table counts them. */
  readonly count: number | null;
  readonly line: number;
}

/** Sizes side by side in a text: a heap's classes, a profile's lines. */
export interface SizeTable {
  /** The nearest words above the rows. */
  readonly caption: string;
  readonly rows: readonly SizeRow[];
  /** Retained sizes overlap: what a listener keeps is also kept by its closure. */
  readonly retained: boolean;
  readonly sum: Interval;
  readonly context: string;
}

const PROFILE =
  /\b(?:heap|alloc\w*|retain\w*|objects?|profile\w*|constructors?|hot ?spots?|largest|biggest|top \d+|dominators?|inuse|in-use|pprof|memory by|breakdown|consumers?|by (?:class|type|size|owner))\b/i;
const NO_ROW =
  /\b(?:threshold|limit|current|started|triggered|rate|request|pattern|total|sum|rss|working.?set|before|after|leaked|output)\b/i;

/** Every list of names with sizes whose place says that it is a profile or a dump. */
export function sizeTablesOf(blocks: readonly TextBlock[]): SizeTable[] {
  return blocks.flatMap((block) => tablesOfBlock(block));
}

function tablesOfBlock(block: TextBlock): SizeTable[] {
  if (block.kind === 'heading') return [];
  const around = [block.caption, block.headings.at(-1) ?? ''].join(' · ');
  const tables: SizeTable[] = [];
  let rows: SizeRow[] = [];
  let header = '';
  let unit: string | null = null;
  let columns: readonly string[] = [];
  const flush = (): void => {
    const context = `${header} · ${around}`;
    if (rows.length > 0 && (rows.length > 1 || columns.length > 0) && PROFILE.test(context)) {
      tables.push({
        caption: header || block.caption || block.headings.at(-1) || '',
        rows,
        retained: /retain/i.test(`${header} ${columns.join(' ')} ${block.caption}`),
        sum: rows.map(({ bytes }) => bytes).reduce(plus, exactly(0)),
        context,
      });
    }
    rows = [];
  };
  for (const { text, kind, number } of block.lines) {
    const bare = text.trim().replace(/^[-*•]\s+|^\d+[.)]\s+/, '');
    if (kind === 'blank' || /^[\s|:+=-]+$/.test(bare)) continue;
    const row = momentsOf(bare).some(({ start }) => start <= 1) ? null : rowOf(bare, unit, columns, number);
    if (row) {
      if (!NO_ROW.test(row.name)) rows.push(row);
      continue;
    }
    const named =
      /\(?\b((?:[KMG]i?B|bytes))\)?\s*\|?\s*$/.exec(bare) ??
      /\b(?:size|retained|bytes|flat|self|shallow|inuse)\w*\s*[([]\s*([kKMG]i?B|bytes)\s*[)\]]/i.exec(bare);
    const cells = cellsOf(bare);
    if (named && cells.length > 1 && quantitiesOf(bare).length === 0) {
      flush();
      unit = named[1]!;
      columns = cells;
      // The line above the columns is the caption: "Retained Size by Constructor:".
      continue;
    }
    const quantities = quantitiesOf(bare);
    const isCaption = /:\s*$/.test(bare) && quantities.every(({ dimension }) => dimension === 'count');
    if (isCaption || (block.kind === 'code' && rows.length === 0 && quantities.length === 0)) {
      flush();
      header = bare.replace(/:\s*$/, '');
      unit = null;
      columns = [];
    }
  }
  flush();
  return tables;
}

function rowOf(text: string, unit: string | null, columns: readonly string[], line: number): SizeRow | null {
  const cells = cellsOf(text);
  if (unit !== null && cells.length === columns.length && cells.length > 1) {
    const sizeAt = columns.findLastIndex((title) => new RegExp(`\\b${unit}\\b`).test(title));
    const countAt = columns.findIndex(
      (title, at) => at > 0 && /^(?:#|count|instances?|objects?|number|n)\b/i.test(title),
    );
    const size = quantitiesOf(cells[sizeAt === -1 ? cells.length - 1 : sizeAt]!)[0];
    if (!size) return null;
    const scale = size.dimension === 'bytes' ? 1 : unitOf(unit)[1];
    const count = countAt === -1 ? null : (quantitiesOf(cells[countAt]!)[0]?.value ?? null);
    return { name: cells[0]!, bytes: scaled(size, scale), count, line };
  }
  const sizes = quantitiesOf(text).filter(({ dimension }) => dimension === 'bytes');
  const [size] = sizes;
  if (!size || sizes.length > 1) return null;
  const before = text
    .slice(0, size.start)
    .replace(/[~≈+]\s*$/, '')
    .trim();
  const behind = text.slice(size.end).trim();
  const name = (
    before === ''
      ? /^[A-Za-z@(][^\s].*$/.exec(behind)?.[0]
      : /^(.{2,90}?)\s*(?:[:=|–—]|->|→|\s-|\s{2,}|\()\s*$/.exec(text.slice(0, size.start))?.[1]
  )
    ?.replace(/\s*\|\s*$/, '')
    .trim();
  if (!name || (before !== '' && behind.length > 60)) return null;
  const count =
    quantitiesOf(text).find(
      ({ dimension, unit: noun }) =>
        dimension === 'count' && /^(?:objects?|instances?|entries|keys|items)/.test(noun),
    )?.value ?? null;
  return { name: name.replace(/\s*\(\s*[\d,]+ .*$/, ''), bytes: size, count, line };
}

function cellsOf(text: string): string[] {
  return text.includes('|') ? pipeCells(text) : text.split(/\t|\s{2,}/).map((cell) => cell.trim());
}

function scaled({ low, value, high }: Interval, factor: number): Interval {
  return { low: low * factor, value: value * factor, high: high * factor };
}
