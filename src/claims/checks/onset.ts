import { momentsOf } from '../../formats/incident-text/times.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { clockText, digits, rateText } from '../figures.ts';
import type { Saying } from '../sayings.ts';
import { memoryKindOf, memoryOverTime } from '../subject.ts';
import { longestRun } from '../window.ts';
import { zoneShiftOf } from '../zones.ts';

const CHANGE =
  /\b(?:deploy\w*|release[ds]?|rolled? ?out|rollout|upgrade[ds]?|version|v?\d+\.\d+(?:\.\d+)?|merge[ds]?|config(?:uration)? change|feature flag|migration|patch)\b/i;
const BEGINS =
  /\b(?:caused?|introduc\w+|brought|(?:leak|growth|memory|rss|heap|it|problem)\b[^.;,]{0,30}\b(?:began|begins|start(?:s|ed)?|grow(?:s|ing)?|set in|since)|(?:began|begins|start(?:s|ed)?)\b[^.;,]{0,40}\b(?:only )?(?:after|with|there|then|at that)|since (?:the|that|this)|only after|is the cause|to blame|responsible)\b/i;
const DENIED = /\b(?:not|n't|never|no|before as well|innocent|already|regardless|independent|ruled out)\b/i;

/** "Release 88 caused the leak": memory that grew as fast before the release was not started by it. */
export function checkOnset(facts: Facts): Claim[] {
  const { sayings, tracks, clock } = facts;
  const claims: Claim[] = [];
  const timed = memoryOverTime(tracks, 4);
  const resident = timed.filter(({ words }) => memoryKindOf(words) === 'resident');
  const [track] = resident.length === 1 ? resident : timed;
  if (!track || (timed.length > 1 && new Set(timed.map(({ entity }) => entity)).size > 1)) return claims;
  for (const saying of sayings) {
    const { text, line } = saying;
    if (
      !CHANGE.test(saying.whole) ||
      !BEGINS.test(text) ||
      DENIED.test(text) ||
      !/\b(?:leak\w*|gr[eo]w\w*|memory|rss|heap|it)\b/i.test(text)
    )
      continue;
    const change = momentOfChange(saying, facts);
    if (!change) continue;
    const points = longestRun(track.points);
    const [first, last] = [points[0]!.minute, points.at(-1)!.minute];
    const minute = [0, 1440, -1440]
      .map((day) => change.minute + day)
      .find((each) => each > first && each < last);
    if (minute === undefined) continue;
    const before = points.filter((point) => point.minute <= minute);
    const after = points.filter((point) => point.minute >= minute);
    if (before.length < 2 || after.length < 2) continue;
    const rate = (run: typeof points): number =>
      ((run.at(-1)!.value.low - run[0]!.value.high) / (run.at(-1)!.minute - run[0]!.minute)) * 60;
    const [slow, fast] = [rate(before), rate(after)];
    if (fast <= 0) continue;
    const grewBefore = slow >= 0.5 * fast;
    if (!grewBefore && slow > 0.2 * fast) continue;
    claims.push({
      text,
      line,
      alsoLines: [change.line, before[0]!.line, after.at(-1)!.line],
      verdict: grewBefore ? 'contradicted' : 'cannot-tell',
      because: grewBefore
        ? `Memory grew before it, too: ${rateText(slow)} up to ${clockText(before.at(-1)!.minute)}, ${rateText(fast)} behind it; the change came at ${clockText(minute)}${change.shifted ? ' on the clock of the numbers' : ''}.`
        : `The time fits (${rateText(slow)} before ${clockText(minute)}, ${rateText(fast)} after): that alone is no proof.`,
      arithmetic: `before: ${before.length} values; after: ${after.length} values; ratio ${digits(slow / fast)}`,
      check: 'onset',
    });
  }
  return claims;

  function momentOfChange({ text, whole, line }: Saying, { document }: Facts) {
    const number =
      /\b(?:release|version|deploy(?:ment)?(?: of)?|build|rollout of)\s+#?(v?\d[\w.]*)/i.exec(whole)?.[1] ??
      /\bv?\d+\.\d+(?:\.\d+)?\b/.exec(whole)?.[0];
    const own = [text, whole]
      .map((each) => ({ each, moment: momentsOf(each).filter(({ minutes }) => minutes !== null) }))
      .find(({ moment }) => moment.length === 1);
    if (own) return placed(own.each, own.moment[0]!, line);
    // The line of the timeline that tells the time of this change; several changes need a number.
    const lines = document.lines.filter(
      ({ raw, kind }) =>
        kind !== 'heading' &&
        CHANGE.test(raw) &&
        /\b(?:deploy\w*|roll(?:ed)?[- ]?out|rollout|released|shipped|merged|finished|live|upgraded|applied)\b/i.test(
          raw,
        ) &&
        !BEGINS.test(raw) &&
        momentsOf(raw).filter(({ minutes }) => minutes !== null).length === 1,
    );
    const mine = number === undefined ? lines : lines.filter(({ raw }) => raw.includes(number));
    const distinct = new Map(
      mine.map((each) => [momentsOf(each.raw).find(({ minutes }) => minutes !== null)!.text, each]),
    );
    if (distinct.size !== 1) {
      const exact = mine.filter(({ raw }) => zoneShiftOf(raw) !== null);
      if (exact.length === 0 || exact.length === distinct.size) return null;
      return placed(
        exact[0]!.raw,
        momentsOf(exact[0]!.raw).find(({ minutes }) => minutes !== null)!,
        exact[0]!.number,
      );
    }
    const [only] = distinct.values();
    return placed(only!.raw, momentsOf(only!.raw).find(({ minutes }) => minutes !== null)!, only!.number);
  }

  function placed(text: string, moment: ReturnType<typeof momentsOf>[number], line: number) {
    const minute = clock.minuteOf(moment);
    if (minute === null) return null;
    const written = zoneShiftOf(text.slice(moment.start, moment.end + 8));
    const axis = zoneOfTrack(facts, track!.points[0]!.line);
    // Two clocks of which one has no zone cannot be compared where the text has several zones.
    if (written === axis) return { minute, line, shifted: false };
    if (written === null || axis === null)
      return severalZones(facts) ? null : { minute, line, shifted: false };
    return { minute: minute - written + axis, line, shifted: true };
  }
}

/** The zone of a table: in its header or the lines in front of it. */
function zoneOfTrack({ document }: Facts, line: number): number | null {
  for (let at = line - 1; at >= Math.max(0, line - 8); at--) {
    const shift = zoneShiftOf(document.lines[at]?.raw ?? '');
    if (shift !== null) return shift;
  }
  return null;
}

function severalZones({ document }: Facts): boolean {
  return (
    new Set(document.lines.map(({ raw }) => zoneShiftOf(raw)).filter((shift) => shift !== null)).size > 1
  );
}
