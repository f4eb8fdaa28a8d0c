import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, durationText, percentText, sizeText } from '../figures.ts';
import type { Track } from '../readings/track.ts';
import { memoryKindOf, tracksNamed } from '../subject.ts';
import type { TextPoint } from '../text-series.ts';
import { windowOf } from '../window.ts';
import { titleOf } from './named-growth.ts';

const FLAT =
  /\b(?:(?:is|are|was|were|stay\w*|remain\w*|stood|stands?|keeps?|kept|sits?|runs?|ran|looks?)\b[^,.;]{0,24}?\b(?:flat|constant|stable|unchanged|level|bounded)|(?:do(?:es)?|did)(?:n't| not) (?:grow|rise|increase|change|move|climb|leak)(?: (?:at all|any more|anymore))?|no longer grows|not growing|never (?:grew|grows|changed|rose))\b/i;
const RISES =
  /\b(?:grows?|grew|growing|rises?|rising|rose|climbs?|climbed|increas(?:es|ed|ing)|accumulat\w+|leaks?|leaking)\b/i;
const WITHOUT_END =
  /\b(?:without (?:bound|limit|end)|unbounded|indefinitely|steadily|forever|never shrinks?|together with|along with|in step with|as well as|too)\b/i;
const PER = /\b(?:per|every|each|at (?:a|the same) rate|rate|by)\b|\/\s?(?:h|min|s|d|day|hour)\b/i;
/** A flat level swings by less than this between its ends. */
const FLAT_SHARE = 0.05;
const RISES_SHARE = 0.2;

interface Trend {
  readonly share: number;
  /** Swing of all points as a share of their mean. */
  readonly swing: number;
  /** Share of the steps that go up. */
  readonly up: number;
}

function trendOf(points: readonly TextPoint[]): Trend {
  const values = points.map(({ value }) => value.value);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const steps = values.slice(1).map((value, at) => value - values[at]!);
  return {
    share: values[0]! > 0 ? values.at(-1)! / values[0]! - 1 : Number.POSITIVE_INFINITY,
    swing: mean > 0 ? (Math.max(...values) - Math.min(...values)) / mean : 0,
    up: steps.filter((step) => step > 0).length / Math.max(1, steps.length),
  };
}

/** "Heap stays flat", "the cache grows without limit": the shape that a sentence gives a metric against its numbers. */
export function checkFlatness({ sayings, tracks, clock }: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const { text, line } of sayings) {
    if (
      /\b(?:rate|growth|slope|pace|speed|minus|less|difference|gap|ratio|distance|per (?:job|request|task))\b/i.test(
        text,
      )
    )
      continue;
    const flat = FLAT.exec(text);
    if (flat) {
      const subject = subjectOf(text, flat.index);
      for (const track of subject ? named(subject, tracks) : []) {
        const claim = judgeFlat({ text, line }, track, windowOf(text, clock, track));
        if (claim) claims.push(claim);
      }
      continue;
    }
    const kindOfLeak =
      /\b(?:is|was|have|has|got|clearly|this is)\s+(?:clearly |obviously |definitely )?an?\s+([a-z][\w -]{2,24}?)\s+leak\b/i.exec(
        text,
      );
    if (kindOfLeak && !/\b(?:not|n't|no|memory)\b/i.test(text)) {
      const found = named(
        kindOfLeak[1]!,
        tracks.filter(({ dimension }) => dimension === 'count'),
      );
      const points = found.length === 1 ? found[0]!.points : [];
      const trend = points.length >= 3 ? trendOf(points) : null;
      if (trend && trend.swing <= FLAT_SHARE)
        claims.push({
          text,
          line,
          alsoLines: [points[0]!.line, points.at(-1)!.line],
          verdict: 'contradicted',
          because: `${titleOf(found[0]!)} stays within ${percentText(trend.swing)} over ${points.length} values: these do not leak.`,
          arithmetic: valuesText(found[0]!, points),
          check: 'flatness',
        });
      continue;
    }
    // A heading such as "H2: buffers are not released:" is another statement.
    const rises = [...text.matchAll(new RegExp(RISES, 'gi'))].at(-1);
    if (
      !rises ||
      PER.test(text) ||
      /\b(?:not|n't|never|no|only|because|caused?|due)\b/i.test(
        text.slice(text.lastIndexOf(':', rises.index) + 1),
      )
    )
      continue;
    if (!WITHOUT_END.test(text) && !/^\W*(?:[\w.]+\W+){1,4}$/.test(text.slice(0, rises.index))) continue;
    const subject = subjectOf(text, rises.index);
    const found = subject ? named(subject, tracks) : [];
    for (const track of found.length === 1 ? found : []) {
      const points = windowOf(text, clock, track);
      const trend = points && points.length >= 3 ? trendOf(points) : null;
      // Two points that are alike say little; three or more that swing by a twentieth do not rise.
      if (!trend || !points) continue;
      const still =
        Math.abs(trend.share) <= FLAT_SHARE &&
        (trend.swing <= FLAT_SHARE || (trend.swing <= 0.3 && trend.up <= 0.5));
      if (!still && !(trend.share >= RISES_SHARE && trend.up >= 0.6)) continue;
      claims.push({
        text,
        line,
        alsoLines: [points[0]!.line, points.at(-1)!.line],
        verdict: still ? 'contradicted' : 'holds',
        because: still
          ? `${titleOf(track)} does not rise: it stays within ${percentText(trend.swing)} over ${points.length} values.`
          : `${titleOf(track)} rises by ${percentText(trend.share)}.`,
        arithmetic: valuesText(track, points),
        check: 'flatness',
      });
    }
  }
  return claims;
}

/** The clause in front of the verb: after the last comma, conjunction or colon. */
function subjectOf(text: string, at: number): string | null {
  const clause = text
    .slice(0, at)
    .split(/[,;:—–(]|\b(?:and|but|while|whereas|because|since|that|although|so)\b/i)
    .at(-1)!;
  return clause.trim() === '' || /^\s*(?:it|this|they|which)\s*$/i.test(clause) ? null : clause;
}

function named(subject: string, tracks: readonly Track[]): Track[] {
  const found = tracksNamed(subject, tracks, ['bytes', 'count']);
  return found.length > 1 && !/\b(?:both|all|each|every)\b/i.test(subject) ? [] : found;
}

function judgeFlat(
  saying: { text: string; line: number },
  track: Track,
  points: readonly TextPoint[] | null,
): Claim | null {
  if (!points || points.length < 2) return null;
  const trend = trendOf(points);
  const flat = trend.swing <= 2 * FLAT_SHARE;
  const grows = trend.share >= RISES_SHARE && trend.up >= 0.6;
  // "RSS does not grow any more": it may be flat behind a fix.
  if (!flat && !grows) return null;
  const minutes = points.at(-1)!.minute - points[0]!.minute;
  return {
    ...saying,
    alsoLines: [points[0]!.line, points.at(-1)!.line],
    verdict: flat ? 'holds' : 'contradicted',
    because: flat
      ? `${titleOf(track)} stays within ${percentText(trend.swing)}${Number.isFinite(minutes) ? ` over ${durationText(minutes)}` : ''}.`
      : `${titleOf(track)} rises by ${percentText(trend.share)}${Number.isFinite(minutes) ? ` in ${durationText(minutes)}` : ''}${memoryKindOf(track.words) === 'heap' ? '' : ''}.`,
    arithmetic: valuesText(track, points),
    check: 'flatness',
  };
}

function valuesText({ dimension }: Track, points: readonly TextPoint[]): string {
  const shown = points.length > 8 ? [...points.slice(0, 4), ...points.slice(-3)] : points;
  return shown
    .map(({ value }) => (dimension === 'bytes' ? sizeText(value.value) : digits(value.value)))
    .join(' → ');
}
