import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, percentText, sizeText } from '../figures.ts';
import { agree, type Interval, plus } from '../interval.ts';

const ROW =
  /^\s*(?<name>\S+:\d+): size=(?<size>[\d.]+ [KMG]?i?B)(?: \((?<delta>[+-][\d.]+ [KMG]?i?B)\))?, count=/;

/** Statements about a `tracemalloc` comparison in the text: its sum, the share of one line, "it explains all of the growth". */
export function checkAllocationDiff({ document, sayings, memory }: Facts): Claim[] {
  const rows = document.lines.flatMap(({ raw, number }) => {
    const groups = ROW.exec(raw)?.groups;
    const delta = groups?.['delta'] === undefined ? undefined : quantitiesOf(groups['delta'].slice(1))[0];
    return groups && delta && groups['delta']!.startsWith('+')
      ? [{ name: groups['name']!, delta, line: number }]
      : [];
  });
  if (rows.length === 0) return [];
  const sum = rows.map(({ delta }): Interval => delta).reduce((a, b) => plus(a, b));
  const all = rows.map(({ line }) => line);
  const grown = memory.grown;
  const claims: Claim[] = [];
  for (const { text, line } of sayings) {
    const base = { text, line, check: 'allocation-diff' };
    const quantities = quantitiesOf(text);
    const size = quantities.find(({ dimension }) => dimension === 'bytes');
    const own = rows.filter(({ name }) => text.includes(name.split('/').at(-1)!));
    if (
      size &&
      /\b(?:together|in total|sum|altogether)\b/i.test(text) &&
      /\b(?:lines|rows|entries|tracemalloc|allocations)\b/i.test(text)
    ) {
      const holds = agree(sum, size, 0.03);
      claims.push({
        ...base,
        alsoLines: all,
        verdict: holds ? 'holds' : 'contradicted',
        because: `The ${rows.length} lines grew by ${sizeText(sum.value)}.`,
        arithmetic: `${rows.map(({ delta }) => sizeText(delta.value)).join(' + ')} = ${sizeText(sum.value)}`,
      });
      continue;
    }
    if (!grown || grown.value <= 0) continue;
    const share = sum.value / grown.value;
    const everything = /\bexplains?\b[^.]{0,30}\b(?:all|everything|the whole|entire|most|bulk)\b/i.exec(text);
    if (everything && /\b(?:tracemalloc|snapshots?|diff|these lines|allocations)\b/i.test(text)) {
      const most = /\b(?:most|bulk)\b/i.test(everything[0]);
      const wrong = share < (most ? 0.45 : 0.7);
      if (!wrong && share < (most ? 0.5 : 0.85)) continue;
      claims.push({
        ...base,
        alsoLines: all,
        verdict: wrong ? 'contradicted' : 'holds',
        because: `Its lines sum up to ${percentText(share)} of the ${sizeText(grown.value)} that memory grew.`,
        arithmetic: `${sizeText(sum.value)} / ${sizeText(grown.value)} = ${percentText(share)}`,
      });
      continue;
    }
    const percent = quantities.find(({ dimension }) => dimension === 'percent');
    if (percent && own.length === 1 && /\bof (?:the )?(?:\w+ )?growth\b/i.test(text)) {
      const is = (own[0]!.delta.value / grown.value) * 100;
      const holds = is >= percent.low - 2 && is <= percent.high + 2;
      claims.push({
        ...base,
        alsoLines: [own[0]!.line],
        verdict: holds ? 'holds' : 'contradicted',
        because: `It is ${digits(is)} % of the ${sizeText(grown.value)} that memory grew.`,
        arithmetic: `${sizeText(own[0]!.delta.value)} / ${sizeText(grown.value)} = ${digits(is)} %`,
      });
    }
  }
  return claims;
}
