/** What the numbers of a time column are. */
export type TimeScale = 'iso' | 'seconds' | 'milliseconds' | 'microseconds' | 'nanoseconds';

/** Numbers from here on cannot be seconds: that would be after the year 5138. */
const FROM_MILLISECONDS = 1e11;
const FROM_MICROSECONDS = 1e14;
const FROM_NANOSECONDS = 1e17;

/** Seconds, milliseconds, micro- or nanoseconds since 1970, told by size; numbers too small for a date are seconds. */
export function scaleOfEpoch(value: number): Exclude<TimeScale, 'iso'> {
  const size = Math.abs(value);
  if (size >= FROM_NANOSECONDS) return 'nanoseconds';
  if (size >= FROM_MICROSECONDS) return 'microseconds';
  return size >= FROM_MILLISECONDS ? 'milliseconds' : 'seconds';
}

const MS_PER: Readonly<Record<Exclude<TimeScale, 'iso'>, number>> = {
  seconds: 1000,
  milliseconds: 1,
  microseconds: 1e-3,
  nanoseconds: 1e-6,
};

const NUMBER = /^[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?$/i;
const ISO =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?$/i;

/**
 * Milliseconds since 1970 of a time as written: ISO 8601 (a blank for the T, no seconds, a comma are all right), or an epoch
 * number. Without a zone it is UTC, so that an answer does not depend on where it is computed. NaN when it is no time.
 */
export function parseTimeMs(text: string): number {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) {
    const value = Number(trimmed);
    return value * MS_PER[scaleOfEpoch(value)];
  }
  const iso = ISO.exec(trimmed);
  if (!iso) return Number.NaN;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone] = iso;
  const monthIndex = Number(month) - 1;
  const utc = Date.UTC(+year!, monthIndex, +day!, +hour, +minute, +second) + Number(`0.${fraction}`) * 1000;
  const date = new Date(Date.UTC(+year!, monthIndex, +day!));
  if (date.getUTCMonth() !== monthIndex || +hour > 24 || +minute > 59 || +second > 60) return Number.NaN;
  return utc - offsetMs(zone);
}

function offsetMs(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? '');
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return (match[1] === '-' ? -1 : 1) * minutes * 60_000;
}
