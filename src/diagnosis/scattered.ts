import type { Growth } from '../analysis/growth.ts';
import { gain } from '../base/gain.ts';
import type { Explained } from './findings.ts';
import { isEven, trendOf } from './trend.ts';

const MIN_DUMPS = 3;
const MIN_BYTES = 1_000_000;
const MIN_SHARE_OF_HEAP = 0.05;
/** What is left over after a cause that was found would always be a trifle of this size. */
const MIN_SHARE_OF_GROWTH = 0.5;

/**
 * Growth that goes on evenly, but in places of which each is too small to be called a cause. A heap with much of it is not healthy, only not
 * understood.
 *
 * @returns its bytes; 0 when it is no visible part of the heap, or ends
 */
export function scatteredBytes(growth: Growth, harmless: readonly Explained[]): number {
  const dumps = growth.totalBytes.length;
  if (dumps < MIN_DUMPS || !growth.sameProcess) return 0;
  const unexcused = harmless.filter(({ knownWhy }) => knownWhy === null);
  const series = growth.otherBytes.map((bytes, at) =>
    unexcused.reduce((sum, each) => sum + each.bytes[at]!, bytes),
  );
  const bytes = gain(series);
  const large =
    bytes >= MIN_BYTES &&
    bytes >= MIN_SHARE_OF_HEAP * growth.totalBytes[0]! &&
    bytes >= MIN_SHARE_OF_GROWTH * gain(growth.totalBytes);
  return large && trendOf(series) === 'steady' && isEven(series) ? bytes : 0;
}
