import { maskTimes, type Quantity, quantitiesOf, unitOf } from './quantities.ts';
import { remembered } from './remembered.ts';

/** An amount per time: "~50MB/hour", "+50MB every 10 minutes", "1,500 listeners per hour". */
export interface Rate {
  readonly dimension: 'bytes' | 'count' | 'percent';
  readonly perHour: number;
  readonly low: number;
  readonly high: number;
  readonly amount: Quantity;
  /** The time that the amount was given for, in milliseconds. */
  readonly periodMs: number;
  /** What is counted, from the words between the number and the time ('' for bytes). */
  readonly noun: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const TIME_WORD = '(?<unit>seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|hr|h|days?|d|weeks?)(?![\\w])';
const SLASH = new RegExp(`^(?<noun>(?: [a-z][\\w-]*){0,2})\\s?/\\s?(?<times>\\d+)?\\s?${TIME_WORD}`);
const WORDS = new RegExp(
  `^(?<noun>(?:\\s+(?!per\\b|every\\b|each\\b|in\\b|after\\b|for\\b|and\\b|with\\b|over\\b|until\\b|before\\b)[\\w'-]+){0,4})\\s+(?:per|every|each|an?|in each)\\s+(?<times>\\d+(?:\\.\\d+)?)?[\\s-]?${TIME_WORD}`,
);

/** Every rate of a line, from left to right. */
export const ratesOf: (text: string) => readonly Rate[] = remembered(readRates);

function readRates(text: string): Rate[] {
  if (quantitiesOf(text).every(({ dimension }) => dimension === 'time')) return [];
  const masked = maskTimes(text);
  const rates: Rate[] = [];
  for (const amount of quantitiesOf(text)) {
    if (amount.dimension === 'time') continue;
    const behind = masked.slice(amount.end);
    const match = SLASH.exec(behind) ?? WORDS.exec(behind);
    if (!match) continue;
    const { noun = '', times, unit } = match.groups as Record<string, string | undefined>;
    const periodMs = unitOf(unit!)[1] * (times === undefined ? 1 : Number(times));
    const scale = 3_600_000 / periodMs;
    const end = amount.end + match[0].length;
    rates.push({
      dimension: amount.dimension,
      perHour: amount.value * scale,
      low: amount.low * scale,
      high: amount.high * scale,
      amount,
      periodMs,
      noun: noun.trim(),
      text: text.slice(amount.start, end).trim(),
      start: amount.start,
      end,
    });
  }
  return rates;
}
