import { remembered } from './remembered.ts';

/** What a quantity measures. Values are bytes, milliseconds, per cent or a plain number. */
export type Dimension = 'bytes' | 'time' | 'percent' | 'count';

/** A number with its unit, and how far its writing lets it be off. */
export interface Quantity {
  readonly value: number;
  /** Half of the last digit written, a fifth for "about", the ends of a range. */
  readonly low: number;
  readonly high: number;
  readonly dimension: Dimension;
  /** The unit as written; for counts the words behind the number. */
  readonly unit: string;
  readonly text: string;
  /** Columns in the line, from 0; end is behind the last character. */
  readonly start: number;
  readonly end: number;
  readonly approximate: boolean;
  readonly range: boolean;
  /** "at least", "2+", ">": the value is a lower end; "<", "under": an upper one. */
  readonly bound: 'at-least' | 'at-most' | null;
  readonly signed: boolean;
}

/** "About" as people use it in incidents. */
const APPROXIMATE_SHARE = 0.2;

/** Thousands by comma, thin or plain space, or underscore; "1,5 GB" has a decimal comma. */
const NUMBER = [
  '\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?',
  '\\d{1,3}(?:_\\d{3})+',
  '(?<!\\d )[1-9]\\d{0,2}(?:[ \\u00a0\\u202f\\u2009]\\d{3})+(?![\\d,_]| \\d)(?:\\.\\d+)?',
  '\\d+,\\d{1,2}(?=\\s?(?:[kKMGT]i?B\\b|%|h\\b|hours?\\b))',
  '\\d+(?:\\.\\d+)?',
].join('|');
const BYTE_UNIT = '(?:[kKMGTmgt](?:i?[bB]|i)|bytes?|B)';
const TIME_UNIT =
  '(?:milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|hr|h|days?|d|weeks?|w)';
const QUANTITY = new RegExp(
  `(?<before>(?:(?:~|≈|±|>=|<=|≥|≤|>|<|\\+)\\s?|(?:at least|at most|about|around|approximately|approx\\.?|roughly|nearly|almost|circa|ca\\.|over|under|below|above|more than|less than|only ~?|up to)\\s+)*)` +
    `(?<![\\w.:/@#$\\\\=-]|\\d[–—])(?<first>${NUMBER})` +
    `(?:\\s?(?:-|–|—|to|\\.\\.)\\s?~?(?<last>${NUMBER}))?(?<plus>\\+)?` +
    `(?<kilo>[kK](?![\\w]))?` +
    `(?:(?<gap>[\\s-]?)(?<unit>${BYTE_UNIT}|${TIME_UNIT}|%|percent|per cent|pct)(?![\\w%]))?` +
    `(?![\\w]|\\.\\d|:\\d)`,
  'g',
);
/** "3h20m", "9 h 14 min", "2 days 4 hours". */
const COMPOUND =
  /(?<before>(?:(?:~|≈|about|around|roughly|nearly|almost|approximately)\s?)?)(?<![\w.,])(?<first>\d{1,3})\s?(?<big>d|days?|h|hrs?|hours?|m|min|mins|minutes?)(?:\s?|\s(?:and\s)?)(?<second>\d{1,2})\s?(?<small>h|hrs?|hours?|m|min|mins|minutes?|s|secs?|seconds?)(?!\w)/gi;
const WORDS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
/** "two hours", "half an hour", "four and a half hours". */
const SPELLED = new RegExp(
  `(?<before>(?:(?:~|about|around|roughly|nearly|almost|approximately)\\s)?)\\b(?<word>${WORDS.join('|')}|half an?|a quarter of an|a couple of)(?<half> and a half)?\\s(?<unit>seconds?|minutes?|hours?|days?|weeks?)\\b`,
  'gi',
);
const ABOUT = /~|≈|about|around|approx|roughly|nearly|almost|circa|ca\./i;
const MASKS = [
  /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g,
  /\b\d{4}\/\d\d\/\d\d\b/g,
  /\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\b/g,
  /\bv?\d+\.\d+\.\d+[\w.-]*/g,
  /\b0x[\da-fA-F]+\b/g,
  /\b\d+\s*(?:AM|PM|am|pm)\b/g,
  /https?:\/\/\S+/g,
  /\b(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)\.? \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?\b/g,
  /\b\d{1,2}(?:st|nd|rd|th)? (?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)\b(?: \d{4})?/g,
  /\b(?:Day|Step|Phase|Pattern|Fix|Option|Part|Question|Sev|SEV|Priority|Method|Node|Ruby|Python|Go|Rails|Puma) \d+(?:\.\d+)?\b(?!\s*[%])/g,
];

/** The text with dates, clocks, versions and addresses blanked out; columns stay. */
export function maskTimes(text: string): string {
  let masked = text;
  for (const mask of MASKS) masked = masked.replace(mask, (hit) => ' '.repeat(hit.length));
  return masked;
}

/** Words that are numbers, and digits: without one of them a text has no quantity. */
const NUMERIC = new RegExp(`\\d|\\b(?:${WORDS.join('|')}|half an?|a quarter of an|a couple of)\\s`, 'i');

/** Every quantity of a line, from left to right. Parts of identifiers, dates, clocks and versions are none. */
export const quantitiesOf: (text: string) => readonly Quantity[] = remembered(readQuantities);

function readQuantities(text: string): Quantity[] {
  if (!NUMERIC.test(text)) return [];
  const clocked = maskTimes(text);
  const found = durationsOf(clocked);
  let masked = clocked;
  for (const { start, end } of found)
    masked = masked.slice(0, start) + ' '.repeat(end - start) + masked.slice(end);
  for (const match of masked.matchAll(QUANTITY)) {
    const quantity = quantityOf(match, masked);
    if (quantity) found.push(quantity);
  }
  return found.sort((a, b) => a.start - b.start);
}

