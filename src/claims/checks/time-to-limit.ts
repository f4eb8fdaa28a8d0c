import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { clockText, digits, durationText, rateText, sizeText } from '../figures.ts';
import { agree, exactly, type Interval, minus, over } from '../interval.ts';
import { shareOf, slope } from '../memory-facts.ts';

export const TO_LIMIT: RegExp =
  /\b(?:time (?:to|until|till|before) (?:the )?(?:OOM|limit|kill|crash|exhaustion)|(?:OOM|limit|crash|out of memory|exhaust\w*|run(?:s)? out)\b[^.]{0,40}\bin\b|hours? (?:to|until|before|left (?:to|until|before))\s+(?:the )?(?:OOM|limit|kill|crash|out)|reach(?:es)? (?:the )?(?:limit|OOM)\b[^.]{0,30}\b(?:in|within))/i;

/** Times to a limit are told roughly; more off than this is another answer. */
const TIME_SLACK = 0.15;

/** "Time to OOM: ~36 hours" against the room that is left and every rate that is known. */
export function checkTimeToLimit(facts: Facts): Claim[] {
  const { memory, statements } = facts;
  const claims: Claim[] = [];
  const limit = memory.limit?.bytes;
  const now =
    memory.current?.bytes ??
    memory.points
      .filter(({ process }) => process === '')
      .reduce<Interval | null>((a, { bytes }) => (a && a.value > bytes.value ? a : bytes), null);
  if (!limit || !now || now.value >= limit.value) return claims;
  const room = minus(limit, now);
  const rates = ratesOf(facts);
  const binary = (line: number): boolean => /\d\s?[KMGT]i/.test(facts.document.lines[line - 1]?.raw ?? '');
  const mixed =
    memory.limit !== null && memory.points.some(({ line }) => binary(line) !== binary(memory.limit!.line));
  if (rates.length === 0) return claims;
  const found = rates.map((rate) => ({ ...rate, hours: over(room, rate.perHour) }));
  const [least, most] = found.reduce(
    ([low, high], { hours }) => [Math.min(low, hours.value), Math.max(high, hours.value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const range = `${durationText(least * 60)} to ${durationText(most * 60)}`;
  const latest = found.filter(({ measured }) => measured).at(-1) ?? found[0]!;
  for (const { sentences, kind } of statements) {
    if (kind === 'heading') continue;
    for (const { text, line } of sentences) {
      if (!TO_LIMIT.test(text)) continue;
      const duration = quantitiesOf(text).find(({ dimension }) => dimension === 'time');
      if (!duration) continue;
      const said = over(duration, exactly(3_600_000));
      const arithmetic = [
        `room: ${sizeText(limit.value)} − ${sizeText(now.value)} = ${sizeText(room.value)}`,
        ...shownOf(found).map(
          ({ hours, perHour, what }) =>
            `at ${rateText(perHour.value)} (${what}): ${durationText(hours.value * 60)}`,
        ),
      ].join('\n');
      const base = { text, line, arithmetic, check: 'time-to-limit' };
      // A limit in MB where MiB is meant, or the other way round, moves the room.
      const rooms = (mixed ? [1, 1.048_576, 1 / 1.048_576] : [1]).map((by) => limit.value * by - now.value);
      const matching = found.filter(({ hours }) =>
        rooms.some(
          (each) => each > 0 && Math.abs((hours.value * each) / room.value / said.value - 1) <= TIME_SLACK,
        ),
      );
      if (matching.includes(latest))
        claims.push({
          ...base,
          verdict: 'holds',
          because: `At ${rateText(latest.perHour.value)} (${latest.what}) the limit is ${durationText(latest.hours.value * 60)} away.`,
        });
      else if (matching.length > 0 && latest.hours.value > said.value)
        claims.push({
          ...base,
          verdict: 'holds',
          because: `It follows from ${matching[0]!.what}; by the latest numbers there is more time: ${range}.`,
        });
      else
        claims.push({
          ...base,
          verdict: 'contradicted',
          because: `${matching.length > 0 ? `It follows from ${matching[0]!.what}, but the growth is faster by now` : 'No rate in the text gives it'}: ${durationText(latest.hours.value * 60)} at ${rateText(latest.perHour.value)} (${latest.what}). The range is ${range}.`,
        });
    }
  }
  return claims;
}

/** A text of a hundred incidents has a thousand rates: the first and the last are shown. */
export function shownOf<T>(rates: readonly T[]): readonly T[] {
  return rates.length <= 12 ? rates : [...rates.slice(0, 8), ...rates.slice(-4)];
}

/** A rate of growth and where it is from. */
export interface KnownRate {
  readonly perHour: Interval;
  readonly what: string;
  /** From points of the service as a whole. */
  readonly measured: boolean;
  /** From a process that was watched apart. */
  readonly apart?: true;
}

/** Every rate of growth that is known: stated, on the whole, latest, and of a process that was watched apart. */
export function ratesOf({ memory }: Facts): KnownRate[] {
  const rates: KnownRate[] = memory.stated.map(({ low, perHour, high }) => ({
    perHour: { low, value: perHour, high },
    what: 'the stated rate',
    measured: false,
  }));
  if (memory.overall)
    rates.push({ perHour: memory.overall.perHour, what: 'the average of the numbers', measured: true });
  // A process of its own that was let grow: faster than the average if it began there.
  for (const point of memory.points) {
    if (point.process === '') continue;
    const before = memory.points.findLast(({ process, minute }) => process === '' && minute < point.minute);
    if (before && before.bytes.value < point.bytes.value)
      rates.push({
        perHour: slope(before, point).perHour,
        what: `the ${point.process} process, if it began at the average of ${clockText(before.minute)}`,
        measured: false,
        apart: true,
      });
  }
  const last =
    memory.slopes.length >= 2 ? memory.slopes.slice(-Math.max(1, Math.floor(memory.slopes.length / 2))) : [];
  if (last.length > 0) {
    const hours = exactly((last.at(-1)!.toMinute - last[0]!.fromMinute) / 60);
    rates.push({
      perHour: over(minus(last.at(-1)!.to, last[0]!.from), hours),
      what: 'the latest numbers',
      measured: true,
    });
  }
  return rates.filter(({ perHour }) => perHour.value > 0);
}

const REFILL = /\b(?:after|within|in)\s+(?:just|only|about|~)?\s*/i;

/** "Back at 75 % after 13 minutes of uptime": the rate that this takes, against the others. */
export function checkRefill(facts: Facts): Claim[] {
  const { memory, statements } = facts;
  const claims: Claim[] = [];
  const known = ratesOf(facts);
  for (const { sentences, kind } of statements) {
    if (kind === 'heading' || !memory.limit) continue;
    for (const { text, line } of sentences) {
      const found = quantitiesOf(text);
      const percent = found.find(({ dimension, bound }) => dimension === 'percent' && bound === null);
      const size = found.find(({ dimension }) => dimension === 'bytes');
      const duration = found.find(
        ({ dimension, start }) =>
          dimension === 'time' && REFILL.test(text.slice(Math.max(0, start - 14), start)),
      );
      if (
        !duration ||
        !(percent || size) ||
        !/\b(?:back|again|uptime|up|after (?:the )?restart)\b/i.test(text) ||
        !/\b(?:memory|rss|heap|usage)\b/i.test(text)
      )
        continue;
      const level = percent ? shareOf(percent, memory.limit.bytes) : size!;
      const first = memory.overall?.from;
      const start = first && first.value < level.value ? first : exactly(0);
      const hours = over(duration, exactly(3_600_000));
      const needed = over(minus(level, start), hours);
      const others = known.filter(({ perHour }) => perHour.value > 0);
      if (others.length === 0) continue;
      const fastest = others.reduce((a, b) => (a.perHour.high > b.perHour.high ? a : b));
      const gained = fastest.perHour.value * hours.value;
      const mustStart = level.value - gained;
      const arithmetic = [
        percent
          ? `${digits(percent.value)} % of ${sizeText(memory.limit.bytes.value)} = ${sizeText(level.value)}`
          : `level ${sizeText(level.value)}`,
        `from ${start.value === 0 ? 'nothing' : sizeText(start.value)} in ${durationText(hours.value * 60)}: ${rateText(needed.value)} = ${sizeText(needed.value / 60)}/min`,
        ...shownOf(others).map(
          ({ perHour, what }) =>
            `${what}: ${sizeText(perHour.value / 60)}/min, ${sizeText(perHour.value * hours.value)} in that time${minutesTo(level.value, start.value, perHour.value)}`,
        ),
      ].join('\n');
      const base = { text, line, arithmetic, check: 'refill' };
      const factor = needed.value / fastest.perHour.value;
      // A fresh process that starts at more than half of what it reaches would have to be told.
      if (needed.low > fastest.perHour.high * 1.5 && mustStart > 0.5 * level.value) {
        const [stated] = memory.stated;
        if (stated && !memory.overall)
          claims.push({
            text: stated.statement,
            line: stated.line,
            alsoLines: [line],
            verdict: 'contradicted',
            because: `Line ${line} needs ${sizeText(needed.value / 60)}/min, ${digits(needed.value / stated.perHour)} times this rate.`,
            arithmetic,
            check: 'growth-rate',
          });
        claims.push({
          ...base,
          verdict: 'contradicted',
          because: `That takes ${sizeText(needed.value / 60)}/min, ${digits(factor)} times the fastest growth that the text gives (${sizeText(fastest.perHour.value / 60)}/min, ${fastest.what}); at that rate it would have to start at ${sizeText(mustStart)}. One of the two is wrong, or they are not the same quantity.`,
        });
      } else if (Math.abs(Math.log(needed.value / fastest.perHour.value)) < Math.log(1.6))
        claims.push({ ...base, verdict: 'holds', because: 'It fits the growth that the text gives.' });
      else
        claims.push({
          ...base,
          verdict: 'cannot-tell',
          because: 'The level right after the restart is not given.',
        });
    }
  }
  return claims;
}

function minutesTo(level: number, start: number, perHour: number): string {
  return `; ${durationText(((level - start) / perHour) * 60)} to get there`;
}

/** From a share of the limit at the alert to the kill: the rate in between against what is stated. */
export function checkLastStretch(facts: Facts): Claim[] {
  const { memory, events } = facts;
  const kill = events.find(({ kind }) => kind === 'kill');
  const alert = events.findLast(({ kind, minute }) => kind === 'alert' && (!kill || minute < kill.minute));
  const [stated] = memory.stated;
  if (!kill || !alert || !memory.limit || !memory.percentNow || !stated) return [];
  const level = shareOf(memory.percentNow.percent, memory.limit.bytes);
  const minutes = kill.minute - alert.minute;
  if (minutes <= 0 || minutes > 1440) return [];
  const needed = over(minus(memory.limit.bytes, level), exactly(minutes / 60));
  const wait = ((memory.limit.bytes.value - level.value) / stated.perHour) * 60;
  const arithmetic = [
    `${sizeText(memory.limit.bytes.value)} − ${digits(memory.percentNow.percent.value)} % = ${sizeText(memory.limit.bytes.value - level.value)} in ${durationText(minutes)} (${clockText(alert.minute)} to ${clockText(kill.minute)})`,
    `= ${sizeText(needed.value / 60)}/min; stated ${sizeText(stated.perHour / 60)}/min, which takes ${durationText(wait)}`,
  ].join('\n');
  const fits = agree(needed, { low: stated.low, value: stated.perHour, high: stated.high }, 0.2);
  return [
    {
      text: kill.text,
      line: kill.line,
      alsoLines: [memory.percentNow.line, stated.line],
      verdict: fits ? 'holds' : 'contradicted',
      because: fits
        ? 'Alert, kill and stated rate fit each other.'
        : `Between alert and kill memory grew by ${sizeText(needed.value / 60)}/min, against ${sizeText(stated.perHour / 60)}/min in line ${stated.line}; the kill came after ${durationText(minutes)} instead of ${durationText(wait)}.`,
      arithmetic,
      check: 'last-stretch',
    },
  ];
}
