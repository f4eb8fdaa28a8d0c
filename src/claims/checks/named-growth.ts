import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import { ratesOf } from '../../formats/incident-text/rates.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, durationText, sizeText } from '../figures.ts';
import { agree, exactly, type Interval, minus, over } from '../interval.ts';
import type { Track } from '../readings/track.ts';
import { memoryKindOf, tracksNamed } from '../subject.ts';
import type { TextPoint } from '../text-series.ts';
import { longestRun, windowOf } from '../window.ts';

const GROWS =
  /\b(?:gr[eo]w\w*|ris(?:e|es|ing)|rose|increas\w*|gain\w*|climb\w*|leak\w*|accumulat\w*|go(?:es)? up|went up|adds? up|pil\w+ up|creep\w*)\b/i;
const FALLS =
  /\b(?:fall\w*|fell|drop\w*|decreas\w*|shrink\w*|shrank|clos\w*|ended|freed|evict\w*|before|after the)\b/i;
const SUMS =
  /\b(?:altogether|together|in total|combined|all (?:\d+|two|three|four|five|six) |per (?:task|job|request|object|item))\b/i;

/** "Goroutines grow by 3,600 per hour", "connections: 6 a day": stated growth of whatever the text shows over time, bytes apart. */
export function checkNamedGrowth({ sayings, tracks, clock }: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const { text, line } of sayings) {
    if (!GROWS.test(text) || FALLS.test(text) || SUMS.test(text)) continue;
    for (const rate of ratesOf(text)) {
      if (rate.dimension !== 'count') continue;
      const near = `${text.slice(0, rate.end)} ${rate.noun}`;
      const found = tracksNamed(near, tracks, ['count']).filter((track) => rises(track));
      if (found.length !== 1) continue;
      const claim = judge(
        { text, line },
        { low: rate.low, value: rate.perHour, high: rate.high },
        rate.periodMs / 3_600_000,
        found[0]!,
        windowOf(text, clock, found[0]!),
      );
      if (claim) claims.push(claim);
    }
  }
  return claims;
}

function rises({ points }: Track): boolean {
  return Number.isFinite(points[0]!.minute) && points.at(-1)!.minute > points[0]!.minute;
}

/** A rate against the steps of a track: wrong only outside of all of them. */
function judge(
  saying: { text: string; line: number },
  claimed: Interval,
  periodHours: number,
  track: Track,
  window: readonly TextPoint[] | null,
): Claim | null {
  const points = window && longestRun(window);
  if (!points || points.length < 2) return null;
  const [first, last] = [points[0]!, points.at(-1)!];
  const overall = rateBetween(first, last);
  const steps = points.slice(1).map((to, at) => rateBetween(points[at]!, to));
  const inSteps =
    steps.some((step) => agree(step, claimed)) ||
    (Math.min(...steps.map(({ low }) => low)) <= claimed.high &&
      Math.max(...steps.map(({ high }) => high)) >= claimed.low);
  const holds = agree(claimed, overall);
  if (!holds && inSteps) return null;
  const unit = track.dimension === 'bytes' ? sizeText : digits;
  const per = (value: number): string => `${unit(value * periodHours)} in ${durationText(periodHours * 60)}`;
  return {
    ...saying,
    alsoLines: [first.line, last.line],
    verdict: holds ? 'holds' : 'contradicted',
    because: holds
      ? `${titleOf(track)} grew by ${per(overall.value)}.`
      : `${titleOf(track)} grew by ${per(overall.value)}, never by ${per(claimed.value)}.`,
    arithmetic: `(${unit(last.value.value)} − ${unit(first.value.value)}) / ${durationText(last.minute - first.minute)} = ${per(overall.value)}`,
    check: 'named-growth',
  };
}

function rateBetween(from: TextPoint, to: TextPoint): Interval {
  return over(minus(to.value, from.value), exactly(Math.max(to.minute - from.minute, 1e-9) / 60));
}

export function titleOf({ name, entity }: Track): string {
  return `"${name}"${entity === '' ? '' : ` of ${entity}`}`;
}

