import { gain } from '../../base/gain.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { authorOf } from '../authorship.ts';

/** Live bytes by the line that allocated them, over several profiles. */
export interface AllocationSite {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly bytes: readonly number[];
  readonly objects: readonly number[];
  /** The innermost line of the service's own code on the way, where the allocation itself is a library's. */
  readonly caller: { readonly file: string; readonly line: number } | null;
}

interface Tally {
  file: string;
  line: number;
  function: string;
  caller: AllocationSite['caller'];
  bytes: number[];
  objects: number[];
}

/** Lines of the service (of a library where no line of the service is on the stack) with what they keep alive. */
export function allocationSites(profiles: readonly StackProfile[]): AllocationSite[] {
  const tallies = new Map<string, Tally>();
  profiles.forEach((profile, at) => {
    const width = profile.sampleTypes.length;
    const space = liveColumn(profile, 'bytes');
    const count = liveColumn(profile, 'count');
    for (let sample = 0; sample < profile.sampleCount; sample++) {
      const frames = framesOf(profile, profile.sampleStack[sample]!);
      const leaf = frames[0];
      if (!leaf) continue;
      const own = frames.find(({ file }) => authorOf(file) === 'user') ?? leaf;
      const key = `${own.file}:${own.line}`;
      let tally = tallies.get(key);
      if (!tally) {
        tally = {
          ...own,
          caller: own === leaf ? null : { file: leaf.file, line: leaf.line },
          bytes: profiles.map(() => 0),
          objects: profiles.map(() => 0),
        };
        tallies.set(key, tally);
      }
      tally.bytes[at]! += space < 0 ? 0 : profile.values[sample * width + space]!;
      tally.objects[at]! += count < 0 ? 0 : profile.values[sample * width + count]!;
    }
  });
  return [...tallies.values()].sort((a, b) => gain(b.bytes) - gain(a.bytes));
}

/** The column of what lives, not of all that was ever allocated; -1 where a profile counts only the latter. */
export function liveColumn(profile: StackProfile, unit: 'bytes' | 'count'): number {
  return profile.sampleTypes.findIndex((each) => each.unit === unit && !each.type.startsWith('alloc_'));
}

function framesOf(profile: StackProfile, stack: number): { file: string; line: number; function: string }[] {
  const { firstFrame, stackLocation, locations, lines, functions, strings } = profile;
  const frames: { file: string; line: number; function: string }[] = [];
  for (let frame = firstFrame[stack]!; frame < firstFrame[stack + 1]!; frame++) {
    const location = stackLocation[frame]!;
    for (let line = locations.firstLine[location]!; line < locations.firstLine[location + 1]!; line++) {
      const fn = lines.function[line]!;
      if (fn >= functions.count) continue;
      frames.push({
        file: strings[functions.file[fn]!]!,
        line: lines.line[line]!,
        function: strings[functions.name[fn]!]!,
      });
    }
  }
  return frames;
}
