import { NONE, type StackProfile } from '../../model/stack-profile.ts';

/** The name of each frame of a location, the innermost first. */
export function frameNames({
  locations,
  lines,
  functions,
  strings,
  mappings,
}: StackProfile): (location: number) => string[] {
  const known = new Map<number, string[]>();
  return (location) => {
    let names = known.get(location);
    if (names === undefined) {
      names = [];
      for (let line = locations.firstLine[location]!; line < locations.firstLine[location + 1]!; line++) {
        const fn = lines.function[line]!;
        if (fn !== NONE)
          names.push(strings[functions.name[fn]!] || strings[functions.systemName[fn]!] || '<unknown>');
      }
      if (names.length === 0) {
        const mapping = mappings[locations.mapping[location]!];
        const binary = mapping?.file ? `[${mapping.file.slice(mapping.file.lastIndexOf('/') + 1)}]` : '';
        names.push(`${binary}0x${locations.address[location]!.toString(16)}`);
      }
      known.set(location, names);
    }
    return names;
  };
}

/**
 * Stacks of one sample type as folded text (`main.main;main.work 42`), which flame graph tools read: outermost frame first, one line a
 * stack, samples of the same stack summed, labels left out. Differences give negative values.
 *
 * @param type column of the profile's values
 * @example
 * import { openFile, readPprof, toFolded } from 'stanch';
 *
 * process.stdout.write(toFolded(await readPprof(openFile('heap.pb.gz')), 1));
 */
export function toFolded(profile: StackProfile, type: number): string {
  const { stackCount, firstFrame, stackLocation, sampleStack, sampleCount, values, sampleTypes } = profile;
  const namesOf = frameNames(profile);
  const ofStack = new Float64Array(stackCount);
  for (let sample = 0; sample < sampleCount; sample++) {
    ofStack[sampleStack[sample]!]! += values[sample * sampleTypes.length + type]!;
  }
  const sums = new Map<string, number>();
  for (let stack = 0; stack < stackCount; stack++) {
    if (ofStack[stack] === 0) continue;
    const frames: string[] = [];
    for (let frame = firstFrame[stack]!; frame < firstFrame[stack + 1]!; frame++) {
      frames.push(...namesOf(stackLocation[frame]!));
    }
    const line = frames.length === 0 ? '<unknown>' : frames.reverse().map(foldable).join(';');
    sums.set(line, (sums.get(line) ?? 0) + ofStack[stack]!);
  }
  return Array.from(sums, ([line, value]) => `${line} ${value}\n`).join('');
}

/** Semicolons and line ends would start another frame. */
function foldable(name: string): string {
  return name.replace(/;/g, ':').replace(/[\r\n]+/g, ' ');
}
