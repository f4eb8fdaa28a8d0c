import { NONE, type StackProfile } from '../../model/stack-profile.ts';
import { untrustedPattern } from './frame-pattern.ts';
import { withFrameRanges, withLines } from './reshape.ts';

/** Names with a bracket that does not start a list of arguments. */
const RESERVED = /\(anonymous namespace\)|operator\(\)|\(/g;

/** A function's name without its arguments, which is what drop and keep expressions match. */
export function simplifiedName(name: string): string {
  const bare = name.startsWith('.') ? name.slice(1) : name;
  for (const { 0: found, index } of bare.matchAll(RESERVED)) if (found === '(') return bare.slice(0, index);
  return bare;
}

/**
 * Leaves out the frames that the profile itself names as uninteresting (`dropFrames` but not `keepFrames`), with all that they call:
 * allocators in heap profiles, the profiler's signal handler. As pprof does, never above the first frame of user code. An
 * expression that cannot be used safely is left unused and said in `warnings`.
 */
export function pruneFrames(profile: StackProfile): StackProfile {
  const { dropFrames, keepFrames } = profile;
  if (dropFrames === '') return profile;
  const drop = untrustedPattern(`^(${dropFrames})$`);
  const keep = keepFrames === '' ? null : untrustedPattern(`^(${keepFrames})$`);
  if (drop === null || (keepFrames !== '' && keep === null)) {
    return {
      ...profile,
      warnings: [...profile.warnings, 'The expressions of frames to drop could not be used.'],
    };
  }
  return pruneMatching(profile, (name) => drop.test(name) && !keep?.test(name));
}

function pruneMatching(profile: StackProfile, isDropped: (simplified: string) => boolean): StackProfile {
  const { locations, lines, functions, strings, stackCount, firstFrame, stackLocation } = profile;
  const dropped = Uint8Array.from({ length: functions.count }, (_, fn) => {
    const name = strings[functions.name[fn]!]!;
    return name !== '' && isDropped(simplifiedName(name)) ? 1 : 0;
  });
  const keepLine = new Uint8Array(lines.function.length).fill(1);
  /** 0 user code, 1 has an outer line that stays, 2 goes as a whole */
  const verdict = new Uint8Array(locations.count);
  for (let location = 0; location < locations.count; location++) {
    const first = locations.firstLine[location]!;
    const last = locations.firstLine[location + 1]! - 1;
    let line = last;
    while (line >= first && !(lines.function[line] !== NONE && dropped[lines.function[line]!])) line--;
    if (line < first) continue;
    verdict[location] = line === last ? 2 : 1;
    if (line !== last) keepLine.fill(0, first, line + 1);
  }
  const from = firstFrame.slice(0, stackCount);
  for (let stack = 0; stack < stackCount; stack++) {
    let foundUser = false;
    for (let frame = firstFrame[stack + 1]! - 1; frame >= firstFrame[stack]!; frame--) {
      const seen = verdict[stackLocation[frame]!]!;
      if (seen === 0) foundUser = true;
      else if (foundUser) {
        from[stack] = seen === 2 ? frame + 1 : frame;
        break;
      }
    }
  }
  return withLines(withFrameRanges(profile, from, firstFrame.subarray(1)), keepLine);
}
