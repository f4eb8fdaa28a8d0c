import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { clockText, digits, sizeText } from '../figures.ts';
import { agree } from '../interval.ts';
import { memoryKindOf, tracksNamed } from '../subject.ts';
import { levelAt, longestRun, minutesIn } from '../window.ts';
import { titleOf } from './named-growth.ts';

const LEVEL =
  /\b(?:at|stays?|stayed|was|were|is|are|stands?|stood|reached|held|had|holds?|showed|exactly)\s+(?:at |its |only |still |about |around |roughly |exactly |~|≈|just )*$/i;
const STAYS =
  /\b(?:stay\w*|stands?|stood|remain\w*|hover\w*|sits?|sat|all the time|the whole (?:time|day|week|night)|throughout|always)\b/i;
const CHANGES =
  /\b(?:gr[eo]w\w*|rose|ris\w+|increas\w*|gain\w*|drop\w*|fell|limit|threshold|alert|restart\w*|deploy\w*|peak\w*|max\w*|per|every|each|from)\b/i;
/** The numbers of a text and its words are rounded by different people. */
const SLACK = 0.12;

/** "At 16:40 the average was about 345 MB", "goroutines stand at 1,205 the whole week": a level against the numbers of that time. */
export function checkLevels({ sayings, tracks, clock }: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const { text, line } of sayings) {
    for (const clause of text.split(/,\s|;\s|\s(?:but|while|whereas|yet)\s/)) {
      const levels = quantitiesOf(clause).filter(
        ({ dimension, signed, bound, start }) =>
          (dimension === 'bytes' || dimension === 'count') &&
          !signed &&
          bound === null &&
          LEVEL.test(clause.slice(0, start)),
      );
      if (levels.length !== 1 || CHANGES.test(clause)) continue;
      const [stated] = levels;
      const found = tracksNamed(clause, tracks, [stated!.dimension], stated!.dimension === 'bytes').filter(
        ({ points }) => Number.isFinite(points[0]!.minute),
      );
      if (found.length !== 1) continue;
      const [track] = found;
      // A count needs its name beside it, bytes a name of memory.
      if (stated!.dimension === 'bytes' && memoryKindOf(track!.words) === null) continue;
      const show = stated!.dimension === 'bytes' ? sizeText : digits;
      const minutes = minutesIn(text, clock, track!);
      const base = { text, line, check: 'levels' };
      if (minutes.length === 1) {
        const level = levelAt(track!, minutes[0]!);
        if (!level) continue;
        const holds = agree(level.value, stated!, SLACK / 2);
        if (!holds && agree(level.value, stated!, SLACK)) continue;
        claims.push({
          ...base,
          alsoLines: level.lines,
          verdict: holds ? 'holds' : 'contradicted',
          because: `${titleOf(track!)} is ${show(level.value.value)} at ${clockText(minutes[0]!)}.`,
        });
      } else if (minutes.length === 0 && STAYS.test(clause)) {
        const points = longestRun(track!.points);
        const holds = points.every(({ value }) => agree(value, stated!, SLACK / 2));
        const none = points.every(({ value }) => !agree(value, stated!, 2 * SLACK));
        if (!holds && !none) continue;
        claims.push({
          ...base,
          alsoLines: [points[0]!.line, points.at(-1)!.line],
          verdict: holds ? 'holds' : 'contradicted',
          because: `${titleOf(track!)} is ${show(points[0]!.value.value)} to ${show(points.at(-1)!.value.value)} in ${points.length} values.`,
        });
      }
    }
  }
  return claims;
}
