import { type Quantity, quantitiesOf, unitOf } from '../../formats/incident-text/quantities.ts';
import { type Rate, ratesOf } from '../../formats/incident-text/rates.ts';
import type { Claim, ClaimVerdict } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, rateText, sizeText } from '../figures.ts';
import { agree, exactly, type Interval, over, times } from '../interval.ts';
import { sayingsOf } from '../sayings.ts';

const SAME =
  /^[\s,;(]*(?:=|≈|is|are|i\.e\.,?|that is|that's|thats|which is|makes?|which makes|means|equals|or)\s*(?:about|around|roughly|~|≈)?\s*$/i;
const DENIED =
  /\b(?:not|n't|cannot|never|wrong|nonsense|far from|no way|instead of|rather than|once|twice)\b/i;
const CHECK = 'unit-arithmetic';

/** Arithmetic with units inside of one sentence: rates said twice, sizes converted, operations × bytes each against a rate, totals over counts. */
export function checkUnitArithmetic({ statements }: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const { text, line } of sayingsOf(statements, { hypothetical: true })) {
    if (/\?\s*$/.test(text) || text.length > 400) continue;
    const quantities = quantitiesOf(text);
    const rates = ratesOf(text);
    for (const found of [
      sameRateTwice(text, rates),
      converted(text, quantities, rates),
      ...equations(text, quantities),
      ratesTimesEach(text, quantities, rates),
      totalOverCount(text, quantities),
      amountInTime(text, quantities, rates),
      sizeOverCount(text, quantities),
    ])
      if (found) claims.push({ text, line, ...found, check: CHECK });
  }
  return claims;
}

type Judged = { verdict: ClaimVerdict; because: string; arithmetic: string };

function judged(holds: boolean, is: string, arithmetic: string): Judged {
  return {
    verdict: holds ? 'holds' : 'contradicted',
    because: holds ? 'The arithmetic is right.' : `It is ${is}.`,
    arithmetic,
  };
}

/** "80 MB per hour are 1.33 MB per minute". */
function sameRateTwice(text: string, rates: readonly Rate[]): Judged | null {
  for (const [at, b] of rates.entries()) {
    const a = rates[at - 1];
    if (!a || a.dimension !== b.dimension || a.dimension === 'percent' || a.periodMs === b.periodMs) continue;
    const between = text.slice(a.end, b.start);
    if (!SAME.test(between.replace(/^\s+[a-z]+s\b/i, ''))) continue;
    if (b.noun !== '' && a.noun !== '' && !a.noun.includes(b.noun) && !b.noun.includes(a.noun)) continue;
    const [one, other] = [intervalOf(a), intervalOf(b)];
    const holds = agree(one, other, 0.05);
    const show = a.dimension === 'bytes' ? sizeText : digits;
    const is = show((a.perHour * b.periodMs) / 3_600_000);
    return judged(
      holds,
      `${is} in that time`,
      `${a.text} = ${show(a.perHour)}/h = ${is} ${b.text.replace(/^[~\d.,\s]+\S*/, '').trim()}`,
    );
  }
  return null;
}

/** "512Mi are 537 MB": one size written in two units. */
function converted(text: string, quantities: readonly Quantity[], rates: readonly Rate[]): Judged | null {
  for (const [at, b] of quantities.entries()) {
    const a = quantities[at - 1];
    if (a?.dimension !== 'bytes' || b.dimension !== 'bytes') continue;
    if (!/^\s*(?:=|≈|are|is|equals?)\s*(?:about|~|≈)?\s*$/i.test(text.slice(a.end, b.start))) continue;
    const unit = (of: Quantity): string => of.unit.toLowerCase().replace(/^([kmgt])i?b?$/, '$1');
    const sameKind = a.unit === b.unit;
    // "300 MB are 400 MB" compares two things; "512Mi are 488 MB" is one.
    if (sameKind || rates.some(({ start }) => start === a.start || start === b.start)) continue;
    if (
      /(?:\b(?:of|from|than|left|with|in)\s+(?:the )?|[×x*÷/+−-]\s*)$/i.test(text.slice(0, a.start)) ||
      /^\s*(?:of|used|in use|free|left|taken|heap|for|by|per|too|more|less|\/)\b/i.test(text.slice(b.end))
    )
      continue;
    if (
      unit(a) !== unit(b) &&
      !/[=≈]/.test(text.slice(a.end, b.start)) &&
      Math.abs(a.value / b.value - 1) > 0.5
    )
      continue;
    const holds = agree(exactly(a.value), b, 0.012);
    return judged(
      holds,
      sizeText(a.value),
      `${a.text} = ${digits(a.value)} bytes = ${sizeText(a.value)}; ${b.text} = ${digits(b.value)} bytes`,
    );
  }
  return null;
}

/** "967,000 entries × 1.65 kB = 1.6 GB", "2170/400 = 5.4 hours". */
function equations(text: string, quantities: readonly Quantity[]): Judged[] {
  const found: Judged[] = [];
  for (const [at, c] of quantities.entries()) {
    const [a, b] = [quantities[at - 2], quantities[at - 1]];
    if (!a || !b || a.range || b.range) continue;
    const between = text.slice(a.end, b.start);
    const op = /^\s*(?:[a-z][\w-]*\s){0,3}\s*[(]?\s*([×x*÷/])\s*~?$/.exec(
      `${between.replace(/^\s*([a-z]+)?\s*/i, (hit) => (/[x×*]/.test(hit.trim()) ? hit : ' '))}`,
    )?.[1];
    if (
      op === undefined ||
      !/^(?:\s*[a-z][\w-]*){0,2}\s*(?:each)?\s*[)]?\s*(?:=|≈|makes|gives|is|are)\s*(?:about|~|≈|some)?\s*$/i.test(
        text.slice(b.end, c.start),
      )
    )
      continue;
    const divides = op === '/' || op === '÷';
    // Plain numbers with × and − are the business of the check of sums.
    const plain = [a, b, c].every(({ dimension }) => dimension === 'count');
    if (plain && !divides) continue;
    if (!divides && a.dimension !== 'count' && b.dimension !== 'count') continue;
    const before = text.slice(Math.max(0, a.start - 2), a.start);
    if (/[×x*÷/+−-]\s*$/.test(before)) continue;
    const is = divides ? over(a, { ...b, low: Math.max(b.low, 1e-9) }) : times(a, b);
    // "2170/400 = 5.4 hours": the numbers are without units, so is the result.
    const scaleOf = (q: Quantity): number => (q.dimension === 'count' ? 1 : unitOf(q.unit)[1]);
    const inUnits = divides && a.dimension === b.dimension;
    const result =
      inUnits || (divides && a.dimension === 'count' && b.dimension === 'count') ? shrunk(c, scaleOf(c)) : c;
    if (
      !inUnits &&
      divides &&
      !(a.dimension === 'count' && b.dimension === 'count') &&
      !(b.dimension === 'count' && c.dimension === a.dimension)
    )
      continue;
    if (
      !divides &&
      c.dimension !== 'count' &&
      c.dimension !== (a.dimension === 'count' ? b.dimension : a.dimension)
    )
      continue;
    if (!divides && c.dimension === 'count') continue;
    const holds =
      agree(is, result, 0.05) ||
      agree(shrunk(is, 1.048_576), result, 0.05) ||
      agree(shrunk(is, 1 / 1.048_576), result, 0.05);
    const show = result.value === c.value && c.dimension === 'bytes' ? sizeText : digits;
    found.push(judged(holds, show(is.value), `${a.text} ${op} ${b.text} = ${show(is.value)}`));
  }
  return found;
}

/** "45 req/s and 40 KB per request fit 370 MB/h": a rate of operations × bytes each = a rate of bytes. */
function ratesTimesEach(
  text: string,
  quantities: readonly Quantity[],
  rates: readonly Rate[],
): Judged | null {
  const bytes = rates.filter(({ dimension }) => dimension === 'bytes');
  const counts = rates.filter(({ dimension }) => dimension === 'count');
  const each = quantities.filter(
    ({ dimension, start, end }) =>
      dimension === 'bytes' &&
      !rates.some((rate) => rate.start === start) &&
      /^\s*(?:of memory |of heap )?(?:per|each|for each|for every|an?|\/)\s?(?:request|req|job|task|message|event|call|connection|session|item|operation|upload|user|query|webhook|document|page|image|render)/i.test(
        text.slice(end),
      ),
  );
  if (bytes.length !== 1 || each.length !== 1 || counts.length === 0 || DENIED.test(text)) return null;
  // Two rates of operations that are the same one said twice.
  const perHour = counts.map(intervalOf);
  if (perHour.length > 1 && !perHour.every((other) => agree(other, perHour[0]!, 0.03))) return null;
  if (counts.some(({ noun }) => /leak|gorout|entr|object/i.test(noun))) return null;
  const is = times(perHour[0]!, each[0]!);
  const stated = intervalOf(bytes[0]!);
  const ratio = is.value / stated.value;
  const holds = agree(is, stated, 0.12);
  if (!holds && ratio > 0.6 && ratio < 1.6) return null;
  return judged(
    holds,
    `${rateText(is.value)}, ${digits(ratio)} times the ${bytes[0]!.text}; that rate makes ${sizeText(stated.value / perHour[0]!.value)} each`,
    `${counts[0]!.text} × ${each[0]!.text} = ${rateText(is.value)}`,
  );
}

/** "1204 closures at 48.2 MB are 40 KB each", "2190 collections took 44.1 s, 20 ms each". */
function totalOverCount(text: string, quantities: readonly Quantity[]): Judged | null {
  for (const [at, part] of quantities.entries()) {
    const [count, total] = [quantities[at - 2], quantities[at - 1]];
    if (!count || !total || count.dimension !== 'count' || total.dimension !== part.dimension) continue;
    if (part.dimension !== 'bytes' && part.dimension !== 'time') continue;
    if (!/^\s*(?:each|apiece|a piece|per (?:piece|item|entry|object|one))\b/i.test(text.slice(part.end)))
      continue;
    if (
      !/^\s[a-z][\w -]{0,30}?\b(?:at|with|took|take|hold|of|make|in|total\w*|retain\w*|use|are|is)\s*$/i.test(
        text.slice(count.end, total.start),
      )
    )
      continue;
    if (text.slice(total.end, part.start).length > 24) continue;
    const is = over(total, { ...count, low: Math.max(count.low, 0.5) });
    const holds = agree(is, part, 0.06);
    const show = part.dimension === 'bytes' ? sizeText : (ms: number): string => `${digits(ms)} ms`;
    return judged(holds, `${show(is.value)} each`, `${total.text} / ${count.text} = ${show(is.value)}`);
  }
  return null;
}

/** "207,500 requests in 10 hours are 20,750 per hour". */
function amountInTime(text: string, quantities: readonly Quantity[], rates: readonly Rate[]): Judged | null {
  for (const [at, duration] of quantities.entries()) {
    const amount = quantities[at - 1];
    const rate = rates.find(({ start }) => start > duration.end);
    if (!amount || !rate || duration.dimension !== 'time' || amount.dimension !== rate.dimension) continue;
    if (amount.dimension === 'percent') continue;
    if (!/^\s*(?:[a-z][\w-]*\s+){0,2}(?:in|within|over)\s*$/i.test(text.slice(amount.end, duration.start)))
      continue;
    if (
      !SAME.test(text.slice(duration.end, rate.start)) ||
      /(?:→|->|\bto|–|-)\s*$/.test(text.slice(0, amount.start))
    )
      continue;
    const is = over(amount, { ...duration, low: Math.max(duration.low, 1) });
    const perHour = { low: is.low * 3_600_000, value: is.value * 3_600_000, high: is.high * 3_600_000 };
    const show = amount.dimension === 'bytes' ? sizeText : digits;
    const value = show((perHour.value * rate.periodMs) / 3_600_000);
    return judged(
      agree(perHour, intervalOf(rate), 0.05),
      `${value} in that time`,
      `${amount.text} / ${duration.text} = ${value} ${rate.text.replace(/^[~\d.,\s]+\S*/, '').trim()}`,
    );
  }
  return null;
}

/** "6.1 GB over 207,500 requests is 29 KB per request". */
function sizeOverCount(text: string, quantities: readonly Quantity[]): Judged | null {
  for (const [at, each] of quantities.entries()) {
    const [total, count] = [quantities[at - 2], quantities[at - 1]];
    if (
      !total ||
      !count ||
      each.dimension !== 'bytes' ||
      total.dimension !== 'bytes' ||
      count.dimension !== 'count'
    )
      continue;
    if (
      !/^\s*(?:over|for|across|divided by|by|\/|÷)\s*(?:the |all )?$/i.test(
        text.slice(total.end, count.start),
      )
    )
      continue;
    if (
      !/^\s*(?:[a-z][\w-]*\s+){0,2}(?:=|is|are|makes?|gives|or|,)\s*(?:about|around|roughly|~)?\s*$/i.test(
        text.slice(count.end, each.start),
      )
    )
      continue;
    if (!/^\s*(?:per|each|for each|a piece|\/)/i.test(text.slice(each.end))) continue;
    const is = over(total, { ...count, low: Math.max(count.low, 0.5) });
    const holds = [1, 1.048_576, 1 / 1.048_576].some((by) => agree(shrunk(is, by), each, 0.06));
    return judged(
      holds,
      `${sizeText(is.value)} each`,
      `${total.text} / ${count.text} = ${sizeText(is.value)}`,
    );
  }
  return null;
}

function intervalOf({ low, perHour, high }: Rate): Interval {
  return { low, value: perHour, high };
}

function shrunk({ low, value, high }: Interval, by: number): Interval {
  return { low: low / by, value: value / by, high: high / by };
}
