import { NONE, type StackProfile } from '../../model/stack-profile.ts';
import { frameNames } from './export-folded.ts';

/** What https://www.speedscope.app reads (https://www.speedscope.app/file-format-schema.json); to be written as JSON. */
export interface SpeedscopeFile {
  $schema: 'https://www.speedscope.app/file-format-schema.json';
  name: string;
  exporter: string;
  activeProfileIndex: number;
  shared: { frames: SpeedscopeFrame[] };
  profiles: SpeedscopeProfile[];
}

export interface SpeedscopeFrame {
  name: string;
  file?: string;
  line?: number;
}

export interface SpeedscopeProfile {
  type: 'sampled';
  name: string;
  unit: 'none' | 'nanoseconds' | 'microseconds' | 'milliseconds' | 'seconds' | 'bytes';
  startValue: number;
  endValue: number;
  /** Frames, outermost first. */
  samples: number[][];
  weights: number[];
}

const UNITS: readonly string[] = ['nanoseconds', 'microseconds', 'milliseconds', 'seconds', 'bytes'];

/**
 * A profile for speedscope: one of its profiles a sample type, labels left out. Speedscope knows no negative weights: what shrank in a
 * difference becomes a profile of its own with the values turned round.
 *
 * @param active column to show first
 * @example
 * import { openFile, readPprof, toSpeedscope } from 'stanch';
 *
 * const file = toSpeedscope(await readPprof(openFile('heap.pb.gz')), 1);
 * process.stdout.write(`${file.profiles.length} profiles\n`);
 */
export function toSpeedscope(profile: StackProfile, active: number): SpeedscopeFile {
  const frames = new FrameTable(profile);
  const stacks = Array.from({ length: profile.stackCount }, (_, stack) => frames.ofStack(stack));
  const profiles: SpeedscopeProfile[] = [];
  let activeProfileIndex = 0;
  profile.sampleTypes.forEach(({ type, unit }, column) => {
    if (column === active) activeProfileIndex = profiles.length;
    const known = UNITS.includes(unit) ? (unit as SpeedscopeProfile['unit']) : 'none';
    profiles.push(sampled(profile, stacks, column, 1, type, known));
    const shrunk = sampled(profile, stacks, column, -1, `${type} (shrunk)`, known);
    if (shrunk.samples.length > 0) profiles.push(shrunk);
  });
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    name: profile.file,
    exporter: 'stanch',
    activeProfileIndex,
    shared: { frames: frames.all },
    profiles,
  };
}

function sampled(
  { sampleCount, values, sampleTypes, sampleStack }: StackProfile,
  stacks: readonly number[][],
  column: number,
  sign: 1 | -1,
  name: string,
  unit: SpeedscopeProfile['unit'],
): SpeedscopeProfile {
  const samples: number[][] = [];
  const weights: number[] = [];
  for (let sample = 0; sample < sampleCount; sample++) {
    const weight = values[sample * sampleTypes.length + column]! * sign;
    if (weight <= 0) continue;
    samples.push(stacks[sampleStack[sample]!]!);
    weights.push(weight);
  }
  const endValue = weights.reduce((sum, weight) => sum + weight, 0);
  return { type: 'sampled', name, unit, startValue: 0, endValue, samples, weights };
}

class FrameTable {
  readonly all: SpeedscopeFrame[] = [];
  private readonly known: Map<string, number> = new Map();
  private readonly namesOf: (location: number) => string[];

  constructor(private readonly profile: StackProfile) {
    this.namesOf = frameNames(profile);
  }

  ofStack(stack: number): number[] {
    const { firstFrame, stackLocation } = this.profile;
    const frames: number[] = [];
    for (let frame = firstFrame[stack]!; frame < firstFrame[stack + 1]!; frame++) {
      this.addFrames(stackLocation[frame]!, frames);
    }
    return frames.reverse();
  }

  private addFrames(location: number, frames: number[]): void {
    const { locations, lines, functions, strings } = this.profile;
    const named: number[] = [];
    for (let line = locations.firstLine[location]!; line < locations.firstLine[location + 1]!; line++) {
      if (lines.function[line] !== NONE) named.push(lines.function[line]!);
    }
    this.namesOf(location).forEach((name, at) => {
      const fn = named[at];
      const file = fn === undefined ? '' : strings[functions.file[fn]!]!;
      const line = fn === undefined ? 0 : functions.startLine[fn]!;
      frames.push(this.frame(name, file, line));
    });
  }

  private frame(name: string, file: string, line: number): number {
    const key = `${name}\n${file}\n${line}`;
    let index = this.known.get(key);
    if (index === undefined) {
      index = this.all.push({ name, ...(file === '' ? {} : { file }), ...(line === 0 ? {} : { line }) }) - 1;
      this.known.set(key, index);
    }
    return index;
  }
}
