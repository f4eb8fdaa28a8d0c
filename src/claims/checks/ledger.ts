import { ledgerFit, ledgerPairs } from '../../analysis/correlate/ledgers.ts';
import { countedName } from '../../analysis/correlate/name-pairs.ts';
import type { Claim } from '../claim.ts';
import type { Counter } from '../counters.ts';
import type { Facts } from '../facts.ts';
import { digits, percentText } from '../figures.ts';
import { agree, type Interval, minus } from '../interval.ts';
import type { TextSeries } from '../text-series.ts';

/** Openings against closings: do the counters agree with each other, and can what is left open be what grows? */
export function checkLedgers(facts: Facts): Claim[] {
  const { counters } = facts;
  const totals = counters.filter(({ value, range }) => value !== null && !range);
  const rated = counters.filter(({ perHour }) => perHour !== null);
  return [
    ...pairs(totals).flatMap((pair) => totalClaims(pair, facts)),
    ...pairs(rated).flatMap((pair) => rateClaims(pair, facts)),
    ...cleanupClaims(totals, facts),
    ...boundedGauges(facts),
  ];
}

interface Pair {
  readonly opened: Counter;
  readonly closed: Counter;
  readonly active: Counter | null;
}

function pairs(counters: readonly Counter[]): Pair[] {
  const byName = new Map(counters.map((counter) => [counter.name, counter]));
  return ledgerPairs([...byName.keys()]).map(({ opened, closed, active }) => ({
    opened: byName.get(opened.name)!,
    closed: byName.get(closed.name)!,
    active: active ? byName.get(active.name)! : null,
  }));
}

function totalClaims({ opened, closed, active }: Pair, facts: Facts): Claim[] {
  const left = minus(opened.value!, closed.value!);
  const arithmetic = `${digits(opened.value!.value)} − ${digits(closed.value!.value)} = ${digits(left.value)}`;
  const claims: Claim[] = [];
  if (active?.value) {
    const holds = agree(left, active.value, 0.02);
    claims.push({
      text: `${active.name}: ${digits(active.value.value)}`,
      line: active.line,
      alsoLines: [opened.line, closed.line],
      verdict: holds ? 'holds' : 'contradicted',
      because: holds
        ? `It is "${opened.name}" − "${closed.name}".`
        : `"${opened.name}" − "${closed.name}" is ${digits(left.value)}, not ${digits(active.value.value)}.`,
      arithmetic: `${arithmetic} ${holds ? '=' : '≠'} ${digits(active.value.value)}`,
      check: 'ledger-balance',
    });
  }
  const growing = mainCount(facts);
  if (growing && left.value > 0 && !active)
    claims.push(fitClaim({ opened, closed, active }, left, grownOf(growing), growing, arithmetic, ''));
  return claims;
}

function rateClaims({ opened, closed, active }: Pair, facts: Facts): Claim[] {
  const left = minus(opened.perHour!, closed.perHour!);
  const perMinute = left.value / 60;
  const claims: Claim[] = [];
  const arithmetic = `${digits(opened.perHour!.value / 60)} − ${digits(closed.perHour!.value / 60)} = ${digits(perMinute)} a minute`;
  // The text's own difference: "(3 abandoned per minute)".
  const own = facts.rates.find(
    ({ line, dimension, noun, perHour }) =>
      dimension === 'count' &&
      (line === opened.line || line === closed.line) &&
      /abandon|left|open|lost|leak|never|unfinished|orphan|pending|stuck/i.test(noun) &&
      perHour < opened.perHour!.value,
  );
  if (own) {
    const holds = Math.abs(own.perHour - left.value) <= Math.max(60, 0.1 * left.value);
    claims.push({
      text: own.text,
      line: own.line,
      verdict: holds ? 'holds' : 'contradicted',
      because: holds
        ? 'It is started less completed.'
        : `Started less completed is ${digits(perMinute)} a minute.`,
      arithmetic,
      check: 'ledger-balance',
    });
  }
  const growing = mainCount(facts);
  if (growing && left.value > 0)
    claims.push(
      fitClaim({ opened, closed, active }, left, perHourOf(growing), growing, arithmetic, ' an hour'),
    );
  return claims;
}

