const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Series without dates count from zero: nobody measured memory before this. */
const FIRST_DATE_MS = Date.UTC(1975, 0, 1);

/** Whether times are dates, or count from the first point. */
export function isDated(fromMs: number): boolean {
  return fromMs >= FIRST_DATE_MS;
}

/** The words at a tick of a time axis, UTC. */
export function tickText(timeMs: number, fromMs: number, toMs: number): string {
  if (!isDated(fromMs)) return elapsedText(timeMs - fromMs);
  const date = new Date(timeMs);
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  const spanMs = toMs - fromMs;
  if (spanMs > 4 * DAY_MS || (timeMs % DAY_MS === 0 && spanMs > 2 * HOUR_MS)) return day;
  return date.toISOString().slice(11, spanMs > 5 * MINUTE_MS ? 16 : 19);
}

function elapsedText(ms: number): string {
  if (ms >= 3 * DAY_MS) return `${Math.round(ms / DAY_MS)} d`;
  if (ms >= 3 * HOUR_MS) return `${Math.round(ms / HOUR_MS)} h`;
  return ms >= 3 * MINUTE_MS ? `${Math.round(ms / MINUTE_MS)} min` : `${Math.round(ms / 1000)} s`;
}
