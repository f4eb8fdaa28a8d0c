import type { TopRow } from '../../analysis/stacks/top.ts';
import { formatBytes, formatCount, formatShare } from '../../base/units.ts';
import type { ProfileDiff } from '../../library/compare-profiles.ts';
import { signedBytes, signedCount } from './numbers.ts';
import { table } from './table.ts';
import { type Line, line, span } from './text.ts';
import { middleCut, wrap } from './wrap.ts';

/** Below so many samples taken a figure says nothing. */
const MIN_RAW_SAMPLES = 16;

/** What grew and shrank between two profiles, by function or line. */
export function profileDiffLines(diff: ProfileDiff, limit: number, width: number): Line[] {
  const { sampleType, rows, total } = diff.table;
  const isBytes = sampleType.unit === 'bytes';
  const change = (value: number): string => (isBytes ? signedBytes(value) : signedCount(value));
  const share = (value: number): string => (total > 0 ? formatShare(value / total) : '');
  const shown = rows
    .slice(0, limit)
    .map((row) =>
      line(
        change(row.flat),
        span(share(row.flat), 'dim'),
        change(row.cum),
        span(errorText(row, isBytes), 'dim'),
        row.name,
      ),
    );
  return [
    ...wrap(line(span(`${diff.before} → ${diff.after}`, 'strong')), width),
    ...wrap(
      line(span(`${sampleType.type}, in ${sampleType.unit}; shares of the earlier profile`, 'dim')),
      width,
    ),
    ...diff.warnings.flatMap((warning) => wrap(line(span(warning, 'warn')), width)),
    line(),
    ...table(
      [
        { title: 'flat', align: 'right' },
        { title: '', align: 'right' },
        { title: 'cum', align: 'right' },
        { title: 'error' },
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

/** The standard error of a sampled figure; too few samples are said to be that. */
function errorText({ evidence }: TopRow, isBytes: boolean): string {
  if (!evidence) return '';
  if (evidence.rawCum < MIN_RAW_SAMPLES) return `${formatCount(evidence.rawCum)} samples: not enough`;
  const error = Math.max(evidence.flatError, evidence.cumError);
  return `± ${isBytes ? formatBytes(error) : formatCount(Math.round(error))}`;
}
