import { framesOfProfile } from '../../analysis/goroutines/captures.ts';
import { authorOfFrame, writtenIn } from '../../analysis/goroutines/frame-author.ts';
import { MIN_RAW_SAMPLES, rawSamples } from '../../analysis/stacks/sampling.ts';
import type { GoFrame } from '../../model/goroutines.ts';
import type { StackProfile } from '../../model/stack-profile.ts';

/** Live bytes by the line of the service that allocated them, over several heap profiles. */
export interface AllocationLine {
  /** The innermost frame of the service, or of a library if none is; null for Go's own work (`runtime.malg`). */
  readonly frame: GoFrame;
  /** Functions between the allocation and that frame, and the frame's own. */
  readonly through: ReadonlySet<string>;
  readonly bytes: readonly number[];
  readonly objects: readonly number[];
  /** Samples really taken, by profile; null where all allocations were counted. */
  readonly samples: readonly (number | null)[];
  /** Standard error of the last figure. */
  readonly errorBytes: number;
  /** Grown by more than chance can explain (twice the standard error), on samples enough to say so. */
  readonly isSignificant: boolean;
  readonly isEnough: boolean;
}

interface Tally {
  frame: GoFrame;
  through: Set<string>;
  bytes: number[];
  objects: number[];
  samples: (number | null)[];
  variance: number[];
}

/** Lines whose live bytes changed, most growth first. */
export function allocationLines(heaps: readonly StackProfile[]): AllocationLine[] {
  const tallies = new Map<string, Tally>();
  heaps.forEach((heap, at) => {
    const space = heap.sampleTypes.findIndex(({ type }) => type === 'inuse_space');
    const count = heap.sampleTypes.findIndex(({ type }) => type === 'inuse_objects');
    const width = heap.sampleTypes.length;
    const raw = rawSamples(heap, space);
    for (let sample = 0; sample < heap.sampleCount; sample++) {
      const frames = framesOfProfile(heap, heap.sampleStack[sample]!);
      const index = blamed(frames);
      const frame = frames[index];
      if (!frame) continue;
      const key = `${frame.function} ${frame.file}:${frame.line}`;
      let tally = tallies.get(key);
      if (!tally) {
        const zeros = (): number[] => heaps.map(() => 0);
        tally = {
          frame,
          through: new Set(),
          bytes: zeros(),
          objects: zeros(),
          samples: zeros(),
          variance: zeros(),
        };
        tallies.set(key, tally);
      }
      for (const { function: name } of frames.slice(0, index + 1)) tally.through.add(name);
      tally.bytes[at]! += heap.values[sample * width + space]!;
      if (count >= 0) tally.objects[at]! += heap.values[sample * width + count]!;
      if (raw) {
        tally.samples[at] = (tally.samples[at] ?? 0) + raw.count[sample]!;
        tally.variance[at]! += raw.variance[sample]!;
      } else {
        tally.samples[at] = null;
      }
    }
  });
  const last = heaps.length - 1;
  return [...tallies.values()]
    .map(({ variance, ...tally }) => {
      const samples = tally.samples[last]!;
      const isEnough = samples === null || samples >= MIN_RAW_SAMPLES;
      const spread = Math.sqrt(variance[0]! + variance[last]!);
      return {
        ...tally,
        errorBytes: Math.sqrt(variance[last]!),
        isEnough,
        isSignificant: isEnough && tally.bytes[last]! - tally.bytes[0]! > 2 * spread,
      };
    })
    .sort((a, b) => grown(b) - grown(a));
}

export function grown({ bytes }: AllocationLine): number {
  return bytes[bytes.length - 1]! - bytes[0]!;
}

/** True when a line allocates for what a function starts: in it or in its closures. */
export function belongsTo({ frame, through }: AllocationLine, functions: ReadonlySet<string>): boolean {
  const own = writtenIn(frame.function) ?? frame.function;
  return (
    functions.has(frame.function) || functions.has(own) || [...through].some((name) => functions.has(name))
  );
}

function blamed(frames: readonly GoFrame[]): number {
  const authors = frames.map(authorOfFrame);
  const user = authors.indexOf('user');
  return user >= 0 ? user : authors.indexOf('library');
}
