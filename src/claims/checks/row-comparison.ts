import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, sizeText } from '../figures.ts';
import { type QuotedColumn, quotedColumnsOf, rowsNamed } from '../quoted-rows.ts';

const COMPARES =
  /^(?<a>.{2,70}?)\s(?:is|are|was|were|has|have|holds?|takes?|retains?|keeps?)\s(?<times>(?:more than |over |at least |about |roughly )?(?:twice|(?:\d+(?:\.\d+)?|two|three|four|five|ten)\s(?:times|x))\s)?(?:much |far |clearly |slightly |a bit |even )?(?:as )?(?<how>bigger|larger|heavier|higher|more|greater|big|large|much|smaller|less|lighter|fewer)\b(?<what>[^.;,]{0,30}?)\s(?:than|as)\s(?<b>[^.;,]{2,60})/i;
const WORDS: Readonly<Record<string, number>> = { two: 2, three: 3, four: 4, five: 5, ten: 10 };
/** A table rounds; nearer than this is a tie. */
const CLEAR = 1.1;

/** "The second cluster is larger than the first": two rows of one quoted list. Wrong only when no column of it lets it stand. */
export function checkRowComparison({ document, sayings }: Facts): Claim[] {
  const columns = quotedColumnsOf(document.blocks);
  if (columns.length === 0) return [];
  return sayings.flatMap(({ text, line }): Claim[] => {
    const match = COMPARES.exec(text)?.groups;
    if (!match || /\b(?:not|n't|no|never|before|after|than it was)\b/i.test(text)) return [];
    const smaller = /smaller|less|lighter|fewer/i.test(match['how']!);
    const least = match['times'] === undefined ? null : timesOf(match['times']);
    if (match['times'] === undefined && /^(?:big|large|much)$/i.test(match['how']!)) return [];
    const pairs = columns.flatMap((column) => {
      const [a, b] = [rowsNamed(match['a']!, column.rows), rowsNamed(match['b']!, column.rows)];
      return a.length === 1 && b.length === 1 && a[0] !== b[0] ? [{ column, a: a[0]!, b: b[0]! }] : [];
    });
    if (pairs.length === 0 || new Set(pairs.map(({ column }) => column.block)).size > 1) return [];
    const ratios = pairs.map(({ a, b }) =>
      smaller ? b.value.value / a.value.value : a.value.value / b.value.value,
    );
    // Zero beside zero says nothing.
    if (ratios.some((ratio) => Number.isNaN(ratio))) return [];
    const stands = ratios.some((ratio) => (least === null ? ratio > 1 / CLEAR : fits(ratio, least)));
    const clear = pairs.findIndex((_, at) =>
      least === null ? ratios[at]! > CLEAR : fits(ratios[at]!, least),
    );
    if (stands && clear === -1) return [];
    const { column, a, b } = pairs[Math.max(clear, 0)]!;
    return [
      {
        text,
        line,
        alsoLines: [a.line, b.line],
        verdict: stands ? 'holds' : 'contradicted',
        because: `"${a.name}" has ${shown(column, a.value.value)}, "${b.name}" ${shown(column, b.value.value)}${column.title === '' ? '' : ` (${column.title})`}.`,
        check: 'row-comparison',
      },
    ];
  });
}

function shown({ dimension }: QuotedColumn, value: number): string {
  return dimension === 'bytes'
    ? sizeText(value)
    : dimension === 'percent'
      ? `${digits(value)} %`
      : digits(value);
}

interface Times {
  readonly value: number;
  readonly atLeast: boolean;
}

function timesOf(text: string): Times {
  const number = /\d+(?:\.\d+)?/.exec(text)?.[0];
  const word = /two|three|four|five|ten/i.exec(text)?.[0];
  return {
    value: number !== undefined ? Number(number) : word !== undefined ? WORDS[word.toLowerCase()]! : 2,
    atLeast: /more than|over|at least/i.test(text),
  };
}

/** "Three times larger" may also be four times as much. */
function fits(ratio: number, { value, atLeast }: Times): boolean {
  if (atLeast) return ratio >= value * 0.95;
  return [value, value + 1].some((each) => ratio >= each * 0.8 && ratio <= each * 1.25);
}
