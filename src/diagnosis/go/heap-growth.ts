import { totalOf } from '../../model/stack-profile.ts';
import { type AllocationLine, grown } from './allocations.ts';
import type { Moment } from './moments.ts';

/** What the live heap did over the captures, whether or not a line can be named for it. */
export interface HeapGrowth {
  /** Live bytes by capture that has a heap profile. */
  readonly bytes: readonly number[];
  /** Counted by the runtime after a collection that was asked for; else added up from samples. */
  readonly isMeasured: boolean;
  /** It grew in each interval, by more than chance and warm-up do. */
  readonly goesOn: boolean;
}

/** Less is a buffer here and a pool there. */
const LEAST_BYTES = 1024 * 1024;
const LEAST_SHARE = 0.1;
/** An interval with less than this part of all growth is a rest. */
const LEAST_OF_INTERVAL = 0.15;
/** Fewer raw samples do not even hint at a line. */
const LEAST_SAMPLES = 4;
const HINT_SHARE = 0.25;

export function heapGrowth(moments: readonly Moment[]): HeapGrowth {
  const heaps = moments.flatMap(({ heap }) => (heap ? [heap] : []));
  const collected = heaps.map(({ figures }) => figures.get('NumForcedGC') ?? 0);
  const allocated = heaps.map(({ figures }) => figures.get('HeapAlloc'));
  // Between two collections HeapAlloc counts garbage as well: it is believed where each capture began with one.
  const isMeasured =
    allocated.every((bytes) => bytes !== undefined) &&
    collected.every((count, index) => count > (index === 0 ? 0 : collected[index - 1]!));
  const bytes = isMeasured
    ? (allocated as number[])
    : heaps.map((heap) =>
        totalOf(
          heap,
          heap.sampleTypes.findIndex(({ type }) => type === 'inuse_space'),
        ),
      );
  return { bytes, isMeasured, goesOn: isMeasured && goesOn(bytes) };
}

function goesOn(bytes: readonly number[]): boolean {
  if (bytes.length < 3) return false;
  const growth = bytes.at(-1)! - bytes[0]!;
  if (growth < Math.max(LEAST_BYTES, bytes[0]! * LEAST_SHARE)) return false;
  return bytes.slice(1).every((each, index) => each - bytes[index]! >= growth * LEAST_OF_INTERVAL);
}

/** Lines that most of a heap's growth comes from by the few samples that there are: worth a look, and no more. */
export function hintedLines(lines: readonly AllocationLine[]): AllocationLine[] {
  const total = lines.reduce((sum, line) => sum + Math.max(0, grown(line)), 0);
  return lines.filter(
    (line) =>
      !line.isEnough && (line.samples.at(-1) ?? 0) >= LEAST_SAMPLES && grown(line) >= total * HINT_SHARE,
  );
}
