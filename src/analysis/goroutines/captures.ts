import { framesOf, GOROUTINE_LEAKED, type GoFrame, type GoroutineDump } from '../../model/goroutines.ts';
import { NONE, type StackProfile } from '../../model/stack-profile.ts';
import type { SignatureTable } from './signatures.ts';
import { waitClassOf, waitClassOfFrames } from './wait-class.ts';

/** The goroutines of one moment, by kind. */
export interface GoroutineCapture {
  readonly total: number;
  /** Count by index of the signature. */
  readonly counts: ReadonlyMap<number, number>;
  /** Of these, those that the runtime has proven to be stuck. */
  readonly leaked: ReadonlyMap<number, number>;
  /** Who is who; null where only counts are known. */
  readonly identified: Identified | null;
}

/** Goroutines by row, as in their dump. */
export interface Identified {
  readonly dump: GoroutineDump;
  /** Signature of each row. */
  readonly signature: Uint32Array;
  /** Row by id. */
  readonly rowOf: ReadonlyMap<number, number>;
}

/** A dump as a capture. Without `creations` its kinds can be compared with those of profiles, which have none. */
export function captureOfDump(
  dump: GoroutineDump,
  table: SignatureTable,
  creations: boolean = true,
): GoroutineCapture {
  const classes = dump.states.map(waitClassOf);
  const stacks = new Map<number, GoFrame[]>();
  const known = new Map<number, number>();
  const counts = new Map<number, number>();
  const leaked = new Map<number, number>();
  const signature = new Uint32Array(dump.count);
  const rowOf = new Map<number, number>();
  let lastKey = -1;
  let lastIndex = 0;
  for (let row = 0; row < dump.count; row++) {
    const stack = dump.stack[row]!;
    const creation = creations ? dump.creation[row]! : 0;
    const key = (stack * dump.creations.length + creation) * dump.states.length + dump.state[row]!;
    if (key !== lastKey) {
      let index = known.get(key);
      if (index === undefined) {
        let frames = stacks.get(stack);
        if (!frames) {
          frames = framesOf(dump, stack);
          stacks.set(stack, frames);
        }
        const waitClass = creations ? classes[dump.state[row]!]! : waitClassOfFrames(frames);
        index = table.of(frames, waitClass, creation === 0 ? null : dump.creations[creation]!).index;
        known.set(key, index);
      }
      lastKey = key;
      lastIndex = index;
    }
    signature[row] = lastIndex;
    rowOf.set(dump.id[row]!, row);
    counts.set(lastIndex, (counts.get(lastIndex) ?? 0) + 1);
    if ((dump.flags[row]! & GOROUTINE_LEAKED) !== 0) leaked.set(lastIndex, (leaked.get(lastIndex) ?? 0) + 1);
  }
  return { total: dump.count, counts, leaked, identified: { dump, signature, rowOf } };
}

/** A goroutine profile (pprof, or the text of `debug=1`) as a capture: counts only. */
export function captureOfProfile(profile: StackProfile, table: SignatureTable): GoroutineCapture {
  const counts = new Map<number, number>();
  const width = profile.sampleTypes.length;
  const known = new Map<number, number>();
  let total = 0;
  for (let sample = 0; sample < profile.sampleCount; sample++) {
    const stack = profile.sampleStack[sample]!;
    let index = known.get(stack);
    if (index === undefined) {
      const frames = framesOfProfile(profile, stack);
      index = table.of(frames, waitClassOfFrames(frames), null).index;
      known.set(stack, index);
    }
    const value = profile.values[sample * width]!;
    total += value;
    counts.set(index, (counts.get(index) ?? 0) + value);
  }
  return { total, counts, leaked: new Map(), identified: null };
}

/** Frames of one stack of a profile, innermost first. */
export function framesOfProfile(profile: StackProfile, stack: number): GoFrame[] {
  const { firstFrame, stackLocation, locations, lines, functions, strings } = profile;
  const frames: GoFrame[] = [];
  for (let at = firstFrame[stack]!; at < firstFrame[stack + 1]!; at++) {
    const location = stackLocation[at]!;
    for (let line = locations.firstLine[location]!; line < locations.firstLine[location + 1]!; line++) {
      const fn = lines.function[line]!;
      if (fn === NONE) continue;
      frames.push({
        function: strings[functions.name[fn]!]!,
        file: strings[functions.file[fn]!]!,
        line: lines.line[line]!,
        pcOffset: -1,
      });
    }
  }
  return frames;
}
