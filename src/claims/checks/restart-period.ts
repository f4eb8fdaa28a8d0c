import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { durationText, rateText, sizeText } from '../figures.ts';
import { exactly, type Interval, over } from '../interval.ts';
import { ratesOf, shownOf } from './time-to-limit.ts';

const EVERY =
  /\b(?:restart\w*|recycl\w*|reboot\w*|redeploy\w*|bounc\w*)\b[^.]{0,40}?\b(?:every|each|per)\s+~?/i;
const RELIEF =
  /\b(?:relief|reprieve|buys?|lasts?|good for|helps? for)\b|\bbefore (?:issues|it|memory|problems|the problem)\b[^.]{0,20}\b(?:return|back|again|recur)/i;

/** "Restart every 4 hours" and "20 minutes of relief" against the time that the growth takes to the limit. */
export function checkRestartPeriod(facts: Facts): Claim[] {
  const { memory, statements } = facts;
  const claims: Claim[] = [];
  const rates = ratesOf(facts);
  if (!memory.limit || rates.length === 0) return claims;
  const fresh = freshLevel(facts);
  const highest = memory.points.reduce((most, { bytes }) => Math.max(most, bytes.value), 0);
  const said = new Set<string>();
  for (const { sentences, kind } of statements) {
    if (kind === 'heading') continue;
    for (const { text, line } of sentences) {
      const found = quantitiesOf(text).filter(({ dimension }) => dimension === 'time');
      const every = EVERY.exec(text);
      const period = every
        ? found.find(
            ({ start }) =>
              start >= every.index + every[0].length - 2 && start <= every.index + every[0].length + 1,
          )
        : RELIEF.test(text) && /restart/i.test(text)
          ? found[0]
          : undefined;
      if (!period) continue;
      const hours = over(period, exactly(3_600_000));
      const ownLimit = quantitiesOf(text).findLast(({ dimension }) => dimension === 'bytes');
      const limit = ownLimit ?? memory.limit.bytes;
      const measured = rates.filter((rate) => rate.measured || rate.apart);
      const used = every && measured.length > 0 ? measured : rates;
      const all = used.map(({ perHour, what }) => ({
        perHour,
        what,
        hours: (limit.value - fresh.value) / perHour.value,
      }));
      const raised =
        memory.raisedLimit && !ownLimit
          ? (memory.raisedLimit.bytes.value - fresh.value) / all.at(-1)!.perHour.value
          : null;
      const arithmetic = [
        ...shownOf(all).map(
          (rate) =>
            `(${sizeText(limit.value)} − ${sizeText(fresh.value)}) / ${rateText(rate.perHour.value)} (${rate.what}) = ${durationText(rate.hours * 60)}`,
        ),
        ...(raised === null
          ? []
          : [
              `with the raised limit of ${sizeText(memory.raisedLimit!.bytes.value)}: ${durationText(raised * 60)}`,
            ]),
      ].join('\n');
      const base = { text, line, arithmetic, check: every ? 'restart-period' : 'relief' };
      const [low, high] = [
        Math.min(...all.map((rate) => rate.hours)),
        Math.max(...all.map((rate) => rate.hours)),
      ];
      const key = `${every ? 'e' : 'r'}${hours.value}`;
      if (said.has(key)) continue;
      said.add(key);
      if (!every) {
        // Relief may also end where memory stood before the restart, below the limit.
        const again = used.some(({ perHour }) => {
          const regained = (highest - fresh.value) / perHour.value;
          return regained > 0 && regained >= hours.low / 2 && regained <= hours.high * 2;
        });
        const off = !again && (low > hours.high * 2 || high < hours.low / 2);
        claims.push({
          ...base,
          verdict: off ? 'contradicted' : 'holds',
          because: off
            ? `At the rates that the text gives the limit is ${durationText(low * 60)} away after a restart, not ${durationText(hours.value * 60)}.`
            : 'It fits the growth that the text gives.',
        });
      } else if (high < hours.low) {
        claims.push({
          ...base,
          verdict: 'contradicted',
          because: `The limit is reached after ${durationText(high * 60)}, before the restart is due: the schedule does not prevent the kill${raised !== null && raised > hours.high ? `. With the raised limit (${durationText(raised * 60)}) it would` : ''}.`,
        });
      } else if (low > hours.high) {
        claims.push({
          ...base,
          verdict: 'holds',
          because: `The limit is ${durationText(low * 60)} away after a restart: the schedule comes before it. It hides the leak and does not mend it.`,
        });
      } else
        claims.push({
          ...base,
          verdict: 'cannot-tell',
          because: `The limit is reached after ${durationText(low * 60)} to ${durationText(high * 60)}, depending on the rate.`,
        });
    }
  }
  return claims;
}

/** Where a fresh process starts: after the last restart, else at the beginning of the numbers, else nowhere. */
function freshLevel({ memory, events }: Facts): Interval {
  const after = memory.points.find(
    ({ minute, process }) =>
      process === '' && events.some((event) => event.kind === 'restart' && event.minute === minute),
  );
  if (after && after.percent === null) return after.bytes;
  return memory.overall?.from ?? exactly(0);
}