/** Durations of two parts and those in words. */
function durationsOf(masked: string): Quantity[] {
  const found: Quantity[] = [];
  const add = (match: RegExpMatchArray, value: number, halfMs: number, unit: string): void => {
    const before = match.groups!['before'] ?? '';
    const start = match.index! + before.length;
    const end = match.index! + match[0].length;
    if (found.some((other) => start < other.end && end > other.start)) return;
    const approximate = before !== '';
    const half = approximate ? Math.max(value * APPROXIMATE_SHARE, halfMs) : halfMs;
    const rest = { dimension: 'time' as const, unit, text: match[0].trim(), start, end, approximate };
    found.push({
      value,
      low: value - half,
      high: value + half,
      ...rest,
      range: false,
      bound: null,
      signed: false,
    });
  };
  for (const match of masked.matchAll(COMPOUND)) {
    const { first, big, second, small } = match.groups as Record<string, string>;
    const scale = unitOf(small!)[1];
    if (unitOf(big!)[1] <= scale) continue;
    add(match, Number(first) * unitOf(big!)[1] + Number(second) * scale, scale / 2, small!);
  }
  for (const match of masked.matchAll(SPELLED)) {
    const { word, half, unit } = match.groups as Record<string, string | undefined>;
    const scale = unitOf(unit!)[1];
    const told = WORDS.indexOf(word!.toLowerCase()) + 1;
    const number = /^half/i.test(word!) ? 0.5 : /^a q/i.test(word!) ? 0.25 : told === 0 ? 2 : told;
    const value = (number + (half === undefined ? 0 : 0.5)) * scale;
    // Words round more than figures do.
    add(match, value, Math.min(value / 4, scale / 2), unit!);
  }
  return found;
}

function quantityOf(match: RegExpMatchArray, masked: string): Quantity | null {
  const {
    before = '',
    first,
    last,
    plus,
    kilo,
    unit = '',
  } = match.groups as Record<string, string | undefined>;
  const start = match.index! + before.length;
  const end = match.index! + match[0].length;
  const [dimension, factor] = unitOf(unit);
  const scale = factor * (kilo === undefined ? 1 : 1000);
  const behind = masked.slice(end);
  // "at 3pm", "a 2-socket machine", "1. First": a number that measures nothing.
  if (dimension === 'count' && /^[)\]]?\s*$/.test(behind) && /^\s*$/.test(masked.slice(0, match.index!))) {
    if (last !== undefined) return null;
  }
  const approximate = ABOUT.test(before);
  const one = spread(first!, scale, approximate);
  const other = last === undefined ? one : spread(last, scale, approximate);
  if (other.value < one.value) return null;
  return {
    value: last === undefined ? one.value : (one.value + other.value) / 2,
    low: last === undefined ? one.low : one.value,
    high: last === undefined ? one.high : other.value,
    dimension,
    unit: unit === '' ? nounBehind(behind) : unit,
    text: masked.slice(match.index!, end).trim(),
    start,
    end,
    approximate,
    range: last !== undefined,
    bound:
      plus !== undefined || />|≥|at least|over|above|more than/.test(before)
        ? 'at-least'
        : /<|≤|at most|under|below|less than|up to/.test(before)
          ? 'at-most'
          : null,
    signed: /\+\s*$/.test(before),
  };
}

function spread(
  digits: string,
  scale: number,
  approximate: boolean,
): { value: number; low: number; high: number } {
  const plain = /^\d+,\d{1,2}$/.test(digits) ? digits.replace(',', '.') : digits.replace(/[,_\s]/g, '');
  const decimals = plain.includes('.') ? plain.length - plain.indexOf('.') - 1 : 0;
  const value = Number(plain) * scale;
  const half = approximate
    ? Math.max(value * APPROXIMATE_SHARE, (scale * 10 ** -decimals) / 2)
    : (scale * 10 ** -decimals) / 2;
  return { value, low: value - half, high: value + half };
}

/** The words behind a number, up to three, until something that no longer belongs to it. */
function nounBehind(behind: string): string {
  const words = /^\s+((?:[A-Za-z][\w-]*\s?){1,3})/.exec(behind)?.[1] ?? '';
  return words
    .replace(
      /\b(?:per|every|each|an?|in|on|of|at|after|and|or|to|from|for|were|was|is|are|but|only|with|by|than|the)\b.*$/s,
      '',
    )
    .trim();
}

const BYTE_SCALE: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4 };
const TIME_SCALE: readonly [RegExp, number][] = [
  [/^(?:ms|msecs?|milliseconds?)$/i, 1],
  [/^(?:s|secs?|seconds?)$/i, 1000],
  [/^(?:m|mins?|minutes?)$/i, 60_000],
  [/^(?:h|hrs?|hours?)$/i, 3_600_000],
  [/^(?:d|days?)$/i, 86_400_000],
  [/^(?:w|weeks?)$/i, 604_800_000],
];

/** Dimension and factor of a unit; MB is 1000², Mi and MiB are 1024². An unknown or empty unit counts things. */
export function unitOf(unit: string): [Dimension, number] {
  if (unit === '') return ['count', 1];
  if (/^(?:%|percent|per cent|pct)$/i.test(unit)) return ['percent', 1];
  for (const [pattern, factor] of TIME_SCALE) if (pattern.test(unit)) return ['time', factor];
  if (/^(?:B|bytes?)$/.test(unit)) return ['bytes', 1];
  const size = /^([kmgt])(i?)b?$/i.exec(unit);
  if (!size) return ['count', 1];
  return ['bytes', (size[2] === '' ? 1000 : 1024) ** BYTE_SCALE[size[1]!.toLowerCase()]!];
}
