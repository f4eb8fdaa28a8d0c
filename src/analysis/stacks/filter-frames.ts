import { NONE, type StackProfile } from '../../model/stack-profile.ts';
import { framePattern } from './frame-pattern.ts';
import { matchFrames } from './match-frames.ts';
import { withFrameRanges, withFrames, withLines, withSamples } from './reshape.ts';

/** Regular expressions over function names, files and binaries; each is used when given. */
export interface FrameFilter {
  /** Keep samples with at least one such frame. */
  focus?: string;
  /** Drop samples with any such frame. */
  ignore?: string;
  /** Take such frames out of the stacks. */
  hide?: string;
  /** Take all other frames out of the stacks. */
  show?: string;
  /** Cut what called the outermost such frame; samples without one go. */
  showFrom?: string;
}

/**
 * Filters samples and frames as `go tool pprof` does with the options of the same names.
 *
 * @throws UsageError when an expression is none
 */
export function filterFrames(profile: StackProfile, filter: FrameFilter): StackProfile {
  const focused = focusAndIgnore(profile, filter);
  return showFrom(hideAndShow(focused, filter), filter.showFrom);
}

function focusAndIgnore(profile: StackProfile, { focus, ignore }: FrameFilter): StackProfile {
  if (!focus && !ignore) return profile;
  const focused = focus ? matchFrames(profile, framePattern(focus)).location : null;
  const ignored = ignore ? matchFrames(profile, framePattern(ignore)).location : null;
  const { stackCount, firstFrame, stackLocation } = profile;
  const keep = new Uint8Array(stackCount);
  for (let stack = 0; stack < stackCount; stack++) {
    let isFocused = false;
    let isIgnored = false;
    for (let frame = firstFrame[stack]!; frame < firstFrame[stack + 1]!; frame++) {
      const location = stackLocation[frame]!;
      if (ignored?.[location]) isIgnored = true;
      else if (focused === null || focused[location]) isFocused = true;
    }
    keep[stack] = isFocused && !isIgnored ? 1 : 0;
  }
  return withSamples(profile, (sample) => keep[profile.sampleStack[sample]!] === 1);
}

function hideAndShow(profile: StackProfile, { hide, show }: FrameFilter): StackProfile {
  if (!hide && !show) return profile;
  const hidden = new Uint8Array(profile.locations.count);
  let kept = profile;
  if (hide) {
    const match = matchFrames(kept, framePattern(hide));
    const keep = match.line.map((matches) => 1 - matches);
    kept = withoutLines(kept, keep, hidden, (location) => match.mapping[location] === 1, match.location);
  }
  if (show) {
    const match = matchFrames(kept, framePattern(show));
    const { firstLine, count } = kept.locations;
    // Lines without a function stay, as in pprof; so do all lines of a binary that matches.
    const keep = match.line.map((matches, line) => (kept.lines.function[line] === NONE ? 1 : matches));
    for (let location = 0; location < count; location++) {
      if (match.mapping[location]) keep.fill(1, firstLine[location]!, firstLine[location + 1]!);
    }
    kept = withoutLines(kept, keep, hidden, () => false, null);
  }
  const stacks = withFrames(kept, (location) => hidden[location] === 0);
  const { firstFrame } = stacks;
  return withSamples(stacks, (sample) => {
    const stack = stacks.sampleStack[sample]!;
    return firstFrame[stack + 1]! > firstFrame[stack]!;
  });
}

/** @param touched locations that the expression can hide at all; null for all */
function withoutLines(
  profile: StackProfile,
  keep: Uint8Array,
  hidden: Uint8Array,
  isWholeHidden: (location: number) => boolean,
  touched: Uint8Array | null,
): StackProfile {
  const { firstLine, count } = profile.locations;
  for (let location = 0; location < count; location++) {
    if (touched && !touched[location]) continue;
    if (isWholeHidden(location)) keep.fill(0, firstLine[location]!, firstLine[location + 1]!);
    const rest = keep.subarray(firstLine[location]!, firstLine[location + 1]!);
    if (!rest.includes(1)) hidden[location] = 1;
  }
  return withLines(profile, keep);
}

function showFrom(profile: StackProfile, source: string | undefined): StackProfile {
  if (!source) return profile;
  const match = matchFrames(profile, framePattern(source));
  const { locations, stackCount, firstFrame, stackLocation } = profile;
  const keep = new Uint8Array(match.line.length).fill(1);
  for (let location = 0; location < locations.count; location++) {
    if (match.mapping[location] || !match.location[location]) continue;
    // Lines after the last match are its callers.
    for (let line = locations.firstLine[location + 1]! - 1; !match.line[line]; line--) keep[line] = 0;
  }
  const to = new Uint32Array(stackCount);
  for (let stack = 0; stack < stackCount; stack++) {
    let frame = firstFrame[stack + 1]!;
    while (frame > firstFrame[stack]! && !match.location[stackLocation[frame - 1]!]) frame--;
    to[stack] = frame;
  }
  const cut = withFrameRanges(profile, firstFrame.subarray(0, stackCount), to);
  return withSamples(withLines(cut, keep), (sample) => {
    const stack = profile.sampleStack[sample]!;
    return to[stack]! > firstFrame[stack]!;
  });
}
