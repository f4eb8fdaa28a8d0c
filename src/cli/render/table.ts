import { type Line, type Span, span } from './text.ts';
import { endCut, middleCut } from './wrap.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** What goes when the table is too wide: the end (the default) or the middle. One column gives way at most. */
  readonly cut?: 'end' | 'middle';
  /** This column gives way. */
  readonly flexible?: boolean;
}

const GAP = 2;

/** Rows in columns, as wide as needed and no wider than `width`. */
export function table(
  columns: readonly Column[],
  rows: readonly Line[],
  width: number,
  indent: number = 0,
): Line[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]?.text.length ?? 0)),
  );
  const total = widths.reduce((sum, each) => sum + each, indent + GAP * (columns.length - 1));
  const flexible = columns.findIndex((column) => column.flexible);
  if (total > width && flexible >= 0) {
    widths[flexible] = Math.max(12, widths[flexible]! - (total - width));
  }
  const layout = (cells: Line): Span[] => {
    const spans: Span[] = [span(' '.repeat(indent))];
    columns.forEach((column, at) => {
      const cell = cells[at] ?? span('');
      const cut = column.cut === 'middle' ? middleCut : endCut;
      const text = cut(cell.text, widths[at]!);
      const padded = column.align === 'right' ? text.padStart(widths[at]!) : text.padEnd(widths[at]!);
      spans.push({ ...cell, text: padded });
      if (at < columns.length - 1) spans.push(span(' '.repeat(GAP)));
    });
    return spans;
  };
  const hasTitles = columns.some(({ title }) => title !== '');
  const head = hasTitles ? [layout(columns.map(({ title }) => span(title, 'dim')))] : [];
  return [...head, ...rows.map(layout)];
}
