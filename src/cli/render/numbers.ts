import { formatBytes, formatCount } from '../../base/units.ts';
import type { SourceLocation } from '../../model/source-location.ts';

/** With the sign in front, plus as well: a change. */
export function signedCount(count: number): string {
  return count > 0 ? `+${formatCount(count)}` : formatCount(count);
}

export function signedBytes(bytes: number): string {
  return bytes > 0 ? `+${formatBytes(bytes)}` : formatBytes(bytes);
}

/** `1,234 → 2,345 → 3,456` */
export function countSeries(series: readonly number[]): string {
  return series.map(formatCount).join(' → ');
}

/** `7.21 MB → 9.94 MB` */
export function byteSeries(series: readonly number[]): string {
  return series.map(formatBytes).join(' → ');
}

/** `src/bus.js:12`, or nothing. */
export function placeText(location: SourceLocation | null): string {
  return location ? `${shortPath(location.file)}:${location.line}` : '';
}

const SHORT_PARTS = 3;

/** The last folders of a long path: enough for a reader who knows the service. */
function shortPath(file: string): string {
  const parts = file.split(/[\\/]/);
  return parts.length <= SHORT_PARTS + 1 ? file : `…/${parts.slice(-SHORT_PARTS).join('/')}`;
}

export function plural(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? '' : word.endsWith('ss') ? 'es' : 's'}`;
}
