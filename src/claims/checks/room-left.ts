import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import { ratesOf } from '../../formats/incident-text/rates.ts';
import { momentsOf } from '../../formats/incident-text/times.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { clockText, durationText, rateText, sizeText } from '../figures.ts';
import type { Track } from '../readings/track.ts';
import { sayingsOf } from '../sayings.ts';
import { memoryKindOf, tracksNamed } from '../subject.ts';
import { levelAt, longestRun, minutesIn } from '../window.ts';
import { TO_LIMIT } from './time-to-limit.ts';

const LIMIT =
  /\b(?:limit|GOMEMLIMIT|OOM|out of memory|cap|quota|ceiling|full|reach(?:es|ed)?|hits?|passed|exhausted|empty)\b/i;
const REACHES =
  /\b(?:reach\w*|hits?|hit|passed|passes|exceed\w*|full|exhausted|empty|left|away|OOM|out of memory|would (?:have )?(?:taken|hit|reached)|to the limit)\b/i;
/** Told times are rough: this far outside of everything that the numbers allow is wrong. */
const SLACK = 1.3;

/** "From 691 MiB at 14:00 the limit was 2.5 hours away", "reaches 2 GiB around 7:30 PM": room over every rate that the numbers show. */
export function checkRoomLeft(facts: Facts): Claim[] {
  const { statements, tracks, clock } = facts;
  const claims: Claim[] = [];
  for (const { text, line } of sayingsOf(statements, { hypothetical: true })) {
    if (
      !LIMIT.test(text) ||
      !REACHES.test(text) ||
      TO_LIMIT.test(text) ||
      /\?\s*$|\b(?:if|doubl\w+|without the (?:leak|fix)|staging|canary|pool|disk|connections?)\b/i.test(text)
    )
      continue;
    const found = tracksNamed(text, tracks, ['bytes'], true).filter(
      (track) =>
        memoryKindOf(track.words) !== null &&
        Number.isFinite(track.points[0]!.minute) &&
        !/limit|total/i.test(track.name),
    );
    if (found.length !== 1) continue;
    const [track] = found;
    const run = longestRun(track!.points);
    const limit = limitFor(text, track!, facts);
    if (!limit || run.length < 2) continue;
    const minutes = minutesIn(text, clock, track!);
    const quantities = quantitiesOf(text);
    const sizes = quantities.filter(({ dimension }) => dimension === 'bytes');
    const perTime = ratesOf(text).map(({ amount }) => amount.start);
    const level = sizes.find(
      ({ start, value }) =>
        !perTime.includes(start) &&
        value < limit.bytes * 0.97 &&
        /\bfrom\s*(?:the )?$/i.test(text.slice(0, start)),
    );
    const last = run.at(-1)!;
    const inside = minutes.filter((minute) => minute >= run[0]!.minute - 1 && minute <= last.minute + 1);
    const startMinute = inside[0] ?? last.minute;
    const from = level?.value ?? levelAt(track!, startMinute)?.value.value ?? last.value.value;
    if (from >= limit.bytes) continue;
    const duration = quantities.find(
      ({ dimension, start, end }) =>
        dimension === 'time' &&
        (/\b(?:in|within|after|took|taken|about|left|another|still)\s*(?:about |roughly |another |only |just |~)*$/i.test(
          text.slice(0, start),
        ) ||
          /^\s*(?:away|left|later|more|to go|after (?:midnight|noon|\d{1,2}:\d\d))\b/i.test(
            text.slice(end),
          )) &&
        !perTime.some((at) => text.slice(at, start).length < 16 && at < start),
    );
    const later = aheadOf(text, minutes, run[0]!.minute, last.minute).find(
      (minute) => minute > last.minute + 1 && Math.abs(minute - startMinute) < 2 * 1440,
    );
    const stated = duration ? duration.value / 60_000 : later !== undefined ? later - startMinute : null;
    if (stated === null || stated <= 0) continue;
    const rates = ratesFrom(run, text);
    if (rates.length === 0) continue;
    const room = limit.bytes - from;
    // The limit may be MB where MiB is written, and the other way round.
    const rooms = [room, limit.bytes / 1.048_576 - from, limit.bytes * 1.048_576 - from].filter(
      (each) => each > 0,
    );
    const [low, high] = [
      (Math.min(...rooms) / Math.max(...rates)) * 60,
      (Math.max(...rooms) / Math.min(...rates)) * 60,
    ];
    const upTo = duration?.bound ?? (duration === undefined && /\bbefore\b/i.test(text) ? 'at-most' : null);
    const tooShort = stated * SLACK < low;
    const tooLong = upTo !== 'at-most' && stated > high * SLACK;
    const middle = (room / rates[0]!) * 60;
    if (!tooShort && !tooLong && Math.abs(stated / middle - 1) > 0.35) continue;
    claims.push({
      text,
      line,
      alsoLines: [run[0]!.line, last.line],
      verdict: tooShort || tooLong ? 'contradicted' : 'holds',
      because:
        tooShort || tooLong
          ? `At ${rateText(rates[0]!)} ${sizeText(room)} last ${durationText(middle)}, not ${durationText(stated)}.`
          : `At ${rateText(rates[0]!)} ${sizeText(room)} last ${durationText(middle)}.`,
      arithmetic: [
        `room: ${sizeText(limit.bytes)} − ${sizeText(from)}${level ? '' : ` (${clockText(startMinute)})`} = ${sizeText(room)}`,
        `rates: ${rates.map(rateText).join(', ')}`,
        `lasts ${durationText(low)} to ${durationText(high)}`,
      ].join('\n'),
      check: 'room-left',
    });
  }
  return claims;
}