function fitClaim(
  { opened, closed }: Pair,
  left: Interval,
  grown: number,
  growing: TextSeries,
  arithmetic: string,
  per: string,
): Claim {
  const fit = ledgerFit(left.value, grown);
  const noun = nounOf(growing);
  const scale = per === '' ? 1 : 60;
  const unit = per === '' ? '' : ' a minute';
  const near =
    fit.verdict === 'too-few' &&
    opened.perHour &&
    closed.perHour &&
    grown >= closed.perHour.value * 0.9 &&
    grown <= opened.perHour.value * 1.1;
  return {
    text: `${opened.text.trim()}; ${closed.text.trim()}`,
    line: opened.line,
    alsoLines: [closed.line, growing.points[0]!.line],
    verdict: fit.verdict === 'fits' ? 'holds' : fit.verdict === 'too-few' ? 'contradicted' : 'cannot-tell',
    because:
      fit.verdict === 'fits'
        ? `What is left open (${digits(left.value / scale)}${unit}) fits the growth of ${noun} (${digits(grown / scale)}${unit}).`
        : fit.verdict === 'too-few'
          ? `What is left open, ${digits(left.value / scale)}${unit}, is ${percentText(fit.countShare)} of the growth of ${noun}, ${digits(grown / scale)}${unit}: it cannot be the main source.${near ? ` ${digits(grown / scale)} lies between "${closed.name}" and "${opened.name}": that each one leaks fits better (a coincidence to test, not a proof).` : ''}`
          : `What is left open, ${digits(left.value / scale)}${unit}, is more than the growth of ${noun}, ${digits(grown / scale)}${unit}: most of it must end in another way.`,
    arithmetic: `${arithmetic}\n${noun}: ${digits(grown / scale)}${unit}; share ${percentText(fit.countShare)}`,
    check: 'ledger-fit',
  };
}

/** "7,922 disconnects, 298 listeners removed": closings of one thing that should each have removed another. */
function cleanupClaims(totals: readonly Counter[], facts: Facts): Claim[] {
  const named = totals.map((counter) => ({ counter, name: countedName(counter.name) }));
  const removed = named.filter(
    ({ name }) =>
      name.role === 'closed' &&
      /^(?:remov|releas|clean|delet|unsub|detach|freed|dispos|clos)/.test(name.verb),
  );
  const claims: Claim[] = [];
  for (const cleanup of removed) {
    if (
      named.some(({ name }) => name.role === 'opened' && name.subject.join() === cleanup.name.subject.join())
    )
      continue;
    const ended = named.find(
      ({ counter, name }) =>
        counter !== cleanup.counter &&
        name.role === 'closed' &&
        name.subject.join() !== cleanup.name.subject.join() &&
        counter.value!.value > cleanup.counter.value!.value &&
        counter.block === cleanup.counter.block,
    );
    const growing = facts.counts.find((series) => shares(series, cleanup.name.subject) && grows(series));
    if (!ended || !growing) continue;
    const left = ended.counter.value!.value - cleanup.counter.value!.value;
    const last = growing.points.at(-1)!;
    const fit = ledgerFit(left, last.value.value);
    const off = fit.verdict !== 'fits';
    claims.push({
      text: `${ended.counter.text.trim()}; ${cleanup.counter.text.trim()}`,
      line: cleanup.counter.line,
      alsoLines: [ended.counter.line, last.line],
      verdict: off ? 'contradicted' : 'holds',
      because: off
        ? `${digits(left)} ended without a removal, but only ${digits(last.value.value)} ${nounOf(growing)} exist: ending without removal does not leave one behind each time. Either most go with what they hang on, or the counters do not count the same.`
        : 'What ended without a removal fits the number that is left.',
      arithmetic: `${digits(ended.counter.value!.value)} − ${digits(cleanup.counter.value!.value)} = ${digits(left)}; ${nounOf(growing)} ${digits(last.value.value)}; ratio ${digits(left / last.value.value)}`,
      check: 'ledger-fit',
    });
  }
  return claims;
}

