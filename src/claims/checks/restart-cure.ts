import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, rateText } from '../figures.ts';
import { memoryKindOf, tracksNamed } from '../subject.ts';
import type { TextPoint } from '../text-series.ts';

const ACT = '(?:restart\\w*|reboot\\w*|recycl\\w*|bounc\\w*)';
const DONE = '(?:fixed|solved|cured|resolved|ended|stopped|removed|eliminated|got rid of|cleared)';
const IT = '(?:it|this|everything|leak\\w*|issue|problem|growth|memory (?:leak|growth|problem|issue))';
const CURED = new RegExp(
  `\\b${ACT}\\b[^.;,]{0,40}\\b${DONE}\\s(?:the\\s|our\\s)?${IT}\\b|\\b${IT}\\s(?:is|was|has been|had been)\\s(?:\\w+\\s)?(?:fixed|solved|cured|resolved|gone|over)\\s(?:by|with|after|since)\\s(?:the|a|this|our|last)\\s(?:\\w+\\s){0,2}${ACT}`,
  'i',
);
/** Relief for a time is what a restart gives; nobody denies it. */
const FOR_A_TIME =
  /\b(?:not|n't|never|no|only|temporar\w+|for (?:now|a|an|some|the moment|\d+|two|three)|until|briefly|while|moment\w*|short|symptoms?|seem\w*|appear\w*|think|thought|alert)\b/i;

/** "The restart fixed it" where memory rises behind the restart as fast as before. */
export function checkRestartCure({ sayings, tracks }: Facts): Claim[] {
  return sayings.flatMap(({ text, line }): Claim[] => {
    if (!CURED.test(text) || FOR_A_TIME.test(text)) return [];
    const fitting = tracksNamed(`memory ${text}`, tracks, ['bytes'], true).filter(
      ({ words, points }) => memoryKindOf(words) !== null && Number.isFinite(points[0]!.minute),
    );
    if (fitting.length !== 1) return [];
    const runs = runsOf(fitting[0]!.points);
    const [before, after] = runs.slice(-2);
    if (runs.length < 2 || before!.length < 2 || after!.length < 3) return [];
    const [was, is] = [perHour(before!), perHour(after!)];
    // Behind a start memory warms up: what counts is that it rises to the end, and long enough.
    const end = perHour(after!.slice(-2));
    const long = spanOf(after!) >= spanOf(before!) / 3;
    if (was <= 0 || !long || is < 0.7 * was || end < 0.6 * was) return [];
    return [
      {
        text,
        line,
        alsoLines: [after![0]!.line, after!.at(-1)!.line],
        verdict: 'contradicted',
        because: `Behind it memory rises at ${rateText(is)}, before at ${rateText(was)}: a restart empties a leak and does not mend it.`,
        arithmetic: `${rateText(is)} / ${rateText(was)} = ${digits(is / was)}`,
        check: 'restart-cure',
      },
    ];
  });
}

function runsOf(points: readonly TextPoint[]): TextPoint[][] {
  const runs: TextPoint[][] = [];
  for (const [at, point] of points.entries()) {
    if (at === 0 || point.value.value < points[at - 1]!.value.value * 0.67) runs.push([]);
    runs.at(-1)!.push(point);
  }
  return runs;
}

function spanOf(points: readonly TextPoint[]): number {
  return points.at(-1)!.minute - points[0]!.minute;
}

function perHour(points: readonly TextPoint[]): number {
  const minutes = spanOf(points);
  return minutes <= 0 ? 0 : ((points.at(-1)!.value.value - points[0]!.value.value) / minutes) * 60;
}
