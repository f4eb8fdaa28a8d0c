import { type Line, type Span, span } from './text.ts';
import { endCut, middleCut } from './wrap.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** How a text that is too wide gives way; at its end when absent. */
  readonly cut?: (text: string, width: number) => string;
  /** This column gives way first. */
  readonly flexible?: boolean;
}

const GAP = 2;
const MIN_FLEXIBLE = 16;
const MIN_COLUMN = 6;

/** Rows in columns, as wide as needed and never wider than `width`. */
export function table(
  columns: readonly Column[],
  rows: readonly Line[],
  width: number,
  indent: number = 0,
): Line[] {
  const widths = fitted(columns, rows, width - indent - GAP * (columns.length - 1));
  const layout = (cells: Line): Span[] => {
    const spans: Span[] = [span(' '.repeat(indent))];
    columns.forEach(({ cut = endCut, align }, at) => {
      const cell = cells[at] ?? span('');
      const columnWidth = widths[at]!;
      const text = cell.text.length > columnWidth ? cut(cell.text, columnWidth) : cell.text;
      const padded = align === 'right' ? text.padStart(columnWidth) : text.padEnd(columnWidth);
      spans.push({ ...cell, text: padded });
      if (at < columns.length - 1) spans.push(span(' '.repeat(GAP)));
    });
    return spans;
  };
  const hasTitles = columns.some(({ title }) => title !== '');
  const head = hasTitles ? [layout(columns.map(({ title }) => span(title, 'dim')))] : [];
  return [...head, ...rows.map(layout)];
}

/** Widths that add up to `width` at most: the flexible column gives way first, then the widest one. */
function fitted(columns: readonly Column[], rows: readonly Line[], width: number): number[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]?.text.length ?? 0)),
  );
  const excess = (): number => widths.reduce((sum, each) => sum + each, -width);
  const flexible = columns.findIndex((column) => column.flexible);
  if (excess() > 0 && flexible >= 0) {
    const least = Math.min(widths[flexible]!, MIN_FLEXIBLE);
    widths[flexible] = Math.max(least, widths[flexible]! - excess());
  }
  while (excess() > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= MIN_COLUMN) break;
    widths[widest]!--;
  }
  return widths;
}

/** Cuts `name  src/file.js:12` so that the place stays: folders go first, then the end of the name. */
export function cutBeforePlace(text: string, width: number): string {
  const at = text.lastIndexOf('  ');
  if (at < 0) return endCut(text, width);
  let place = text.slice(at + 2);
  if (at + 2 + place.length > width) place = place.slice(place.lastIndexOf('/') + 1);
  const room = width - place.length - 2;
  if (room < MIN_COLUMN) return middleCut(text, width);
  return `${endCut(text.slice(0, at), room)}  ${place}`;
}
