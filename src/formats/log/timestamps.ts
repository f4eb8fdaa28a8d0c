/** A time at the head of a line, and where the message begins. */
export interface Stamp {
  /** Milliseconds since 1970 UTC; from the midnight of an unknown day when the line has only a clock. */
  readonly atMs: number;
  readonly end: number;
  readonly dated: boolean;
}

const MONTH = '(?<mon>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const TIME = '(?<h>[01]?\\d|2[0-4]):(?<i>[0-5]\\d):(?<s>[0-6]\\d)(?:[.,](?<f>\\d{1,9}))?';
const ZONE = '(?:\\s?(?<z>Z|UTC|GMT|[+-]\\d\\d:?\\d\\d))?';
/** In the order of how much they demand; the first that fits wins. */
const FORMS: readonly RegExp[] = [
  // ISO 8601, Python, Log4j, Postgres, Puma's [pid] [date]: 2024-01-22T06:30:12.123Z, 2024-01-22 06:30:12,123
  new RegExp(`^\\W{0,2}(?:\\[\\d+\\] \\[)?(?<y>\\d{4})-(?<m>\\d\\d)-(?<d>\\d\\d)[T ]${TIME}${ZONE}\\]?`),
  // Go's log package: 2024/01/22 06:30:12.123456
  new RegExp(`^(?<y>\\d{4})/(?<m>\\d\\d)/(?<d>\\d\\d) ${TIME}`),
  // Ruby's Logger: I, [2024-01-22T06:30:12.123456 #1234]  INFO -- :
  new RegExp(`^[A-Z], \\[(?<y>\\d{4})-(?<m>\\d\\d)-(?<d>\\d\\d)T${TIME}${ZONE} #\\d+\\]`),
  // syslog after RFC 3164: Jan 22 06:30:12 host app[12]:, and RFC 5424: <34>1 2024-…
  new RegExp(`^(?:<\\d{1,3}>)?${MONTH} {1,2}(?<d>\\d{1,2}) ${TIME} \\S+ `),
  new RegExp(`^<\\d{1,3}>1 (?<y>\\d{4})-(?<m>\\d\\d)-(?<d>\\d\\d)T${TIME}${ZONE}`),
  // glog and klog: I0122 06:30:12.123456    1234 file.go:12]
  new RegExp(`^[IWEFD](?<m>\\d\\d)(?<d>\\d\\d) ${TIME} +\\d+ [\\w./-]+:\\d+\\]`),
  // Apache and nginx access logs: … [22/Jan/2024:06:30:12 +0000] …
  new RegExp(`^[^\\[\\n]{0,80}\\[(?<d>\\d\\d)/${MONTH}/(?<y>\\d{4}):${TIME} ?${ZONE}\\]`),
  // Redis: 1234:M 22 Jan 2024 06:30:12.123 *
  new RegExp(`^\\d+:[A-Z] (?<d>\\d\\d) ${MONTH} (?<y>\\d{4}) ${TIME} [*#.-]`),
  // JavaScript's Date and asctime: Mon Jan 22 2024 06:30:12, Mon Jan 22 06:30:12 2024
  new RegExp(
    `^\\[?[A-Z][a-z]{2},? ${MONTH} {1,2}(?<d>\\d{1,2}) (?:(?<y>\\d{4}) )?${TIME}(?: (?<y2>\\d{4}))?\\]?`,
  ),
];
const LOGFMT = /(?:^|\s)(?:time|ts|timestamp|t|at)="?([^"\s]+)"?/;
const EPOCH = /^\[?(1\d{9}(?:\.\d{1,9})?|1\d{12}|1\d{15}|1\d{18})\]?(?=[\s|,])/;
const CLOCK = new RegExp(`^\\[?${TIME}\\]?(?=\\s)`);
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/**
 * The time with which a line begins (or which it carries as `time=`), null when it has none. Without a zone it is UTC.
 *
 * @param year for forms that have none (syslog, glog)
 */
export function stampOf(line: string, year: number): Stamp | null {
  for (const form of FORMS) {
    const match = form.exec(line);
    if (!match) continue;
    const atMs = timeOf(match.groups as Record<string, string | undefined>, year);
    if (Number.isFinite(atMs)) return { atMs, end: match[0].length, dated: true };
  }
  const epoch = EPOCH.exec(line);
  if (epoch) return { atMs: epochMs(Number(epoch[1])), end: epoch[0].length, dated: true };
  const logfmt = LOGFMT.exec(line);
  if (logfmt) {
    const value = /^\d/.test(logfmt[1]!) ? timeValue(logfmt[1]!, year) : Number.NaN;
    if (Number.isFinite(value)) return { atMs: value, end: 0, dated: true };
  }
  const clock = CLOCK.exec(line);
  if (!clock) return null;
  const atMs = timeOf({ ...clock.groups, y: '1970', m: '01', d: '01' }, year);
  return { atMs, end: clock[0].length, dated: false };
}

/** A time as the value of a field: ISO text or an epoch number in seconds to nanoseconds. NaN when it is none. */
export function timeValue(value: unknown, year: number): number {
  if (typeof value === 'number') return value >= 1e9 ? epochMs(value) : Number.NaN;
  if (typeof value !== 'string') return Number.NaN;
  if (/^1\d{9,18}(?:\.\d+)?$/.test(value)) return epochMs(Number(value));
  return stampOf(`${value} `, year)?.atMs ?? Number.NaN;
}

function epochMs(value: number): number {
  if (value >= 1e17) return value / 1e6;
  if (value >= 1e14) return value / 1e3;
  return value >= 1e11 ? value : value * 1000;
}

function timeOf(groups: Record<string, string | undefined>, year: number): number {
  const { y, y2, m, mon, d, h, i, s, f = '', z } = groups;
  const month = mon === undefined ? Number(m) - 1 : MONTHS.indexOf(mon);
  const utc = Date.UTC(Number(y ?? y2 ?? year), month, Number(d), Number(h), Number(i), Number(s));
  const offset = /^([+-])(\d\d):?(\d\d)$/.exec(z ?? '');
  const minutes = offset ? (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) : 0;
  return utc + (f === '' ? 0 : Number(`0.${f}`) * 1000) - minutes * 60_000;
}
