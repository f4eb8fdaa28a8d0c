import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { sizeText } from '../figures.ts';
import type { Interval } from '../interval.ts';
import { memoryKindOf } from '../subject.ts';

/** "From 412 MiB to 1.375 GiB" where the one is a value of one container and the other of another. */
export function checkEndpoints({ sayings, tracks }: Facts): Claim[] {
  const whose = tracks.filter(
    ({ entity, dimension, words }) => entity !== '' && dimension === 'bytes' && memoryKindOf(words) !== null,
  );
  if (new Set(whose.map(({ entity }) => entity)).size < 2) return [];
  return sayings.flatMap(({ text, line }): Claim[] => {
    const sizes = quantitiesOf(text).filter(({ dimension }) => dimension === 'bytes');
    if (
      sizes.length !== 2 ||
      !/\bfrom\b/i.test(text.slice(0, sizes[0]!.start)) ||
      !/^\s*(?:to|→|->)\s*$/.test(text.slice(sizes[0]!.end, sizes[1]!.start))
    )
      return [];
    const having = (size: Interval) =>
      whose.flatMap((track) => {
        const point = track.points.find(({ value }) => Math.abs(value.value / size.value - 1) <= 0.004);
        return point ? [{ track, point }] : [];
      });
    const [from, to] = [having(sizes[0]!), having(sizes[1]!)];
    if (from.length !== 1 || to.length !== 1 || from[0]!.track.entity === to[0]!.track.entity) return [];
    return [
      {
        text,
        line,
        alsoLines: [from[0]!.point.line, to[0]!.point.line],
        verdict: 'contradicted',
        because: `${sizeText(sizes[0]!.value)} is of ${from[0]!.track.entity}, ${sizeText(sizes[1]!.value)} of ${to[0]!.track.entity}: these are two processes, not one that grew.`,
        check: 'endpoints',
      },
    ];
  });
}
