import { parseTimeMs } from '../../model/sample-time.ts';
import { delimiterOf, splitRow } from './rows.ts';

/** A first column whose head says time. */
const TIME_HEAD =
  /^"?\s*(time|timestamp|ts|date|datetime|at|when|t|epoch|unix|time_?(s|ms|sec|seconds|utc)|@timestamp)\b/i;

/** How sure the first 4 KB are a table of numbers over time, from 0 to 1. Never throws. */
export function detectCsv(head: Uint8Array, name: string): number {
  const text = new TextDecoder().decode(head.subarray(0, 4096)).replace(/^\ufeff/, '');
  const [first = '', second = ''] = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const delimiter = delimiterOf(first);
  if (delimiter === null) return 0;
  const heads = splitRow(first, delimiter);
  const cells = splitRow(second, delimiter);
  if (heads.length < 2 || cells.length !== heads.length) return 0;
  const isTime = Number.isFinite(parseTimeMs(cells[0]!));
  if (!isTime) return 0;
  if (TIME_HEAD.test(first)) return 0.9;
  return /\.[ct]sv(\.gz|\.zst)?$/i.test(name) ? 0.5 : 0.2;
}