/** "Full by midnight": a clock without a day, said of what is to come, is the next one behind the numbers. */
function aheadOf(text: string, minutes: readonly number[], first: number, last: number): readonly number[] {
  if (
    !/\b(?:will|would|by|at this (?:speed|rate|pace)|going on)\b/i.test(text) ||
    /\b(?:had|was|were|did)\b/i.test(text)
  )
    return minutes;
  if (momentsOf(text).some(({ dayKind }) => dayKind !== 'none')) return minutes;
  return minutes.map((minute) =>
    minute < first - 1 ? minute + Math.ceil((last - minute) / 1440) * 1440 : minute,
  );
}

/** The average first, then the slowest and the fastest step, then what the sentence itself assumes. Bytes an hour. */
function ratesFrom(run: Track['points'], text: string): number[] {
  const between = (a: Track['points'][number], b: Track['points'][number]): number =>
    ((b.value.value - a.value.value) / (b.minute - a.minute)) * 60;
  const overall = between(run[0]!, run.at(-1)!);
  if (overall <= 0) return [];
  const steps = run
    .slice(1)
    .map((to, at) => between(run[at]!, to))
    .filter((step) => step > overall * 0.2);
  const own = ratesOf(text)
    .filter(({ dimension }) => dimension === 'bytes')
    .map(({ perHour }) => perHour);
  return [overall, ...(steps.length > 0 ? [Math.min(...steps), Math.max(...steps)] : []), ...own];
}

function limitFor(
  text: string,
  { entity }: Track,
  { memory, tracks, document }: Facts,
): { bytes: number } | null {
  const named = /\b([A-Z][A-Z_]*LIMIT[A-Z_]*)\b/.exec(text)?.[1];
  if (named !== undefined) {
    for (const { raw } of document.lines) {
      const at = raw.search(new RegExp(`\\b${named}\\s*[=:]`));
      const size =
        at === -1 ? undefined : quantitiesOf(raw.slice(at + named.length).replace(/^\s*[=:]\s*/, '')).at(0);
      if (size?.dimension === 'bytes') return { bytes: size.value };
    }
    return null;
  }
  const own = tracks.find((track) => track.entity === entity && entity !== '' && /^limit$/i.test(track.name));
  const said = quantitiesOf(text).find(
    ({ dimension, start }) =>
      dimension === 'bytes' &&
      /\b(?:reach(?:es)?|hits?|the|its|limit of|to)\s*(?:the )?$/i.test(text.slice(0, start)),
  );
  const bytes = own?.points[0]?.value.value ?? memory.limit?.bytes.value ?? null;
  if (
    said &&
    (bytes === null ||
      Math.abs(said.value / bytes - 1) < 0.1 ||
      /^\s*(?:limit|cap)/i.test(text.slice(said.end)))
  )
    return { bytes: said.value };
  return bytes === null ? null : { bytes };
}