/** A gauge that only swings while something else grows without end. */
function boundedGauges(facts: Facts): Claim[] {
  const growing = mainCount(facts);
  if (!growing) return [];
  const top = growing.points.at(-1)!.value.value;
  return facts.counters
    .filter(({ range, value }) => range && value !== null && value.high < top / 2)
    .map((counter) => ({
      text: counter.text.trim(),
      line: counter.line,
      verdict: 'cannot-tell' as const,
      because: `It is bounded by its own counter (at most ${digits(counter.value!.high)}) while ${nounOf(growing)} reach ${digits(top)}: either the counter goes down where the thing does not end, or these are not what grows.`,
      arithmetic: `${digits(counter.value!.high)} of ${digits(top)} = ${percentText(counter.value!.high / top)}`,
      check: 'bounded-gauge',
    }));
}

/** The count that the text shows growing: the longest table of counts that only rises. */
export function mainCount({ counts }: Facts): TextSeries | null {
  return (
    counts
      .filter((series) => series.from !== 'log' && grows(series))
      .sort((a, b) => b.points.length - a.points.length)[0] ?? null
  );
}

function grows({ points }: TextSeries): boolean {
  const [first, last] = [points[0]!.value.value, points.at(-1)!.value.value];
  return points.length >= 3 && last > first * 1.2;
}

export function perHourOf({ points }: TextSeries): number {
  const hours = (points.at(-1)!.minute - points[0]!.minute) / 60;
  return hours > 0 ? (points.at(-1)!.value.value - points[0]!.value.value) / hours : 0;
}

function grownOf({ points }: TextSeries): number {
  return points.at(-1)!.value.value - points[0]!.value.value;
}

export function nounOf({ context, name }: TextSeries): string {
  const noun = /^[a-z][a-z -]{2,30}?(?= [A-Z·(]| ·|$)/.exec(context)?.[0];
  return noun && !/ /.test(noun) ? noun : (name.split(' ').at(-1) ?? name);
}

function shares(series: TextSeries, subject: readonly string[]): boolean {
  const words = `${series.name} ${series.context}`.toLowerCase();
  return subject.some((word) => word.length > 3 && words.includes(word));
}

const EQUATION =
  /(?<![\w.,])(\d[\d,]*(?:\.\d+)?)\s*([+×x*−-])\s*(\d[\d,]*(?:\.\d+)?)\s*=\s*~?(\d[\d,]*(?:\.\d+)?)(?![\w,.]*\d)/g;
const OF_PERCENT =
  /(?<![\w.,])(\d[\d,]*(?:\.\d+)?)\s*(?:out )?of\s*(\d[\d,]*(?:\.\d+)?)[^.\d]{0,20}?\(\s*~?(\d+(?:\.\d+)?)\s*%\s*\)/g;

/** Sums, products and percentages that the text works out itself. */
export function checkOwnArithmetic({ statements }: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const { sentences, kind } of statements) {
    if (kind === 'heading') continue;
    for (const { text, line } of sentences) {
      const masked = text.replace(/\d{4}-\d\d-\d\d/g, (hit) => ' '.repeat(hit.length));
      for (const match of masked.matchAll(EQUATION)) {
        const [a, b, said] = [number(match[1]!), number(match[3]!), number(match[4]!)];
        const is = match[2] === '+' ? a + b : /[×x*]/.test(match[2]!) ? a * b : a - b;
        const holds = Math.abs(is - said) <= Math.max(0.005 * Math.abs(is), step(match[4]!));
        claims.push({
          text,
          line,
          verdict: holds ? 'holds' : 'contradicted',
          because: holds ? 'The sum is right.' : `It is ${digits(is)}.`,
          arithmetic: `${match[1]} ${match[2]} ${match[3]} = ${digits(is)}`,
          check: 'own-arithmetic',
        });
      }
      for (const match of masked.matchAll(OF_PERCENT)) {
        const share = (number(match[1]!) / number(match[2]!)) * 100;
        const holds = Math.abs(share - number(match[3]!)) <= Math.max(1, step(match[3]!));
        claims.push({
          text,
          line,
          verdict: holds ? 'holds' : 'contradicted',
          because: holds ? 'The share is right.' : `It is ${digits(share)} %.`,
          arithmetic: `${match[1]} / ${match[2]} = ${digits(share)} %`,
          check: 'own-arithmetic',
        });
      }
    }
  }
  return claims;
}

function number(text: string): number {
  return Number(text.replaceAll(',', ''));
}

function step(text: string): number {
  const decimals = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
  return 10 ** -decimals;
}
