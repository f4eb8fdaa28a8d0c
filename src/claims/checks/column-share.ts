import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, sizeText } from '../figures.ts';
import { agree, exactly, type Interval, over, plus } from '../interval.ts';
import { type QuotedColumn, quotedColumnsOf, rowsNamed } from '../quoted-rows.ts';

const SHARE =
  /^(?<who>.{2,80}?)\s(?:alone\s)?(?:makes?(?: up)?|made(?: up)?|accounts? for|accounted for|takes?(?: up)?|are|is|was|were|represents?|contributes?|holds?)\s(?:only\s|just\s)?(?:about\s|around\s|roughly\s|some\s|~)?(?<percent>\d+(?:\.\d+)?)\s?(?:%|percent|per cent)\sof\s(?<whole>it|that|them|this|(?:the |this )?(?:whole )?(?:total|sum|table|column|rows))\b/i;
/** As far off as this, and as many points, is no rounding. */
const FACTOR = 1.15;
const POINTS = 4;

/** "Strings make up 30 % of it": a row over its column, where the text itself says what the total is. */
export function checkColumnShare({ document, sayings }: Facts): Claim[] {
  const columns = quotedColumnsOf(document.blocks).filter(
    ({ rows, title, dimension }) =>
      rows.length >= 2 && (dimension === 'bytes' || dimension === 'count') && !/retain|cum|%/i.test(title),
  );
  if (columns.length === 0) return [];
  const claims: Claim[] = [];
  for (const [at, { text, line }] of sayings.entries()) {
    const match = SHARE.exec(text)?.groups;
    if (!match || /\b(?:not|n't|less than|more than|at least|at most|over|under)\b/i.test(text)) continue;
    const near = sayings.slice(Math.max(0, at - 4), at + 1).filter((each) => line - each.line <= 8);
    const shares = columns.flatMap((column) => {
      const named = rowsNamed(match['who']!, column.rows);
      if (named.length === 0 || (named.length > 1 && !/\b(?:and|plus)\b|&/.test(match['who']!))) return [];
      const total = totalOf(
        column,
        near.map((each) => each.text),
      );
      return [{ column, named, total, part: named.map(({ value }) => value).reduce(plus) }];
    });
    // A column without a known total may be the one that is meant.
    const tables = new Set(shares.map(({ column }) => column.block));
    const known = shares.filter(({ total }) => total !== null);
    if (known.length === 0 || tables.size > 1) continue;
    const stated = Number(match['percent']);
    const percents = known.map(({ part, total }) => over(part, total!).value * 100);
    const holds = percents.some(
      (is) => Math.abs(is - stated) <= 2 || agree(exactly(is), exactly(stated), 0.05),
    );
    const all = shares.map(({ part, column }) => (part.value / sumOf(column).value) * 100);
    const off = [...percents, ...all].every(
      (is) => Math.abs(is - stated) > POINTS && Math.max(is / stated, stated / is) > FACTOR,
    );
    if (!holds && !off) continue;
    const { column, part, total, named } = known[0]!;
    const show = column.dimension === 'bytes' ? sizeText : digits;
    claims.push({
      text,
      line,
      alsoLines: named.map((row) => row.line),
      verdict: holds ? 'holds' : 'contradicted',
      because: `"${column.title}" has ${show(part.value)} of ${show(total!.value)} for it: ${digits(percents[0]!)} %.`,
      arithmetic: `${show(part.value)} / ${show(total!.value)} = ${digits(percents[0]!)} %`,
      check: 'column-share',
    });
  }
  return claims;
}

function sumOf({ rows }: QuotedColumn): Interval {
  return rows.map(({ value }) => value).reduce(plus);
}

/** A row that says so, or a sentence just before that gives the sum of the column: then all of it is shown. */
function totalOf(column: QuotedColumn, before: readonly string[]): Interval | null {
  if (column.total) return column.total;
  const sum = sumOf(column);
  const scales = column.dimension === 'count' ? [1] : [1, 1.048_576, 1 / 1.048_576];
  const told = before.some(
    (text) =>
      /\b(?:total|sum|together|altogether|rows|in all)\b/i.test(text) &&
      quantitiesOf(text).some(
        (each) =>
          // A column of bytes may have no unit at all.
          (each.dimension === column.dimension ||
            (each.dimension === 'bytes' && /size|byte/i.test(column.title))) &&
          scales.some((by) => agree(exactly(sum.value * by), each, 0.02)),
      ),
  );
  return told ? sum : null;
}
