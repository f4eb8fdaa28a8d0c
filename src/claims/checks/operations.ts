import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import { ratesOf } from '../../formats/incident-text/rates.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, durationText, percentText, rateText, sizeText } from '../figures.ts';
import { agree, type Interval, times } from '../interval.ts';
import { mainCount, nounOf, perHourOf } from './ledger.ts';

const ADDS =
  /\b(?:every|each|per|a single)\b[^.]{0,40}?\b(?:adds?|creates?|registers?|leaks?|starts?|spawns?|opens?|allocates?|leaves?)\b/i;

/** "Every join adds 3 listeners; 500 joins per hour; 1,500 per hour": the product, and the series that it should be. */
export function checkPerOperation(facts: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const { sentences, text: whole, kind } of facts.statements) {
    if (kind === 'heading' || kind === 'code' || !ADDS.test(whole)) continue;
    const adds = sentences.find(({ text }) => ADDS.test(text))!;
    const each = quantitiesOf(adds.text).find(
      ({ dimension, start }) => dimension === 'count' && start > ADDS.exec(adds.text)!.index,
    );
    if (!each || each.value > 10_000) continue;
    const rates = ratesOf(whole).filter(({ dimension }) => dimension === 'count');
    const product = rates.find(({ noun, amount }) =>
      stem(`${noun} ${amount.unit}`).some((word) => stem(each.unit).includes(word)),
    );
    const operations = rates.find((rate) => rate !== product);
    if (!operations) continue;
    const expected = times(asInterval(operations), each);
    const line = sentences.find(({ text }) => text.includes(operations.text))?.line ?? adds.line;
    if (product) {
      const holds = agree(expected, asInterval(product), 0.1);
      claims.push({
        text: product.text,
        line,
        verdict: holds ? 'holds' : 'contradicted',
        because: holds
          ? 'The product is right.'
          : `${digits(each.value)} × ${digits(operations.perHour)} is ${digits(expected.value)} an hour.`,
        arithmetic: `${digits(each.value)} × ${digits(operations.perHour)} = ${digits(expected.value)} an hour`,
        check: 'per-operation',
      });
    }
    const growing = mainCount(facts);
    if (
      !growing ||
      !stem(each.unit).some((word) => `${growing.name} ${growing.context}`.toLowerCase().includes(word))
    )
      continue;
    const measured = perHourOf(growing);
    // A series of one event of several is one addition per operation.
    const oneKind = each.value > 1 && /[{["'][\w-]*event|event[\w-]*=|["']/.test(growing.name);
    const perKind = oneKind ? operations.perHour : expected.value;
    const fits = Math.abs(measured - perKind) <= 0.25 * perKind;
    claims.push({
      text: adds.text,
      line: adds.line,
      alsoLines: [growing.points[0]!.line, growing.points.at(-1)!.line],
      verdict: fits ? 'holds' : 'contradicted',
      because: fits
        ? `The series grows by ${digits(measured)} an hour.`
        : `${oneKind ? `${digits(operations.perHour)} operations an hour make ${digits(perKind)} of each kind` : `It would be ${digits(perKind)} an hour`}, but the series of ${nounOf(growing)} grows by ${digits(measured)}: ${percentText(Math.abs(measured / perKind - 1))} ${measured > perKind ? 'more' : 'less'}.`,
      arithmetic: `(${digits(growing.points.at(-1)!.value.value)} − ${digits(growing.points[0]!.value.value)}) / ${durationText(growing.points.at(-1)!.minute - growing.points[0]!.minute)} = ${digits(measured)} an hour; stated ${digits(perKind)}`,
      check: 'per-operation-series',
    });
    claims.push(
      ...closures(facts, each.value, oneKind ? growing.points.at(-1)!.value.value : null, adds),
      ...totalAgainst(facts, operations),
    );
  }
  return claims;
}

/** Three listeners per join need three closures per join in the heap. */
function closures(
  { tables }: Facts,
  each: number,
  count: number | null,
  adds: { text: string; line: number },
): Claim[] {
  if (count === null) return [];
  const row = tables
    .flatMap(({ rows }) => rows)
    .find(({ name, count: instances }) => instances !== null && /closure|function/i.test(name));
  if (!row || row.count! >= each * count * 0.95) return [];
  return [
    {
      text: adds.text,
      line: adds.line,
      alsoLines: [row.line],
      verdict: 'contradicted',
      because: `${digits(each)} for each of the ${digits(count)} would be ${digits(each * count)} closures; the heap has ${digits(row.count!)} of all kinds.`,
      arithmetic: `${digits(each)} × ${digits(count)} = ${digits(each * count)} > ${digits(row.count!)}; ${digits(row.count! / count)} each`,
      check: 'closures-per-operation',
    },
  ];
}

function totalAgainst({ counters, memory }: Facts, operations: { perHour: number; text: string }): Claim[] {
  const total = counters.find(
    ({ name, value, range }) =>
      value !== null &&
      !range &&
      /connection|join|session|request/i.test(name) &&
      /total|opened|created/i.test(name),
  );
  const minutes = memory.overall ? memory.overall.toMinute - memory.overall.fromMinute : 0;
  if (!total || minutes <= 0) return [];
  const perHour = total.value!.value / (minutes / 60);
  if (perHour < operations.perHour * 2) return [];
  return [
    {
      text: total.text.trim(),
      line: total.line,
      verdict: 'cannot-tell',
      because: `In the ${durationText(minutes)} of the table it would be ${digits(perHour)} an hour, against ${operations.text}: the counter began earlier, or they are not the same thing. Its window is not given.`,
      arithmetic: `${digits(total.value!.value)} / ${durationText(minutes)} = ${digits(perHour)} an hour`,
      check: 'counter-window',
    },
  ];
}

function asInterval({ low, perHour, high }: { low: number; perHour: number; high: number }): Interval {
  return { low, value: perHour, high };
}

function stem(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word.length > 3)
    .map((word) => word.replace(/s$/, ''));
}

/** A reproduction: bytes left over n operations, at the stated rate, against the growth of memory. */
export function checkReproduction(facts: Facts): Claim[] {
  const claims: Claim[] = [];
  const { memory } = facts;
  for (const code of facts.code) {
    const lines = code.text.split('\n');
    const left = lines.findIndex(
      (line) =>
        /\b(?:leak(?:ed)?|grew|growth|increase[d]?|retained|delta|diff)\b[^.]{0,30}?[:=]?\s*\d[\d,.]*\s*[kMG]i?B\b/i.test(
          line,
        ) && !/\$\{/.test(line),
    );
    const loops = [
      ...code.text.matchAll(
        /\bi\s*<=?\s*(\d[\d_,]*)|\brange\((\d[\d_,]*)\)|(\d[\d_,]*)\.times\b|\{1\.\.(\d+)\}|\b(?:simulate|for|with|after)\s+(\d[\d,]*)\s+(?:users|requests|iterations|joins|uploads|operations|sessions|connections|jobs)/gi,
      ),
    ];
    if (left === -1 || loops.length === 0) continue;
    const bytes = quantitiesOf(lines[left]!).find(({ dimension }) => dimension === 'bytes');
    const operations = Math.max(
      ...loops.map((match) =>
        Number((match[1] ?? match[2] ?? match[3] ?? match[4] ?? match[5])!.replaceAll(/[_,]/g, '')),
      ),
    );
    if (!bytes || operations < 2) continue;
    const each = bytes.value / operations;
    const text = lines[left]!.replace(/^\s*(?:\/\/|#)\s*/, '').trim();
    const growing = mainCount(facts);
    const rates = [
      ...(growing ? [{ perHour: perHourOf(growing), what: `${nounOf(growing)} in the table` }] : []),
      ...facts.rates
        .filter(
          ({ dimension, perHour, noun }) =>
            dimension === 'count' &&
            perHour > 1 &&
            /join|user|request|upload|session|connection|operation|job|message|order/i.test(noun),
        )
        .map(({ perHour, text: what }) => ({ perHour, what })),
    ];
    const whole = memory.overall?.perHour.value ?? memory.stated[0]?.perHour;
    const gcs = [...code.text.matchAll(/\bgc\s*\(\)|gc\.collect\(|GC\.start|runtime\.GC\(/g)].map(
      (match) => match.index,
    );
    const readings = [
      ...code.text.matchAll(/memoryUsage\(\)|memory_info\(\)|get_traced_memory|ReadMemStats|memsize_of_all/g),
    ].map((match) => match.index);
    const unsettled = readings.length > 0 && !gcs.some((at) => at < readings[0]!);
    const warning = unsettled
      ? ' It also measures at the start without a collection before, so garbage of the start-up is in the difference.'
      : '';
    if (!whole || rates.length === 0) {
      claims.push({
        text,
        line: code.firstLine + left,
        verdict: 'cannot-tell',
        because: `${sizeText(each)} an operation; the text has no rate of operations and growth to hold it against.${warning}`,
        arithmetic: `${sizeText(bytes.value)} / ${digits(operations)} = ${sizeText(each)}`,
        check: 'reproduction',
      });
      continue;
    }
    const shares = rates.map((rate) => ({
      ...rate,
      bytes: rate.perHour * each,
      share: (rate.perHour * each) / whole,
    }));
    const best = shares.reduce((a, b) => (a.share > b.share ? a : b));
    const worst = shares.reduce((a, b) => (a.share < b.share ? a : b));
    claims.push({
      text,
      line: code.firstLine + left,
      verdict: best.share < 0.5 ? 'contradicted' : best.share <= 1.5 ? 'holds' : 'cannot-tell',
      because: `${best.share < 0.5 ? 'What was reproduced is not the leak, or not all of it: it' : 'It'} makes ${worst === best ? '' : `${percentText(worst.share)} to `}${percentText(best.share)} of the growth of memory (${rateText(whole)}).${warning}`,
      arithmetic: [
        `${sizeText(bytes.value)} / ${digits(operations)} = ${sizeText(each)} an operation`,
        ...shares.map(
          (rate) =>
            `× ${digits(rate.perHour)} an hour (${rate.what}) = ${rateText(rate.bytes)} = ${percentText(rate.share)}`,
        ),
      ].join('\n'),
      check: 'reproduction',
    });
  }
  return claims;
}
