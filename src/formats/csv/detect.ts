import { delimiterOf, parseCell, splitRow } from './rows.ts';
import { TIME_HEAD, timeOfRow } from './time-of-row.ts';

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
  const [at] = timeOfRow(heads, cells)?.columns ?? [];
  const isNumber = (cell: string, index: number): boolean =>
    index !== at && (cell === '' || !Number.isNaN(parseCell(cell).value));
  if (at === undefined || !cells.some(isNumber)) return 0;
  if (TIME_HEAD.test(heads[at]!)) return 0.9;
  return /\.[ct]sv(\.gz|\.zst)?$/i.test(name) ? 0.5 : 0.2;
}
