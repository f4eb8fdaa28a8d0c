import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { clockText, digits, sizeText } from '../figures.ts';
import { agree, exactly, type Interval, over } from '../interval.ts';
import { tracksNamed } from '../subject.ts';
import { levelAt, minutesIn } from '../window.ts';
import { titleOf } from './named-growth.ts';

const OF_LIMIT =
  /\bof (?:the |its |our |a )?(?:[\w-]+ ){0,2}(?:limit|cap|maximum|max|quota|\w+Max|\w+Limit)\b|\b(?:used|full|utili[sz]ed)\b/i;

/** "At 13:00 the pod was at 76 % of its limit": the level of that minute over the limit, in every reading of the limit's unit. */
export function checkLevelShare({ sayings, tracks, clock, memory }: Facts): Claim[] {
  const claims: Claim[] = [];
  const limit = memory.limit?.bytes;
  if (!limit || memory.raisedLimit) return claims;
  for (const { text, line } of sayings) {
    const percents = quantitiesOf(text).filter(({ dimension, signed }) => dimension === 'percent' && !signed);
    if (
      percents.length !== 1 ||
      /\b(?:gr[eo]w|growth|alert|threshold|fires?|firing|rule|page)\b/i.test(text) ||
      /\b[A-Z][a-z]+(?:[A-Z][a-z]+)+:/.test(text)
    )
      continue;
    const [percent] = percents;
    if (
      !OF_LIMIT.test(text) &&
      !/\b(?:was|were|is|stood|had been|been) at\s*(?:about |~)?$/i.test(text.slice(0, percent!.start))
    )
      continue;
    // A number of its own in the sentence is judged with it.
    if (quantitiesOf(text).some(({ dimension }) => dimension === 'bytes')) continue;
    const found = tracksNamed(text, tracks, ['bytes'], true).filter(({ points }) =>
      Number.isFinite(points[0]!.minute),
    );
    if (found.length !== 1) continue;
    const minutes = minutesIn(text, clock, found[0]!);
    if (minutes.length !== 1) continue;
    const level = levelAt(found[0]!, minutes[0]!);
    if (!level) continue;
    const share = scaled(over(level.value, limit), 100);
    // The limit may be MB or MiB, whatever is written.
    const readings: Interval[] = [
      share,
      scaled(over(level.value, exactly(limit.value * 1.048_576)), 100),
      scaled(over(level.value, exactly(limit.value / 1.048_576)), 100),
    ];
    const stated = percent!.bound === 'at-least' ? { ...percent!, high: Number.POSITIVE_INFINITY } : percent!;
    const holds = readings.some(
      (reading) => stated.low <= reading.high + 1 && reading.low <= stated.high + 1,
    );
    claims.push({
      text,
      line,
      alsoLines: [...level.lines, memory.limit!.line],
      verdict: holds ? 'holds' : 'contradicted',
      because: `${titleOf(found[0]!)} was ${sizeText(level.value.value)} at ${clockText(minutes[0]!)}, ${digits(share.value)} % of the limit.`,
      arithmetic: `${sizeText(level.value.value)} / ${sizeText(limit.value)} = ${digits(share.value)} %`,
      check: 'level-share',
    });
  }
  return [...claims, ...oneOfAnother({ sayings, tracks, clock })];
}

/** "At 07:00 heapUsed was 11 % of RSS": two metrics at the same minute. */
function oneOfAnother({ sayings, tracks, clock }: Pick<Facts, 'sayings' | 'tracks' | 'clock'>): Claim[] {
  const claims: Claim[] = [];
  for (const { text, line } of sayings) {
    const match =
      /^(?<part>.*?)\b(?:is|was|were|are|makes? up|takes?)\b.*?(?<percent>\d[\d.]*)\s?% of (?:the )?(?<whole>[A-Za-z][\w ]*)/i.exec(
        text,
      );
    if (!match) continue;
    const { part, percent, whole } = match.groups as Record<string, string>;
    const [a, b] = [tracksNamed(part!, tracks, ['bytes']), tracksNamed(whole!, tracks, ['bytes'])];
    if (a.length !== 1 || b.length !== 1 || a[0] === b[0]) continue;
    const [minute] = minutesIn(text, clock, a[0]!);
    if (minute === undefined) continue;
    const [one, all] = [levelAt(a[0]!, minute), levelAt(b[0]!, minute)];
    if (!one || !all) continue;
    const share = scaled(over(one.value, all.value), 100);
    const stated = quantitiesOf(`${percent} %`)[0]!;
    const holds = agree(share, stated, 0.03) || Math.abs(share.value - stated.value) <= 1;
    claims.push({
      text,
      line,
      alsoLines: [...one.lines, ...all.lines],
      verdict: holds ? 'holds' : 'contradicted',
      because: `At ${clockText(minute)} ${titleOf(a[0]!)} was ${sizeText(one.value.value)} and ${titleOf(b[0]!)} ${sizeText(all.value.value)}.`,
      arithmetic: `${sizeText(one.value.value)} / ${sizeText(all.value.value)} = ${digits(share.value)} %`,
      check: 'level-share',
    });
  }
  return claims;
}

function scaled({ low, value, high }: Interval, factor: number): Interval {
  return { low: low * factor, value: value * factor, high: high * factor };
}
