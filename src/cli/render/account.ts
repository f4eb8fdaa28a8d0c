import { formatBytes, formatCount, formatShare } from '../../base/units.ts';
import type { Diagnosis } from '../../model/finding.ts';
import { table } from './table.ts';
import { type Line, line, span } from './text.ts';

/** One line of the account. */
export interface AccountItem {
  readonly what: string;
  readonly bytes: number;
}

/**
 * Every byte that the heap grew by, given to exactly one line. What the diagnosis leaves open becomes a line of its
 * own, so that the lines add up in any case.
 */
export function accountOf(diagnosis: Diagnosis): AccountItem[] {
  const { growth, findings } = diagnosis;
  const items: AccountItem[] = findings.map(({ id, title, growth: { bytes } }) => ({
    what: `${id} ${title}`,
    bytes,
  }));
  const rest = (): number => items.reduce((sum, { bytes }) => sum + bytes, 0);
  const notShown = growth.explainedBytes - rest();
  if (Math.round(notShown) > 0) items.push({ what: 'causes beyond those shown', bytes: notShown });
  items.push(...growth.unexplained);
  const open = growth.grownBytes - rest();
  if (Math.round(open) !== 0) items.push({ what: 'not given to anyone', bytes: open });
  return items;
}

/** The account as a table, in bytes, since rounded numbers do not add up. */
export function accountLines(diagnosis: Diagnosis, width: number): Line[] {
  const { grownBytes, shrunkBytes, fromBytes, toBytes } = diagnosis.growth;
  if (diagnosis.evidence.length < 2) return [];
  const share = (bytes: number): string => (grownBytes > 0 ? formatShare(bytes / grownBytes) : '');
  const rows = accountOf(diagnosis).map(({ what, bytes }) =>
    line(formatCount(bytes), span(share(bytes), 'dim'), what),
  );
  rows.push(
    line(span(formatCount(grownBytes), 'strong'), span(share(grownBytes), 'dim'), span('grown', 'strong')),
  );
  if (Math.round(shrunkBytes) !== 0)
    rows.push(line(span(formatCount(-shrunkBytes)), '', span('shrunk elsewhere')));
  const net = `the heap from ${formatBytes(fromBytes)} to ${formatBytes(toBytes)}`;
  rows.push(line(span(formatCount(toBytes - fromBytes), 'strong'), '', span(net, 'dim')));
  return [
    line(),
    line(span('Where the growth went', 'strong'), span('  bytes, each counted once', 'dim')),
    ...table(
      [
        { title: '', align: 'right' },
        { title: '', align: 'right' },
        { title: '', flexible: true },
      ],
      rows,
      width,
      2,
    ),
  ];
}
