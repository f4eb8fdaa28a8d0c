import type { Growth } from '../analysis/growth.ts';
import { gain } from '../base/gain.ts';
import { authorOf } from './authorship.ts';
import type { Explained } from './findings.ts';

/** Entries an interval below which growth may be the runtime's own ways. */
const MIN_PER_INTERVAL = 8;
const MIN_BYTES_PER_INTERVAL = 64_000;
/** Addresses that are given again make small counts uncertain: beside larger growth they say nothing. */
const MIN_SHARE = 0.01;
const MIN_SHARE_OF_HEAP = 0.001;
/** Growth that the program's own code does not own has to be more than a trifle of the whole. */
const RUNTIME_SHARE = 0.05;
const RUNTIME_BYTES = 32_000;
/** What cannot be told yet is worth a word only if it is a visible part of the heap. */
const UNSURE_SHARE_OF_HEAP = 0.01;

/** False for what is too small or too much the runtime's own to be called a leak. */
export function isSignificant(growth: Growth, explained: Explained): boolean {
  const intervals = growth.totalBytes.length - 1;
  const bytes = gain(explained.bytes);
  const enough =
    gain(explained.series) >= MIN_PER_INTERVAL * intervals || bytes >= MIN_BYTES_PER_INTERVAL * intervals;
  if (!enough || bytes <= 0 || bytes < (explained.match.leastBytes ?? 0)) return false;
  if (growth.last.idKind === 'address' && bytes < MIN_BYTES_PER_INTERVAL * intervals) {
    const heap = growth.totalBytes[growth.totalBytes.length - 1]!;
    if (bytes < MIN_SHARE * gain(growth.totalBytes) || bytes < MIN_SHARE_OF_HEAP * heap) return false;
  }
  const ownCode = explained.groups[0]!.owner.author !== 'runtime' || hasOwnFunctions(explained);
  if (ownCode) return true;
  return bytes >= RUNTIME_BYTES && bytes >= RUNTIME_SHARE * Math.max(1, gain(growth.totalBytes));
}

/** True for growth that nobody can judge yet but that is large enough to be watched. */
export function matters(growth: Growth, explained: Explained): boolean {
  if (explained.trend === 'stopped' || explained.knownWhy !== null) return false;
  const heap = growth.totalBytes[growth.totalBytes.length - 1]!;
  return gain(explained.bytes) >= UNSURE_SHARE_OF_HEAP * heap;
}

function hasOwnFunctions({ members }: Explained): boolean {
  return (
    members.callbacks.length > 0 ||
    members.closures.some(
      (closure) => closure.location !== null && authorOf(closure.location.file) !== 'runtime',
    )
  );
}
