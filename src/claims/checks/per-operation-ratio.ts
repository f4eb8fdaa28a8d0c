import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, sizeText } from '../figures.ts';
import { minus, over } from '../interval.ts';
import { stemsOf } from '../readings/words.ts';
import { memoryKindOf } from '../subject.ts';

const SAME =
  /\b(?:memory|rss|heap|growth|footprint|bytes)\s(?:used\s|held\s|leaked\s|growth\s|cost\s)?(?:per|for each|for every)\s(?<noun>[a-z][a-z-]+)[^.;]{0,24}?\b(?:stays?|stayed|remains?|remained|is|was|did(?:n't| not)|does(?:n't| not)|has(?:n't| not))\b[^.;]{0,20}?\b(?:the same|constant|unchanged|change[ds]?|stable|flat)\b/i;
/** The cost of one changes by this much before it is no longer the same. */
const FACTOR = 2;
const SAME_FACTOR = 1.15;

/** "Memory per job stays the same": what memory gained over what the count gained, step by step, and level over level. */
export function checkPerOperationRatio({ sayings, tracks }: Facts): Claim[] {
  const memory = tracks.filter(
    ({ dimension, words, points }) =>
      dimension === 'bytes' && memoryKindOf(words) === 'resident' && Number.isFinite(points[0]!.minute),
  );
  return sayings.flatMap(({ text, line }): Claim[] => {
    const noun = SAME.exec(text)?.groups?.['noun'];
    const [stem] = stemsOf(noun ?? '');
    if (stem === undefined || memory.length !== 1) return [];
    if (/\b(?:was|is|stay\w*|remain\w*) not\b|\b(?:isn't|wasn't|no longer)\b/i.test(text)) return [];
    const counts = tracks.filter(
      ({ dimension, words, entity, points }) =>
        dimension === 'count' &&
        words.includes(stem) &&
        entity === memory[0]!.entity &&
        // Only what is counted up is a number of operations.
        points.every(({ value }, at) => at === 0 || value.value > points[at - 1]!.value.value),
    );
    if (counts.length !== 1) return [];
    const countAt = new Map(counts[0]!.points.map((point) => [Math.round(point.minute), point]));
    const both = memory[0]!.points.flatMap((bytes) => {
      const count = countAt.get(Math.round(bytes.minute));
      return count ? [{ bytes, count }] : [];
    });
    if (both.length < 4) return [];
    const steps = both
      .slice(1)
      .map((to, at) =>
        over(minus(to.bytes.value, both[at]!.bytes.value), minus(to.count.value, both[at]!.count.value)),
      );
    if (steps.some(({ value }) => value <= 0)) return [];
    const levels = both
      .filter(({ count }) => count.value.value > 0)
      .map(({ bytes, count }) => bytes.value.value / count.value.value);
    const [first, last] = [steps[0]!, steps.at(-1)!];
    const middle = steps[Math.floor(steps.length / 2)]!;
    const rises = last.low > FACTOR * first.high && middle.value >= first.value && last.value >= middle.value;
    const levelsMove = Math.max(...levels) > 1.1 * Math.min(...levels);
    const same =
      Math.max(...steps.map(({ value }) => value)) <=
      SAME_FACTOR * Math.min(...steps.map(({ value }) => value));
    if (!(rises && levelsMove) && !same) return [];
    return [
      {
        text,
        line,
        alsoLines: [both[0]!.bytes.line, both.at(-1)!.bytes.line],
        verdict: same ? 'holds' : 'contradicted',
        because: same
          ? `Each step costs about ${sizeText(middle.value)} for one.`
          : `It rises: the first step has ${sizeText(first.value)} for one, the last ${sizeText(last.value)}, ${digits(last.value / first.value)} times as much.`,
        arithmetic: steps
          .slice(0, 12)
          .map(({ value }) => sizeText(value))
          .join(' → '),
        check: 'per-operation-ratio',
      },
    ];
  });
}