/** "All pods leak at the same rate" where the text tells them apart. */
export function checkSameRate({ sayings, tracks }: Facts): Claim[] {
  const byName = new Map<string, Track[]>();
  for (const track of tracks)
    if (
      track.entity !== '' &&
      track.dimension === 'bytes' &&
      memoryKindOf(track.words) === 'resident' &&
      rises(track)
    )
      byName.set(track.name, [...(byName.get(track.name) ?? []), track]);
  const [family] = [...byName.values()].filter((each) => each.length > 1);
  if (!family) return [];
  const rates = family.map(({ points, entity }) => {
    const run = longestRun(points);
    return { entity, rate: rateBetween(run[0]!, run.at(-1)!), line: run.at(-1)!.line };
  });
  const [slow, fast] = [
    rates.reduce((a, b) => (b.rate.value < a.rate.value ? b : a)),
    rates.reduce((a, b) => (b.rate.value > a.rate.value ? b : a)),
  ];
  return sayings.flatMap(({ text, line }): Claim[] => {
    if (
      !/\b(?:all|both|every|each)\b[^.]{0,40}\b(?:leak|grow|gain|ris|climb)\w*\b[^.]{0,20}\b(?:same|equal(?:ly)?|alike|similar)\b/i.test(
        text,
      ) ||
      /\b(?:not|n't|about|roughly)\b/i.test(text)
    )
      return [];
    const holds = slow.rate.high >= fast.rate.low / 1.3;
    if (!holds && fast.rate.value < 2 * slow.rate.value) return [];
    return [
      {
        text,
        line,
        alsoLines: [slow.line, fast.line],
        verdict: holds ? 'holds' : 'contradicted',
        because: `${fast.entity} grew by ${sizeText(fast.rate.value)} an hour, ${slow.entity} by ${sizeText(slow.rate.value)}.`,
        check: 'same-rate',
      },
    ];
  });
}

/** "It doubles every half hour": the largest step of that length. */
function doublesEvery(text: string, line: number, { tracks }: Facts): Claim | null {
  const match = /\bdoubl(?:es?|ing|ed)\s+(?:every|each)\s+(.{1,24})/i.exec(text);
  if (!match || /\b(?:increments?|steps?|growth|rate|gains?|slope|traffic|load)\b/i.test(text)) return null;
  const told = /^\d|^(?:two|three|four|five|six|half|a quarter)/i.test(match[1]!)
    ? match[1]!.replace(/^half (?=[hmd])/i, 'half an ')
    : `one ${match[1]}`;
  const period = quantitiesOf(told)[0];
  const found = tracksNamed(text, tracks, ['bytes'], true).filter(rises);
  if (period?.dimension !== 'time' || found.length !== 1) return null;
  const minutes = period.value / 60_000;
  const points = longestRun(found[0]!.points);
  const steps = points.flatMap((from, at) =>
    points
      .slice(at + 1)
      .filter((to) => Math.abs((to.minute - from.minute) / minutes - 1) <= 0.12)
      .map((to) => ({ from, to, ratio: to.value.value / from.value.value })),
  );
  if (steps.length === 0) return null;
  const most = steps.reduce((a, b) => (b.ratio > a.ratio ? b : a));
  if (most.ratio >= 1.6) return null;
  return {
    text,
    line,
    alsoLines: [most.from.line, most.to.line],
    verdict: 'contradicted',
    because: `In ${durationText(minutes)} it grew ${digits(most.ratio)} times at most, not twice.`,
    arithmetic: `${show(found[0]!, most.to)} / ${show(found[0]!, most.from)} = ${digits(most.ratio)}`,
    check: 'multiple',
  };
}

const MULTIPLE =
  /(?:\b(?:factor|multiple) (?:of )?(?<factor>\d+(?:\.\d+)?)|(?<![\d.,])(?<times>\d+(?:\.\d+)?)\s?(?:x|×|-?fold|times)\b(?!\s*\d)|\b(?<word>doubled|tripled|quadrupled|doubling)\b|\bmore than (?<verb>double|triple)\b)/i;
const GREW =
  /\b(?:gr[eo]wn?|growth|rose|risen|ris(?:es|ing)|increas\w*|climbed|went|bigger|larger|higher|doubled|tripled|quadrupled|double|triple|factor|up)\b/i;
const EVERY = /\b(?:every|each|per)\b/i;

/** "Grew 3.7x in four days", "doubled in the first hour", "+29 %": how many times the first value the last one is. */
export function checkMultiples(facts: Facts): Claim[] {
  const { sayings, tracks, clock, memory } = facts;
  const claims: Claim[] = [];
  for (const { text, line } of sayings) {
    const doubling = doublesEvery(text, line, facts);
    if (doubling) {
      claims.push(doubling);
      continue;
    }
    if (
      !GREW.test(text) ||
      EVERY.test(text) ||
      /\b(?:may|of its level|once)\b/i.test(text) ||
      /[|=×*]\s*\d/.test(text)
    )
      continue;
    const stated = multipleIn(text);
    if (!stated) continue;
    const found = tracksNamed(text.slice(0, stated.at + 60), tracks, ['bytes', 'count']);
    if (found.length !== 1) continue;
    const points = windowOf(text, clock, found[0]!);
    if (!points || points.length < 2) continue;
    const [first, last] = [points[0]!, points.at(-1)!];
    const hours = spanStated(text);
    if (hours !== null && Math.abs((last.minute - first.minute) / 60 / hours - 1) > 0.12) continue;
    if (first.value.value <= 0) continue;
    const is = over(last.value, { ...first.value, low: Math.max(first.value.low, 1e-9) });
    const holds =
      stated.bound === 'at-least' ? is.high >= stated.value.value * 0.97 : agree(is, stated.value, 0.05);
    // Some other part of the track may be meant.
    const otherPart = hours === null && text.match(/\d{1,2}:\d\d|first/) === null && memory.overall === null;
    if (!holds && otherPart) continue;
    claims.push({
      text,
      line,
      alsoLines: [first.line, last.line],
      verdict: holds ? 'holds' : 'contradicted',
      because: `${titleOf(found[0]!)} went from ${show(found[0]!, first)} to ${show(found[0]!, last)}: ${digits(is.value)} times as much.`,
      arithmetic: `${show(found[0]!, last)} / ${show(found[0]!, first)} = ${digits(is.value)} (+${digits((is.value - 1) * 100)} %)`,
      check: 'multiple',
    });
  }
  return claims;
}

function show({ dimension }: Track, { value }: TextPoint): string {
  return dimension === 'bytes' ? sizeText(value.value) : digits(value.value);
}

function multipleIn(text: string): { value: Interval; bound: 'at-least' | null; at: number } | null {
  const match = MULTIPLE.exec(text);
  if (match) {
    const { factor, times, word, verb } = match.groups as Record<string, string | undefined>;
    const written = factor ?? times;
    const value =
      written !== undefined
        ? Number(written)
        : /^tr/i.test(word ?? verb!)
          ? 3
          : /^q/i.test(word ?? verb!)
            ? 4
            : 2;
    const decimals = written?.split('.')[1]?.length ?? 0;
    const half = written === undefined ? 0.1 * value : 0.5 * 10 ** -decimals;
    const before = text.slice(Math.max(0, match.index - 12), match.index);
    if (/\b(?:half|not|n't|never|hasn)\b/i.test(before)) return null;
    return {
      value: { low: value - half, value, high: value + half },
      bound:
        /\bmore than\s*$/i.test(before) || verb !== undefined
          ? 'at-least'
          : /\b(?:almost|nearly|about|roughly|~)\s*$/i.test(before)
            ? null
            : null,
      at: match.index,
    };
  }
  const plus = quantitiesOf(text).find(
    ({ dimension, signed, start }) =>
      dimension === 'percent' &&
      (signed || /\bby\s*(?:about|~|roughly|around)?\s*$/i.test(text.slice(0, start))),
  );
  if (!plus || /\b(?:limit|fell|drop|less|down|lower|reduc)/i.test(text)) return null;
  return {
    value: { low: 1 + plus.low / 100, value: 1 + plus.value / 100, high: 1 + plus.high / 100 },
    bound: plus.bound === 'at-least' ? 'at-least' : null,
    at: plus.start,
  };
}

/** "In 16 hours", "within four days": the time that the multiple is said to have taken. */
function spanStated(text: string): number | null {
  const found = quantitiesOf(text).find(
    ({ dimension, start }) =>
      dimension === 'time' &&
      /\b(?:in|within|over|during|for)\s+(?:just |only |about |the (?:last|past) )?$/i.test(
        text.slice(0, start),
      ),
  );
  return found ? found.value / 3_600_000 : null;
}
