import { pipeCells } from '../../formats/incident-text/pipe-cells.ts';
import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits } from '../figures.ts';
import { stemsOf } from '../readings/words.ts';

const BEFORE = /\b(?:before|old|prior|baseline|without (?:the )?(?:fix|patch))\b/i;
const AFTER = /\b(?:after|new|fixed|with (?:the )?(?:fix|patch)|patched)\b/i;

interface Row {
  readonly name: string;
  readonly words: readonly string[];
  readonly before: number;
  readonly after: number;
  readonly line: number;
}

/** A table with one column before and one after a change, against what the text says became of its rows. */
export function checkBeforeAfter({ document, sayings }: Facts): Claim[] {
  const rows = document.blocks.flatMap(({ kind, lines }) => (kind === 'table' ? rowsOf(lines) : []));
  if (rows.length === 0) return [];
  const claims: Claim[] = [];
  for (const { text, line } of sayings) {
    for (const clause of text.split(/;\s|,\s(?=and |while |but )/)) {
      const claim = changed(clause, rows) ?? endsGrowth(clause, rows);
      if (claim) claims.push({ text, line, ...claim, check: 'before-after' });
    }
  }
  return claims;
}

type Judged = Pick<Claim, 'verdict' | 'because' | 'arithmetic' | 'alsoLines'>;

/** "p95 fell by 35 %", "is now 4x lower", "5 % more jobs". */
function changed(text: string, rows: readonly Row[]): Judged | null {
  const down =
    /\b(?:fell|fall\w*|dropp?\w*|down|lower|less|fewer|reduc\w+|decreas\w+|shr[aiu]nk|improv\w+|faster|better)\b/i.test(
      text,
    );
  const up = /\b(?:rose|ris\w+|up|higher|more|gr[eo]w\w*|increas\w+|slower|worse)\b/i.test(text);
  if (down === up) return null;
  const percent = quantitiesOf(text).filter(({ dimension }) => dimension === 'percent');
  const times = /(?<![\d.])(\d+(?:\.\d+)?)\s?(?:x|×|times|-?fold)\b/i.exec(text);
  if (percent.length !== 1 && !times) return null;
  const row = rowFor(text, rows);
  if (!row || row.before <= 0 || row.after <= 0) return null;
  const change = (row.after / row.before - 1) * 100;
  const arithmetic = `${digits(row.before)} → ${digits(row.after)}: ${change >= 0 ? '+' : ''}${digits(change)} %`;
  if (
    percent.length === 1 &&
    !times &&
    /\bby\b|%\s*(?:less|lower|more|higher|fewer|faster|slower)/i.test(text)
  ) {
    const [stated] = percent;
    const is = down ? -change : change;
    // Faster by 50 % may be half the time or two thirds of it.
    const other = down ? (row.before / row.after - 1) * 100 : is;
    const near = (value: number): boolean => value >= stated!.low - 2 && value <= stated!.high + 2;
    const holds = near(is) || (near(other) && /faster|improv/i.test(text));
    return {
      verdict: holds ? 'holds' : 'contradicted',
      because: `The table has ${arithmetic.replace(': ', ', ')} for "${row.name}".`,
      arithmetic,
      alsoLines: [row.line],
    };
  }
  if (times && percent.length === 0) {
    const is = down ? row.before / row.after : row.after / row.before;
    const stated = Number(times[1]);
    const holds = Math.abs(is / stated - 1) <= 0.1;
    return {
      verdict: holds ? 'holds' : 'contradicted',
      because: `The table has ${digits(row.before)} before and ${digits(row.after)} after for "${row.name}": ${digits(is)} times.`,
      arithmetic,
      alsoLines: [row.line],
    };
  }
  return null;
}

/** "RSS does not grow any more" beside a rate of growth that is not zero. */
function endsGrowth(text: string, rows: readonly Row[]): Judged | null {
  if (
    !/\b(?:(?:do(?:es)?|did)(?:n't| not) grow|no longer grows?|no growth|stopped growing|completely (?:gone|fixed)|leak is (?:gone|fixed)|zero growth)\b/i.test(
      text,
    )
  )
    return null;
  const growth = rows.filter(
    ({ words }) => words.includes('growth') || words.includes('slope') || words.includes('rate'),
  );
  const [row] = growth;
  if (growth.length !== 1 || !row || !/\bgrowth\b/i.test(row.name)) return null;
  const left = row.after / row.before;
  if (row.after <= 0 || left < 0.01) return null;
  return {
    verdict: 'contradicted',
    because: `By the table it still grows: "${row.name}" is ${digits(row.after)}, ${digits(left * 100)} % of what it was.`,
    arithmetic: `${digits(row.after)} / ${digits(row.before)} = ${digits(left * 100)} %`,
    alsoLines: [row.line],
  };
}

function rowFor(text: string, rows: readonly Row[]): Row | null {
  const said = new Set(stemsOf(text));
  let [best, most, alone]: [Row | null, number, boolean] = [null, 0, false];
  for (const row of rows) {
    let hits = 0;
    for (const word of row.words) if (said.has(word)) hits++;
    if (hits > 0 && hits === most) alone = false;
    if (hits > most) [best, most, alone] = [row, hits, true];
  }
  return alone ? best : null;
}

const EMPTY = new Set(['of', 'at', 'the', 'in', 'per', 'after', 'before', 'a']);

function rowsOf(lines: Facts['document']['blocks'][number]['lines']): Row[] {
  const cells = lines.map(({ raw, number }) => ({ number, cells: pipeCells(raw) }));
  const [header, ...rest] = cells;
  if (!header) return [];
  const columns = header.cells.map((title, at) => ({ title, at })).slice(1);
  const before = columns.filter(({ title }) => BEFORE.test(title) && !AFTER.test(title));
  const after = columns.filter(({ title }) => AFTER.test(title) && !BEFORE.test(title));
  if (before.length !== 1 || after.length !== 1 || before[0]!.at > after[0]!.at) return [];
  return rest.flatMap(({ cells: row, number }) => {
    const [a, b] = [row[before[0]!.at], row[after[0]!.at]].map((cell) => quantitiesOf(cell ?? '')[0]);
    if (!a || !b || a.dimension !== b.dimension) return [];
    const name = row[0] ?? '';
    return [
      {
        name,
        words: stemsOf(name).filter((word) => !EMPTY.has(word)),
        before: a.value,
        after: b.value,
        line: number,
      },
    ];
  });
}
