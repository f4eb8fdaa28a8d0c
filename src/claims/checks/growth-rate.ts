import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { clockText, digits, durationText, rateText, sizeText } from '../figures.ts';
import { agree, exactly, type Interval, over } from '../interval.ts';
import { type Slope, type StatedRate, slope } from '../memory-facts.ts';
import type { Track } from '../readings/track.ts';
import { withoutSpeaker } from '../sayings.ts';
import { memoryKindOf, memoryOverTime, tracksNamed } from '../subject.ts';
import type { TextPoint } from '../text-series.ts';
import { longestRun, windowOf } from '../window.ts';
import { shownOf } from './time-to-limit.ts';

/** So much faster at the end than at the beginning is no longer the same rate. */
const ACCELERATES = 1.5;
const STEADY =
  /\b(?:steady|steadily|constant(?:ly)?|linear(?:ly)?|uniform(?:ly)?|consistent(?:ly)?|same rate)\b/i;

/** Every stated rate of growth of memory against the slopes of the text's own tables and timeline. */
export function checkGrowthRate(facts: Facts): Claim[] {
  const { overall, slopes, stated } = facts.memory;
  return stated.flatMap((rate): Claim[] => {
    const { statement: text, line } = rate;
    // What several processes leak in sum is no rate of one; what one request or object costs is no rate of growth.
    if (SUMS.test(text) || CHANGED.test(text)) return [];
    const own = ownSlopes(rate, facts);
    if (own === 'another') return [];
    const against = own ?? (overall ? { overall, slopes } : null);
    if (against) return [judge(rate, against.overall, against.slopes)].filter((claim) => claim !== null);
    return [
      {
        text,
        line,
        verdict: 'cannot-tell',
        because:
          'Neither the text nor the evidence has memory at two times of one process to hold it against.',
        check: 'growth-rate',
      },
    ];
  });
}

/** "From 88 MB/h to 24 MB/h": two rates of two times. */
const CHANGED =
  /\bfrom\b[^.;]{1,24}(?:\/\s?(?:h|hr|min|day|d)|per \w+|an hour|a day)\s+(?:down |up )?to\b|\b(?:instead of|compared (?:to|with)|versus|vs\.?|slower|after the fix|with the fix|which makes|would (?:have (?:been )?|be )(?:seen|found)|could (?:have been|be) (?:seen|found)|may be left|of the leak|fixed below|detectable|smallest)\b/i;
const SUMS =
  /\b(?:altogether|together|in total|combined|in sum|cluster[- ]?wide|fleet[- ]?wide|all (?:\d+|two|three|four|five|six) (?:pods?|workers?|replicas?)|(?:\d+|two|three|four|five|six|eight) (?:pods|workers|replicas|instances|containers) (?:at|make|leak|gr[eo]w|×|x))\b/i;

/**
 * Slopes of what the sentence itself names: one of several workers, the heap beside the resident memory. Null where it is memory as such;
 * 'another' where the text tells several apart and this is none of them.
 */
function ownSlopes(
  { statement, line, end: rateEnd }: StatedRate,
  { tracks, clock, memory }: Facts,
): { overall: Slope; slopes: Slope[] } | 'another' | null {
  const usable = memoryOverTime(tracks);
  if (usable.length === 0) return null;
  const whose = new Set(usable.map(({ entity }) => entity));
  const said = withoutSpeaker(statement);
  // The subject stands in front of the number.
  const subject = withoutSpeaker(statement.slice(0, rateEnd));
  const found = tracksNamed(subject, usable, ['bytes'], true);
  if (found.length !== 1) {
    // "Every worker gains 100 MB/h": one that is far off stands for them.
    if (found.length > 1 && whose.size > 1 && /\b(?:each|every|all|both)\b/i.test(statement))
      return ofAll(found);
    return whose.size > 1 && memory.overall === null ? null : whose.size > 1 ? 'another' : null;
  }
  const [track] = found;
  // The main table is judged as before, with its restarts.
  if (
    memory.overall &&
    track!.points.some(({ line: own }) => memory.overall!.lines.includes(own)) &&
    memoryKindOf(track!.words) !== 'heap' &&
    !/\b(?:between|since|from)\b.*\d:\d\d/.test(said)
  )
    return null;
  const points = windowOf(said, clock, track!) ?? null;
  if (!points) return line >= 0 ? 'another' : null;
  return slopesOf(track!, points);
}

function ofAll(tracks: readonly Track[]): { overall: Slope; slopes: Slope[] } | null {
  const all = tracks.map((track) => slopesOf(track, track.points));
  const median = all.toSorted((a, b) => (a?.overall.perHour.value ?? 0) - (b?.overall.perHour.value ?? 0));
  return all.some((each) => each === null) ? null : median[Math.floor(median.length / 2)]!;
}

function slopesOf(
  { entity }: Track,
  points: readonly TextPoint[],
): { overall: Slope; slopes: Slope[] } | null {
  const run = longestRun(points).map(({ minute, value, line }) => ({
    minute,
    bytes: value,
    line,
    process: entity,
    percent: null,
  }));
  if (run.length < 2) return null;
  return {
    overall: slope(run[0]!, run.at(-1)!),
    // Two values of one minute have no slope.
    slopes: run.slice(1).flatMap((to, at) => (to.minute > run[at]!.minute ? [slope(run[at]!, to)] : [])),
  };
}

function judge(rate: StatedRate, overall: Slope, slopes: readonly Slope[]): Claim | null {
  const claimed: Interval = { low: rate.low, value: rate.perHour, high: rate.high };
  const speed = acceleration(slopes);
  const periodHours = rate.periodMs / 3_600_000;
  const measured = `${inPeriod(overall.perHour.value, periodHours)} (${slopeText(overall)})`;
  const arithmetic = [
    `stated: ${sizeText(rate.amount.value)} in ${durationText(rate.periodMs / 60_000)} = ${rateText(rate.perHour)}`,
    `measured: ${measured}`,
    ...(slopes.length > 1
      ? [
          `step by step: ${shownOf(slopes)
            .map(({ perHour }) => inPeriod(perHour.value, periodHours))
            .join(', ')}`,
        ]
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
    // Steps that swing this much give no sharper rate; a fit through all of them may differ from first to last.
    const values = slopes.map((each) => each.perHour.value);
    const inside = rate.perHour >= Math.min(...values) && rate.perHour <= Math.max(...values);
    if (slopes.length > 2 && inside && Math.abs(overall.perHour.value / rate.perHour - 1) <= 0.3) return null;
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
export function checkGrowthShape({ statements, memory, tracks }: Facts): Claim[] {
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
        !/\b(?:not|n't|no|never|would|unlike|rather than|instead of)\b/i.test(text) &&
        !quantitiesOf(text).some(({ dimension }) => dimension === 'bytes')
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
      } else if (
        /\baccelerat|faster and faster|exponential/i.test(text) &&
        !/\b(?:no|not|n't|without|never|nor|neither)\b[^.;,]{0,20}(?:accelerat|exponential)/i.test(text)
      ) {
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
        tracksNamed(text, tracks, ['count']).length === 0 &&
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
