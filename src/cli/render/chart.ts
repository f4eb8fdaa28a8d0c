import { type Line, line, type Span, type Style, span } from './text.ts';

/** A series to be drawn, with what is known of it. */
export interface Chart {
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** The line of the rate: its value at the last time, and its change in a millisecond; null where there is none. */
  readonly slope: { readonly end: number; readonly perMs: number; readonly fromMs: number } | null;
  readonly limit: number | null;
  readonly marks: readonly { readonly atMs: number; readonly sign: string }[];
}

export interface ChartSize {
  readonly columns: number;
  readonly rows: number;
  /** What stands at the left of the top and of the bottom row. */
  readonly label: (value: number) => string;
}

/** Bits of a braille cell, by column and row of its dots (Unicode 15, block 2800). */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** A limit so much further away than the drawing is high is named, not drawn. */
const LIMIT_IN_VIEW = 1.6;

/**
 * Values as braille dots, two by four in a character: the floor strong, the line of the rate and the limit dim, marks (a deploy, a
 * beginning) below.
 */
export function chartLines(chart: Chart, { columns, rows, label }: ChartSize): Line[] {
  const { times, values, slope, limit, marks } = chart;
  const start = times[0] ?? 0;
  const span_ = (times.at(-1) ?? start) - start || 1;
  const lowest = Math.min(...values);
  const highest = Math.max(...values);
  const showsLimit =
    limit !== null && limit > lowest && limit < lowest + (highest - lowest || lowest) * LIMIT_IN_VIEW;
  const low = lowest;
  const top = showsLimit ? Math.max(highest, limit) : highest;
  // A level line within a hundredth of itself is level, not a mountain range.
  const height = Math.max(top - low, Math.abs(top) * 0.01) || 1;
  const strong = new Dots(columns, rows);
  const faint = new Dots(columns, rows);
  const xOf = (time: number): number => ((time - start) / span_) * (columns * 2 - 1);
  const yOf = (value: number): number => ((value - low) / height) * (rows * 4 - 1);
  values.forEach((value, at) => {
    const next = at + 1 < values.length ? at + 1 : at;
    strong.stroke(xOf(times[at]!), yOf(value), xOf(times[next]!), yOf(values[next]!));
  });
  if (slope) {
    const valueAt = (time: number): number => slope.end - slope.perMs * (start + span_ - time);
    for (let x = Math.ceil(xOf(slope.fromMs)); x < columns * 2; x += 3) {
      faint.set(x, yOf(valueAt(start + (x / (columns * 2 - 1)) * span_)));
    }
  }
  if (showsLimit) for (let x = 0; x < columns * 2; x += 4) faint.set(x, yOf(limit));
  const labels = Array.from({ length: rows }, (_, row) =>
    row === 0 ? label(low + height) : row === rows - 1 ? label(low) : '',
  );
  const width = Math.max(...labels.map((text) => text.length));
  const drawn = labels.map((text, row) =>
    line(span(`${text.padStart(width)} `, 'dim'), ...cells(strong, faint, row)),
  );
  const under = Array.from({ length: columns }, () => ' ');
  for (const { atMs, sign } of marks) {
    if (atMs >= start && atMs <= start + span_) under[Math.floor(xOf(atMs) / 2)] = sign;
  }
  const below = under.join('').trimEnd();
  return below === '' ? drawn : [...drawn, line(span(`${' '.repeat(width + 1)}${below}`, 'accent'))];
}

function cells(strong: Dots, faint: Dots, row: number): Span[] {
  const spans: { text: string; style: Style }[] = [];
  for (let column = 0; column < strong.columns; column++) {
    const own = strong.bits(column, row);
    const dots = own | faint.bits(column, row);
    const text = dots === 0 ? ' ' : String.fromCodePoint(0x2800 + dots);
    const style: Style = own === 0 ? 'dim' : 'accent';
    const last = spans.at(-1);
    if (last?.style === style) last.text += text;
    else spans.push({ text, style });
  }
  return spans.map(({ text, style }) => span(text, style));
}

/** Dots from the lower left, two by four to a cell. */
class Dots {
  private readonly cells: Uint8Array;

  constructor(
    readonly columns: number,
    private readonly rows: number,
  ) {
    this.cells = new Uint8Array(columns * rows);
  }

  set(x: number, y: number): void {
    const column = Math.round(x);
    const fromTop = this.rows * 4 - 1 - Math.round(y);
    if (column < 0 || column >= this.columns * 2 || fromTop < 0 || fromTop >= this.rows * 4) return;
    this.cells[(fromTop >> 2) * this.columns + (column >> 1)]! |= DOTS[column & 1]![fromTop & 3]!;
  }

  stroke(x: number, y: number, toX: number, toY: number): void {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(toX - x), Math.abs(toY - y))));
    for (let step = 0; step <= steps; step++) {
      const share = step / steps;
      this.set(x + (toX - x) * share, y + (toY - y) * share);
    }
  }

  bits(column: number, row: number): number {
    return this.cells[row * this.columns + column]!;
  }
}
