import { U32List } from '../../base/growable.ts';
import type { StackProfile } from '../../model/stack-profile.ts';

/*
 * The steps that filters are made of. Each gives a new profile that shares the untouched tables with the old one.
 */

/** Keeps the samples of which `keep` is true; stacks that no sample has any more stay in their table. */
export function withSamples(profile: StackProfile, keep: (sample: number) => boolean): StackProfile {
  const { sampleCount, firstLabel, labels } = profile;
  const width = profile.sampleTypes.length;
  const kept = new U32List();
  for (let sample = 0; sample < sampleCount; sample++) if (keep(sample)) kept.push(sample);
  if (kept.length === sampleCount) return profile;
  const values = new Float64Array(kept.length * width);
  const sampleStack = new Uint32Array(kept.length);
  const newFirstLabel = new Uint32Array(kept.length + 1);
  const labelRows = new U32List();
  kept.view().forEach((sample, at) => {
    values.set(profile.values.subarray(sample * width, (sample + 1) * width), at * width);
    sampleStack[at] = profile.sampleStack[sample]!;
    for (let label = firstLabel[sample]!; label < firstLabel[sample + 1]!; label++) labelRows.push(label);
    newFirstLabel[at + 1] = labelRows.length;
  });
  const rows = labelRows.view();
  return {
    ...profile,
    sampleCount: kept.length,
    values,
    sampleStack,
    firstLabel: newFirstLabel,
    labels: {
      key: rows.map((row) => labels.key[row]!),
      text: rows.map((row) => labels.text[row]!),
      number: Float64Array.from(rows, (row) => labels.number[row]!),
      unit: rows.map((row) => labels.unit[row]!),
    },
  };
}

/** Keeps the frames of each stack of which `keep` is true; `frame` indexes `stackLocation`. */
export function withFrames(
  profile: StackProfile,
  keep: (location: number, frame: number) => boolean,
): StackProfile {
  const { stackCount, firstFrame, stackLocation } = profile;
  const newFirst = new Uint32Array(stackCount + 1);
  const kept = new U32List();
  for (let stack = 0; stack < stackCount; stack++) {
    for (let frame = firstFrame[stack]!; frame < firstFrame[stack + 1]!; frame++) {
      const location = stackLocation[frame]!;
      if (keep(location, frame)) kept.push(location);
    }
    newFirst[stack + 1] = kept.length;
  }
  return { ...profile, firstFrame: newFirst, stackLocation: kept.view().slice() };
}

/** Keeps the frames `from[stack] … to[stack] - 1` of each stack; both index `stackLocation`. */
export function withFrameRanges(profile: StackProfile, from: Uint32Array, to: Uint32Array): StackProfile {
  let stack = 0;
  return withFrames(profile, (_location, frame) => {
    while (frame >= profile.firstFrame[stack + 1]!) stack++;
    return frame >= from[stack]! && frame < to[stack]!;
  });
}

/** Keeps the lines of locations of which `keep` is 1. A location that loses all of them looks as if it had no symbols. */
export function withLines(profile: StackProfile, keep: Uint8Array): StackProfile {
  const { locations, lines } = profile;
  const firstLine = new Uint32Array(locations.count + 1);
  const kept = new U32List();
  for (let location = 0; location < locations.count; location++) {
    for (let line = locations.firstLine[location]!; line < locations.firstLine[location + 1]!; line++) {
      if (keep[line]) kept.push(line);
    }
    firstLine[location + 1] = kept.length;
  }
  const rows = kept.view();
  return {
    ...profile,
    locations: { ...locations, firstLine },
    lines: {
      function: rows.map((row) => lines.function[row]!),
      line: Float64Array.from(rows, (row) => lines.line[row]!),
      column: Float64Array.from(rows, (row) => lines.column[row]!),
    },
  };
}
