import { parseTimeMs } from '../../model/sample-time.ts';

/** A column whose head says time. */
export const TIME_HEAD: RegExp =
  /^\s*(time|timestamp|ts|date|datetime|at|when|t|epoch|unix|time_?(s|ms|sec|seconds|utc|stamp)|@timestamp|_time|elapsed\w*)\b/i;
const DATE_ONLY = /^\d{4}[-/]\d{1,2}[-/]\d{1,2}$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(am|pm)?$/i;
/** What a number of a column is that counts from the beginning, by the last word of its head. */
const ELAPSED: readonly (readonly [RegExp, number])[] = [
  [/(^|[^a-z])(min|mins|minutes?)\W*$/i, 60_000],
  [/(^|[^a-z])(h|hrs?|hours?)\W*$/i, 3_600_000],
  [/(^|[^a-z])(d|days?)\W*$/i, 86_400_000],
  [/(^|[^a-z])(ms|millis|milliseconds)\W*$/i, 1],
];
const DAY_MS = 86_400_000;
/** Numbers from here on are dates, not time since the beginning. */
const A_DATE = 1e8;

/** Where the time of a row stands, and what it is. */
export interface TimeOfRow {
  /** Columns that are no numbers of their own. */
  readonly columns: ReadonlySet<number>;
  /** Milliseconds since 1970, or since the first midnight or beginning where the table has no dates; NaN when there is none. */
  read(cells: readonly string[]): number;
}

/**
 * Finds the time in a table by its heads and a row: a column that is called so, else the first that holds one; a date and the time of day may be
 * two columns. Times of day without a date go on into the next day where they begin anew.
 */
export function timeOfRow(heads: readonly string[], cells: readonly string[]): TimeOfRow | null {
  const holds = (at: number): boolean => CLOCK.test(cells[at] ?? '') || isTime(cells[at]);
  const called = heads.findIndex((head, at) => TIME_HEAD.test(head) && holds(at));
  const dated = called >= 0 ? called : cells.findIndex(isDated);
  const at = dated < 0 && holds(0) ? 0 : dated;
  if (at < 0) return null;
  const next = heads.findIndex(
    (head, index) => index !== at && CLOCK.test(cells[index] ?? '') && TIME_HEAD.test(head),
  );
  if (DATE_ONLY.test(cells[at]!) && next >= 0)
    return {
      columns: new Set([at, next]),
      read: (row) => parseTimeMs(row[at] ?? '') + clockMs(row[next] ?? ''),
    };
  if (CLOCK.test(cells[at]!)) return { columns: new Set([at]), read: throughDays(at) };
  const scale = ELAPSED.find(([unit]) => unit.test(heads[at] ?? ''))?.[1];
  return {
    columns: new Set([at]),
    read(row) {
      const text = row[at] ?? '';
      const plain = Number(text);
      return scale !== undefined && text !== '' && Math.abs(plain) < A_DATE
        ? plain * scale
        : parseTimeMs(text);
    },
  };
}

function isTime(cell: string | undefined): boolean {
  return cell !== undefined && Number.isFinite(parseTimeMs(cell));
}

/** A time that is no mere number. */
export function isDated(cell: string): boolean {
  return Number.isNaN(Number(cell)) && isTime(cell);
}

function clockMs(text: string): number {
  const match = CLOCK.exec(text.trim());
  if (!match) return Number.NaN;
  const [, hour, minute, second = '0', fraction = '0', half] = match;
  const of12 = half ? (Number(hour) % 12) + (/pm/i.test(half) ? 12 : 0) : Number(hour);
  if (of12 > 24 || Number(minute) > 59 || Number(second) > 60) return Number.NaN;
  return ((of12 * 60 + Number(minute)) * 60 + Number(second) + Number(`0.${fraction}`)) * 1000;
}

/** Rows of one table are in order, or the times of day would say nothing. */
function throughDays(at: number): (cells: readonly string[]) => number {
  let days = 0;
  let last = Number.NEGATIVE_INFINITY;
  return (cells) => {
    const time = clockMs(cells[at] ?? '');
    if (time < last - DAY_MS / 2) days++;
    if (Number.isFinite(time)) last = time;
    return time + days * DAY_MS;
  };
}
