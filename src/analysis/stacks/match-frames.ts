import { NONE, type StackProfile } from '../../model/stack-profile.ts';

/** Functions (1) whose name or file a pattern matches. */
function matchFunctions({ functions, strings }: StackProfile, pattern: RegExp): Uint8Array {
  const ofString = new Int8Array(strings.length);
  const matches = (text: number): boolean => {
    ofString[text] ||= pattern.test(strings[text]!) ? 1 : -1;
    return ofString[text] === 1;
  };
  return Uint8Array.from({ length: functions.count }, (_, fn) =>
    matches(functions.name[fn]!) || matches(functions.file[fn]!) ? 1 : 0,
  );
}

/** What a pattern matches: lines, by function name or file, and locations whose binary it matches as a whole. */
export interface FrameMatch {
  readonly line: Uint8Array;
  readonly mapping: Uint8Array;
  /** Locations with a matching line or binary. */
  readonly location: Uint8Array;
}

export function matchFrames(profile: StackProfile, pattern: RegExp): FrameMatch {
  const { locations, lines, mappings } = profile;
  const fn = matchFunctions(profile, pattern);
  const line = lines.function.length === 0 ? new Uint8Array(0) : new Uint8Array(lines.function.length);
  for (let at = 0; at < line.length; at++)
    line[at] = lines.function[at] === NONE ? 0 : fn[lines.function[at]!]!;
  const ofMapping = mappings.map(({ file }) => pattern.test(file));
  const mapping = new Uint8Array(locations.count);
  const location = new Uint8Array(locations.count);
  for (let at = 0; at < locations.count; at++) {
    const row = locations.mapping[at]!;
    mapping[at] = row !== NONE && ofMapping[row] ? 1 : 0;
    location[at] = mapping[at]!;
    for (let of = locations.firstLine[at]!; of < locations.firstLine[at + 1]!; of++)
      location[at]! |= line[of]!;
  }
  return { line, mapping, location };
}
