import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { clockText, digits, durationText, rateText, sizeText } from '../figures.ts';
import { agree, exactly, type Interval, over } from '../interval.ts';
import type { Slope, StatedRate } from '../memory-facts.ts';

/** So much faster at the end than at the beginning is no longer the same rate. */
const ACCELERATES = 1.5;
const STEADY =
  /\b(?:steady|steadily|constant(?:ly)?|linear(?:ly)?|uniform(?:ly)?|consistent(?:ly)?|same rate)\b/i;

/** Every stated rate of growth of memory against the slopes of the text's own tables and timeline. */
export function checkGrowthRate({ memory }: Facts): Claim[] {
  const { overall, slopes, stated } = memory;
  if (!overall) {
    return stated.map(({ statement, line }) => ({
      text: statement,
      line,
      verdict: 'cannot-tell',
      because: 'Neither the text nor the evidence has memory at two times of one process to hold it against.',
      check: 'growth-rate',
    }));
  }
  return stated.map((rate) => judge(rate, overall, slopes));
}

function judge(rate: StatedRate, overall: Slope, slopes: readonly Slope[]): Claim {
  const claimed: Interval = { low: rate.low, value: rate.perHour, high: rate.high };
  const speed = acceleration(slopes);
  const periodHours = rate.periodMs / 3_600_000;
  const measured = `${inPeriod(overall.perHour.value, periodHours)} (${slopeText(overall)})`;
  const arithmetic = [
    `stated: ${sizeText(rate.amount.value)} in ${durationText(rate.periodMs / 60_000)} = ${rateText(rate.perHour)}`,
    `measured: ${measured}`,
    ...(slopes.length > 1
      ? [`step by step: ${slopes.map(({ perHour }) => inPeriod(perHour.value, periodHours)).join(', ')}`]
      : []),
  ].join('\n');
  const base = {
    text: rate.statement,
    line: rate.line,
    alsoLines: overall.lines,
    arithmetic,
    check: 'growth-rate',
  };
  if (!agree(claimed, overall.perHour)) {
    const factor = overall.perHour.value / rate.perHour;
    const how =
      overall.perHour.value <= 0
        ? 'Over the whole time memory did not grow'
        : factor > 1
          ? `It grew ${digits(factor)} times as fast`
          : `It grew at ${digits(factor)} of that`;
    return {
      ...base,
      verdict: 'contradicted',
      because: `${how}: ${measured} by the numbers of ${memorySource(overall)}.${spreadText(slopes, periodHours)}`,
    };
  }
  if (speed !== null && speed.factor >= ACCELERATES && STEADY.test(rate.statement)) {
    return {
      ...base,
      verdict: 'contradicted',
      because: `It is right on average, but the growth is not steady: it accelerates from ${inPeriod(speed.first, periodHours)} to ${inPeriod(speed.last, periodHours)}.`,
    };
  }
  return {
    ...base,
    verdict: 'holds',
    because: `The numbers give ${measured}.${speed && speed.factor >= ACCELERATES ? ` It accelerates, though: ${inPeriod(speed.first, periodHours)} at first, ${inPeriod(speed.last, periodHours)} at the end.` : ''}`,
  };
}

/**
 * How the growth changes: mean slope of the first and of the second half of the steps, null with fewer than two. Below 1 it slows.
 * Only what rounding cannot explain counts.
 */
function acceleration(slopes: readonly Slope[]): { first: number; last: number; factor: number } | null {
  if (slopes.length < 2) return null;
  const half = Math.floor(slopes.length / 2);
  const first = mean(slopes.slice(0, half));
  const last = mean(slopes.slice(-half));
  if (first.value <= 0 || last.value <= 0) return null;
  const clear = last.low > first.high || last.high < first.low;
  return { first: first.value, last: last.value, factor: clear ? last.value / first.value : 1 };
}

