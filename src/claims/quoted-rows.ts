import type { TextBlock } from '../formats/incident-text/document.ts';
import { pipeCells } from '../formats/incident-text/pipe-cells.ts';
import { type Dimension, quantitiesOf } from '../formats/incident-text/quantities.ts';
import { momentsOf } from '../formats/incident-text/times.ts';
import type { Interval } from './interval.ts';
import { stemsOf } from './readings/words.ts';

/** One cell of a quoted list of things: who, and how much. */
export interface QuotedRow {
  readonly name: string;
  readonly words: readonly string[];
  readonly value: Interval;
  readonly line: number;
}

/** A column of figures beside names: constructors and their sizes, clusters and what they retain. */
export interface QuotedColumn {
  readonly title: string;
  readonly dimension: Dimension;
  readonly rows: readonly QuotedRow[];
  /** What a row of its own gives as the total. */
  readonly total: Interval | null;
  readonly block: number;
}

const TOTAL = /^\W*(?:total|sum|all|overall)\b/i;
const CLUSTER = /^--Similar leaks in this run: ([\d,]+)--/;
const CLUSTER_SIZE = /^--Retained size of leaked objects: ([\d.,]+\s?[kKMG]?B)--/;
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

/** Every column of figures of the pipe tables that name things, times left out, and the clusters that memlab prints. */
export function quotedColumnsOf(blocks: readonly TextBlock[]): QuotedColumn[] {
  return [
    ...blocks.flatMap((block) => (block.kind === 'table' ? columnsOf(block) : [])),
    ...clustersOf(blocks),
  ];
}

function columnsOf({ lines, index: block }: TextBlock): QuotedColumn[] {
  const [header, ...rest] = lines
    .filter(({ raw }) => !/^[\s|:+=-]+$/.test(raw))
    .map(({ raw, number }) => ({ number, cells: cellsOf(raw) }));
  if (!header || rest.length < 2) return [];
  if (rest.some(({ cells }) => momentsOf(cells[0] ?? '').some(({ start }) => start === 0))) return [];
  return header.cells.slice(1).flatMap((title, before): QuotedColumn[] => {
    const cells = rest.map(({ cells: row, number }) => ({
      name: row[0] ?? '',
      number,
      quantity: wholeQuantity(row[before + 1] ?? ''),
    }));
    // A column with an empty or mixed cell does not add up.
    const dimension = cells[0]!.quantity?.dimension;
    if (dimension === undefined || cells.some(({ quantity }) => quantity?.dimension !== dimension)) return [];
    const rows = cells.map(({ name, number, quantity }) => ({
      name,
      words: stemsOf(name),
      value: quantity!,
      line: number,
    }));
    return [
      {
        title,
        dimension,
        rows: rows.filter(({ name }) => !TOTAL.test(name)),
        total: rows.find(({ name }) => TOTAL.test(name))?.value ?? null,
        block,
      },
    ];
  });
}

function cellsOf(raw: string): string[] {
  return pipeCells(raw).map((cell) => cell.replace(/^[`*]+|[`*]+$/g, ''));
}

/** A figure that fills its cell; a sign in front belongs to it. */
function wholeQuantity(cell: string): ReturnType<typeof quantitiesOf>[number] | null {
  if (/^[-−]\s?\d/.test(cell)) return null;
  const bare = cell.replace(/^\+/, '');
  const quantity = quantitiesOf(bare)[0];
  return quantity && quantity.start === 0 && quantity.end === bare.length ? quantity : null;
}

/** memlab names no cluster: they are called by their order. */
function clustersOf(blocks: readonly TextBlock[]): QuotedColumn[] {
  return blocks.flatMap(({ lines, index: block }): QuotedColumn[] => {
    const read = (form: RegExp): QuotedRow[] =>
      lines
        .flatMap(({ raw, number }) => {
          const quantity = quantitiesOf(form.exec(raw.trim())?.[1] ?? '')[0];
          return quantity ? [{ quantity, number }] : [];
        })
        .map(({ quantity, number }, at) => ({
          name: `${ORDINALS[at] ?? at + 1} cluster`,
          words: [ORDINALS[at] ?? String(at + 1)],
          value: quantity,
          line: number,
        }));
    const [sizes, counts] = [read(CLUSTER_SIZE), read(CLUSTER)];
    const base = { total: null, block };
    return [
      ...(sizes.length > 1 ? [{ ...base, title: 'retained', dimension: 'bytes' as const, rows: sizes }] : []),
      ...(counts.length > 1
        ? [{ ...base, title: 'similar leaks', dimension: 'count' as const, rows: counts }]
        : []),
    ];
  });
}

/** The rows that a part of a sentence names in full; a longer name wins over one that is part of it. */
export function rowsNamed(part: string, rows: readonly QuotedRow[]): QuotedRow[] {
  const said = new Set(stemsOf(part));
  const named = rows.filter(({ words }) => words.length > 0 && words.every((word) => said.has(word)));
  return named.filter(
    (row) =>
      !named.some(
        (other) =>
          other !== row &&
          other.words.length > row.words.length &&
          row.words.every((word) => other.words.includes(word)),
      ),
  );
}
