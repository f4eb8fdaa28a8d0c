import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { clockText, digits, sizeText } from '../figures.ts';
import { agree, type Interval, over, plus } from '../interval.ts';
import type { Track } from '../readings/track.ts';
import { memoryKindOf } from '../subject.ts';
import { levelAt, minutesIn } from '../window.ts';

const SUM = /\b(?:together|sum|in total|altogether|combined|in sum|total of)\b/i;
const MEAN = /\b(?:average|mean|on average|avg)\b/i;

/** "Together they stood at 2.05 GiB at 3 PM", "the average worker was 604 MB at noon": over all things that the text tells apart. */
export function checkSums({ sayings, tracks, clock }: Facts): Claim[] {
  const claims: Claim[] = [];
  const families = familiesOf(tracks);
  for (const { text, line } of sayings) {
    const mean = MEAN.test(text);
    if (!mean && !SUM.test(text)) continue;
    const sizes = quantitiesOf(text).filter(({ dimension }) => dimension === 'bytes' || dimension === 'time');
    if (
      sizes.length !== 1 ||
      /\b(?:per|gr[eo]w\w*|growth|leak\w*|gain\w*|increas\w*|rate)\b|\/\s?(?:h|min|s)\b/i.test(text)
    )
      continue;
    const [stated] = sizes;
    const pauses = stated!.dimension === 'time' ? meanPause(text, tracks) : null;
    if (pauses) {
      const holds = agree(stated!, pauses.mean, 0.1);
      claims.push({
        text,
        line,
        alsoLines: pauses.lines,
        verdict: holds ? 'holds' : 'contradicted',
        because: `The ${pauses.count} pauses in the text take ${digits(pauses.mean.value)} ms on average.`,
        check: 'sums',
      });
      continue;
    }
    if (stated!.dimension !== 'bytes') continue;
    const judged = families.flatMap((family) => {
      const lower = text.toLowerCase();
      const chosen = subset(lower, family);
      if (!chosen) return [];
      const minutes = minutesIn(text, clock, chosen[0]!);
      if (minutes.length !== 1) return [];
      const levels = chosen.map((track) => levelAt(track, minutes[0]!));
      if (levels.some((level) => level === null)) return [];
      const sum = levels.map((level) => level!.value).reduce((a, b): Interval => plus(a, b));
      const is = mean ? over(sum, { low: levels.length, value: levels.length, high: levels.length }) : sum;
      return [
        {
          is,
          minute: minutes[0]!,
          lines: levels.flatMap((level) => level!.lines),
          parts: levels.map((level) => level!.value.value),
        },
      ];
    });
    if (judged.length === 0) continue;
    const fitting = judged.find(({ is }) => agree(is, stated!, 0.06));
    const shown = fitting ?? judged[0]!;
    if (!fitting && judged.length > 1) continue;
    claims.push({
      text,
      line,
      alsoLines: shown.lines,
      verdict: fitting ? 'holds' : 'contradicted',
      because: `${mean ? 'The average' : 'The sum'} of the ${shown.parts.length} at ${clockText(shown.minute)} is ${sizeText(shown.is.value)}.`,
      arithmetic: `${mean ? '(' : ''}${shown.parts.map(sizeText).join(' + ')}${mean ? `) / ${shown.parts.length}` : ''} = ${sizeText(shown.is.value)}`,
      check: 'sums',
    });
  }
  return claims;
}

/** Resident memory of several things by the same name. */
function familiesOf(tracks: readonly Track[]): Track[][] {
  const byName = new Map<string, Track[]>();
  for (const track of tracks) {
    if (track.entity === '' || track.dimension !== 'bytes' || !Number.isFinite(track.points[0]!.minute))
      continue;
    if (memoryKindOf(track.words) !== 'resident') continue;
    byName.set(track.name, [...(byName.get(track.name) ?? []), track]);
  }
  return [...byName.values()].filter((family) => family.length > 1);
}

/** Those that the sentence means: the ones with a word in common ("the two checkout containers"), else all. */
function subset(lower: string, family: readonly Track[]): Track[] | null {
  const words = (track: Track): string[] =>
    track.aliases
      .flatMap((alias) => alias.split(/[^a-z]+/))
      .filter((word) => word.length > 2 && word !== 'worker');
  const named = family.filter((track) => words(track).some((word) => new RegExp(`\\b${word}`).test(lower)));
  const chosen = named.length > 0 ? named : [...family];
  const told =
    /\b(?:(both)|two|three|four|five|six|eight|(\d+))\s+(?:[a-z]+\s)?(?:workers?|containers?|pods?|processes|replicas?|instances?)\b/.exec(
      lower,
    );
  const number = told
    ? ['two', 'three', 'four', 'five', 'six', '', 'eight'].findIndex(
        (word) => word !== '' && told[0].startsWith(word),
      ) + 2
    : 0;
  const expected =
    told?.[1] !== undefined ? 2 : told?.[2] !== undefined ? Number(told[2]) : number >= 2 ? number : null;
  if (expected !== null && expected !== chosen.length) return null;
  return chosen.length > 1 && (expected !== null || named.length !== family.length || family.length <= 16)
    ? chosen
    : null;
}

function meanPause(
  text: string,
  tracks: readonly Track[],
): { mean: Interval; count: number; lines: number[] } | null {
  if (!/\bpauses?\b/i.test(text)) return null;
  const found = tracks.filter(({ name }) => /pause$/.test(name));
  const wanted = /\b(?:scavenge|minor|young)\b/i.test(text)
    ? found.filter(({ name }) => name.startsWith('scav'))
    : found.filter(({ name }) => !name.startsWith('scav'));
  const [track] = wanted;
  if (wanted.length !== 1 || !track || track.points.length < 2) return null;
  const count = track.points.length;
  const sum = track.points.map(({ value }) => value).reduce((a, b): Interval => plus(a, b));
  return {
    mean: over(sum, { low: count, value: count, high: count }),
    count,
    lines: [track.points[0]!.line, track.points.at(-1)!.line],
  };
}
