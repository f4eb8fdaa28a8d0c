import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import { ratesOf } from '../../formats/incident-text/rates.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, sizeText } from '../figures.ts';
import { stemsOf } from '../readings/words.ts';
import { memoryKindOf, memoryOverTime, tracksNamed } from '../subject.ts';

const PER =
  /^\s*(?:of (?:memory|heap|rss) )?(?:per|for each|for every|each)\s+(?:new |leaked |extra |lost )?(?<noun>[a-z][a-z-]+)/i;
const EACH =
  /\b(?:one|each|every|an?)\s+(?:new |leaked )?(?<noun>[a-z][a-z-]+)(?: of [\w.]+)?\s+(?:costs?|takes?|needs?|holds?|weighs?|retains?|is)\s*(?:about|roughly|~|around)?\s*$/i;
/** So far off is another answer; memory has other things in it, too. */
const FACTOR = 1.6;

/** "31 KiB for each leaked goroutine": growth of memory over growth of a count that stands beside it. */
export function checkPerThing({ sayings, tracks }: Facts): Claim[] {
  const claims: Claim[] = [];
  const memory = memoryOverTime(tracks);
  if (memory.length === 0) return claims;
  for (const { text, line } of sayings) {
    // Its own numbers are multiplied elsewhere.
    if (
      ratesOf(text).length > 0 ||
      quantitiesOf(text).filter(({ dimension }) => dimension === 'bytes').length !== 1
    )
      continue;
    const size = quantitiesOf(text).find(({ dimension }) => dimension === 'bytes')!;
    const noun =
      PER.exec(text.slice(size.end))?.groups?.['noun'] ??
      EACH.exec(text.slice(0, size.start))?.groups?.['noun'];
    if (
      noun === undefined ||
      /^(?:hour|minute|second|day|week|pod|worker|process|container|instance|replica|node)s?$/i.test(noun)
    )
      continue;
    const [stem] = stemsOf(noun);
    const counts = tracksNamed(text, tracks, ['count']).filter(
      ({ words, points, name }) =>
        points.length >= 2 &&
        (words.includes(stem!) || new RegExp(`\\b${name.replace(/\W/g, '.')}\\b`, 'i').test(text)),
    );
    if (counts.length !== 1) continue;
    const [count] = counts;
    const fits = memory.filter(({ entity }) => entity === count!.entity);
    const resident = fits.filter(({ words }) => memoryKindOf(words) === 'resident');
    const countAt = new Map(
      count!.points.toReversed().map((point) => [Math.round(point.minute), point] as const),
    );
    const candidates = (resident.length > 0 ? resident : fits).flatMap((track) => {
      const both = track.points.flatMap((point) => {
        const near = Math.round(point.minute);
        const other = countAt.get(near) ?? countAt.get(near - 1) ?? countAt.get(near + 1);
        return other ? [{ bytes: point, count: other }] : [];
      });
      if (both.length < 2) return [];
      const [first, last] = [both[0]!, both.at(-1)!];
      const things = last.count.value.value - first.count.value.value;
      const bytes = last.bytes.value.value - first.bytes.value.value;
      if (things <= 0 || bytes <= 0 || things < 0.2 * last.count.value.value) return [];
      return [
        {
          each: bytes / things,
          whole: last.bytes.value.value / last.count.value.value,
          bytes,
          things,
          lines: [first.bytes.line, last.bytes.line],
        },
      ];
    });
    if (candidates.length === 0) continue;
    const near = candidates.find(({ each, whole }) =>
      [each, whole].some((value) => size.low <= value * 1.12 && size.high >= value / 1.12),
    );
    const all = candidates.flatMap(({ each, whole }) => [each, whole]);
    const off = size.low > Math.max(...all) * FACTOR || size.high < Math.min(...all) / FACTOR;
    if (!near && !off) continue;
    const shown = near ?? candidates[0]!;
    claims.push({
      text,
      line,
      alsoLines: shown.lines,
      verdict: near ? 'holds' : 'contradicted',
      because: `Memory grew by ${sizeText(shown.bytes)} while "${count!.name}" grew by ${digits(shown.things)}: ${sizeText(shown.each)} each.`,
      arithmetic: `${sizeText(shown.bytes)} / ${digits(shown.things)} = ${sizeText(shown.each)}`,
      check: 'per-thing',
    });
  }
  return claims;
}
