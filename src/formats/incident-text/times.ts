import { remembered } from './remembered.ts';

/** A moment in a text. Minutes are counted from the midnight that begins `day`; seconds are its fraction. */
export interface Moment {
  /** Days since 1970 for dates; the number itself for "Day 2"; null where only a clock is given. */
  readonly day: number | null;
  readonly dayKind: 'date' | 'numbered' | 'none';
  /** Minutes since midnight; null where only a date is given. */
  readonly minutes: number | null;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const CLOCK =
  '(?<hour>[01]?\\d|2[0-4]):(?<minute>[0-5]\\d)(?::(?<second>[0-5]\\d(?:[.,]\\d+)?))?(?:\\s?(?<half>[AaPp]\\.?[Mm]\\.?))?';
const ZONE = '(?:\\s*(?:UTC|GMT|Z|[+-]\\d\\d:?\\d\\d))?';
const FORMS = [
  new RegExp(`\\b(?<iso>\\d{4}-\\d\\d-\\d\\d|\\d{4}/\\d\\d/\\d\\d)(?:[T ,]+(?:at )?${CLOCK})?${ZONE}`, 'g'),
  new RegExp(`\\b[Dd]ay (?<number>\\d{1,3})(?:\\s*[-–—,:@]?\\s*(?:at )?${CLOCK})?${ZONE}`, 'g'),
  new RegExp(
    `\\b(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\\.? {1,2}(?<date>\\d{1,2})(?:st|nd|rd|th)?(?:,? (?<year>\\d{4}))?(?:[ ,]+(?:at )?${CLOCK})?${ZONE}`,
    'g',
  ),
  new RegExp(
    `\\b(?<date>\\d{1,2})[ /-](?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\\.?(?:[ /-](?<year>\\d{4}))?(?:[ ,:]+(?:at )?${CLOCK})?${ZONE}`,
    'g',
  ),
  new RegExp(`(?<![\\w.:/+-])${CLOCK}(?!\\w|:\\d)${ZONE}`, 'g'),
  /(?<![\w.:/+-])(?<hour>1[0-2]|[1-9])\s?(?<half>[AaPp][Mm])\b/g,
];

/** What one of the forms needs at least; most sentences have no moment. */
const ANY =
  /\d:\d\d|\d{4}[-/]\d\d[-/]\d|\d\s?[ap]\.?m|day \d|\d[ /-]?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? {1,2}\d/i;

/** Every moment of a line, from left to right; no two overlap. */
export const momentsOf: (text: string) => readonly Moment[] = remembered(readMoments);

function readMoments(text: string): Moment[] {
  if (!ANY.test(text)) return [];
  const found: Moment[] = [];
  for (const form of FORMS) {
    for (const match of text.matchAll(form)) {
      const start = match.index;
      const end = start + match[0].trimEnd().length;
      if (found.some((other) => start < other.end && end > other.start)) continue;
      const moment = momentOf(
        match.groups as Record<string, string | undefined>,
        start,
        end,
        match[0].trim(),
      );
      if (moment) found.push(moment);
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

function momentOf(
  groups: Record<string, string | undefined>,
  start: number,
  end: number,
  text: string,
): Moment | null {
  const minutes = clockMinutes(groups);
  const place = { minutes, start, end, text };
  const { iso, number, month, date, year } = groups;
  if (iso !== undefined) {
    const day = Date.parse(`${iso.replaceAll('/', '-')}T00:00:00Z`) / 86_400_000;
    return Number.isFinite(day) ? { ...place, day, dayKind: 'date' } : null;
  }
  if (number !== undefined) return { ...place, day: Number(number), dayKind: 'numbered' };
  if (month !== undefined) {
    if (year === undefined && minutes === null) return null;
    const day =
      Date.UTC(Number(year ?? 1970), MONTHS.indexOf(month.toLowerCase()), Number(date)) / 86_400_000;
    return { ...place, day, dayKind: 'date' };
  }
  return minutes === null ? null : { ...place, day: null, dayKind: 'none' };
}

function clockMinutes({ hour, minute, second, half }: Record<string, string | undefined>): number | null {
  if (hour === undefined) return null;
  let hours = Number(hour);
  if (half !== undefined) hours = (hours % 12) + (/^p/i.test(half) ? 12 : 0);
  return (
    hours * 60 + Number(minute ?? 0) + (second === undefined ? 0 : Number(second.replace(',', '.')) / 60)
  );
}
