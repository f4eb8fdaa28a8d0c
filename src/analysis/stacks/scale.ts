import type { StackProfile } from '../../model/stack-profile.ts';
import { withSamples } from './reshape.ts';

/**
 * Multiplies each sample type by a ratio of its own; values become whole again, and samples of which nothing is left go.
 * Halves are rounded away from zero.
 */
export function scaleProfile(profile: StackProfile, ratios: readonly number[]): StackProfile {
  if (ratios.every((ratio) => ratio === 1)) return profile;
  const width = ratios.length;
  const { sampleCount } = profile;
  const values = new Float64Array(profile.values.length);
  for (let at = 0; at < values.length; at++) {
    const scaled = profile.values[at]! * ratios[at % width]!;
    values[at] = Math.sign(scaled) * Math.round(Math.abs(scaled)) + 0;
  }
  const isLeft = (sample: number): boolean => {
    // As pprof does it: types that are not scaled do not count here.
    for (let type = 0; type < width; type++) {
      if (ratios[type] !== 1 && values[sample * width + type] !== 0) return true;
    }
    return false;
  };
  const scaled = { ...profile, values };
  return sampleCount === 0 ? scaled : withSamples(scaled, isLeft);
}

/**
 * Scales a profile so that each sample type sums up to what it does in `base`: what is left of a comparison is then another
 * distribution, not another amount of work. Both must have the same sample types.
 */
export function normaliseTo(profile: StackProfile, base: StackProfile): StackProfile {
  const ratios = profile.sampleTypes.map((_, type) => {
    const own = columnSum(profile, type);
    return own === 0 ? 0 : columnSum(base, type) / own;
  });
  return scaleProfile(profile, ratios);
}

function columnSum({ values, sampleTypes }: StackProfile, type: number): number {
  let sum = 0;
  for (let at = type; at < values.length; at += sampleTypes.length) sum += values[at]!;
  return sum;
}