function mean(slopes: readonly Slope[]): Interval {
  const hours = (slopes.at(-1)!.toMinute - slopes[0]!.fromMinute) / 60;
  const { from } = slopes[0]!;
  const { to } = slopes.at(-1)!;
  return over(
    { low: to.low - from.high, value: to.value - from.value, high: to.high - from.low },
    exactly(hours),
  );
}

function inPeriod(perHour: number, periodHours: number): string {
  if (Math.abs(periodHours - 1) < 1e-9) return `${sizeText(perHour)}/h`;
  return `${sizeText(perHour * periodHours)} in ${durationText(periodHours * 60)}`;
}

function slopeText({ from, to, fromMinute, toMinute }: Slope): string {
  const when = fromMinute > 0 ? `, ${clockText(fromMinute)} to ${clockText(toMinute)}` : '';
  return `${sizeText(from.value)} → ${sizeText(to.value)} in ${durationText(toMinute - fromMinute)}${when}`;
}

function memorySource({ lines }: Slope): string {
  const [a, b] = lines;
  if (a === 0) return 'the evidence';
  return b === undefined || a === b ? `line ${a}` : `lines ${a} and ${b}`;
}

function spreadText(slopes: readonly Slope[], periodHours: number): string {
  if (slopes.length < 2) return '';
  const values = slopes.map(({ perHour }) => perHour.value);
  return ` Between single points it was ${inPeriod(Math.min(...values), periodHours)} to ${inPeriod(Math.max(...values), periodHours)}.`;
}

const SHAPE = /\b(?:memory|rss|heap|usage|leak|growth)\b/i;

/** "Grows linearly", "steady growth", "accelerating", "warm-up": statements about the shape, without a rate. */
export function checkGrowthShape({ statements, memory }: Facts): Claim[] {
  const speed = acceleration(memory.slopes);
  const claims: Claim[] = [];
  if (!speed) return claims;
  const steps = memory.slopes.map(({ perHour }) => rateText(perHour.value)).join(', ');
  const arithmetic = `step by step: ${steps}\nfirst half ${rateText(speed.first)}, second half ${rateText(speed.last)}`;
  for (const { sentences, kind } of statements) {
    if (kind === 'heading' || kind === 'comment') continue;
    for (const { text, line } of sentences) {
      const base = { text, line, arithmetic, check: 'growth-shape' };
      if (
        /\bwarm[- ]?up\b|\bwarming\b|cache fill|settl(?:es|ing|ed)\b|plateau(?:s|ed|ing)?\b|level(?:s|ed|ing) off/i.test(
          text,
        ) &&
        !/\b(?:not|isn't|no) (?:a )?(?:post-deploy )?warm/i.test(text)
      ) {
        claims.push(
          speed.factor < 0.67
            ? { ...base, verdict: 'holds', because: 'The growth slows down, as a warm-up does.' }
            : {
                ...base,
                verdict: 'contradicted',
                because: `A warm-up slows down; this ${speed.factor > 1.1 ? 'accelerates' : 'goes on as fast'}.`,
              },
        );
      } else if (/\baccelerat|faster and faster|exponential/i.test(text)) {
        claims.push({
          ...base,
          verdict: speed.factor > 1.1 ? 'holds' : 'contradicted',
          because:
            speed.factor > 1.1
              ? 'The later steps are steeper.'
              : 'The later steps are not steeper than the earlier ones.',
        });
      } else if (
        STEADY.test(text) &&
        !memory.stated.some((rate) => rate.line === line) &&
        SHAPE.test(text) &&
        /grow|increas|climb|ris/i.test(text)
      ) {
        const even = speed.factor < ACCELERATES && speed.factor > 1 / ACCELERATES;
        claims.push({
          ...base,
          verdict: even ? 'holds' : 'contradicted',
          because: even
            ? 'The steps are alike within a half.'
            : `The growth is not steady: the second half is ${digits(speed.factor)} times as steep.`,
        });
      }
    }
  }
  return claims;
}
