import type { LabelTotals } from '../../analysis/stacks/label-values.ts';
import type { TopTable } from '../../analysis/stacks/top.ts';
import { formatBytes, formatCount, formatShare } from '../../base/units.ts';
import { table } from './table.ts';
import { type Line, line, span } from './text.ts';
import { middleCut, wrap } from './wrap.ts';

/** A profile by function or line. */
export function topLines(
  file: string,
  { sampleType, total, rows }: TopTable,
  limit: number,
  width: number,
): Line[] {
  const isBytes = sampleType.unit === 'bytes';
  const value = (amount: number): string => (isBytes ? formatBytes(amount) : formatCount(amount));
  const share = (amount: number): string => (total > 0 ? formatShare(amount / total) : '');
  const shown = rows
    .slice(0, limit)
    .map((row) =>
      line(
        value(row.flat),
        span(share(row.flat), 'dim'),
        value(row.cum),
        span(share(row.cum), 'dim'),
        span(
          row.evidence && row.evidence.rawCum < 16 ? `${formatCount(row.evidence.rawCum)} samples` : '',
          'dim',
        ),
        row.name,
      ),
    );
  return [
    ...wrap(
      line(span(file, 'strong'), span(`  ${sampleType.type}, ${value(total)} in ${sampleType.unit}`, 'dim')),
      width,
    ),
    line(),
    ...table(
      [
        { title: 'flat', align: 'right' },
        { title: '', align: 'right' },
        { title: 'cum', align: 'right' },
        { title: '', align: 'right' },
        { title: '' },
        { title: '', flexible: true, cut: middleCut },
      ],
      shown,
      width,
      2,
    ),
    ...(rows.length > limit
      ? [line(span(`  … and ${formatCount(rows.length - limit)} more (--limit)`, 'dim'))]
      : []),
  ];
}

/** A profile by its labels. */
export function labelLines(totals: readonly LabelTotals[], limit: number, width: number): Line[] {
  return totals.flatMap(({ key, values }) => [
    line(span(key, 'strong')),
    ...table(
      [
        { title: '', align: 'right' },
        { title: '', flexible: true },
      ],
      values.slice(0, limit).map(({ value, total }) => line(formatCount(total), String(value))),
      width,
      2,
    ),
  ]);
}
