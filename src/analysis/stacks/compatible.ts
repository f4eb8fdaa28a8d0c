import { UsageError } from '../../base/errors.ts';
import type { StackProfile, ValueType } from '../../model/stack-profile.ts';
import { scaleProfile } from './scale.ts';
import { unitRatio } from './units.ts';

/**
 * Gives profiles the same columns so that they can be merged: the sample types that all have, in the order of the first, in the finest
 * of their units.
 *
 * @throws UsageError when they have none in common or measure in other units
 */
export function compatible(profiles: readonly StackProfile[]): StackProfile[] {
  const [first] = profiles;
  if (first === undefined || profiles.length === 1) return [...profiles];
  const common = first.sampleTypes
    .map(({ type }) => type)
    .filter((type) => profiles.every(({ sampleTypes }) => sampleTypes.some((other) => other.type === type)));
  if (common.length === 0) throw new UsageError(incomparable(profiles));
  const chosen = profiles.map((profile) => withTypes(profile, common));
  const units = common.map((_, column) =>
    finestUnit(
      chosen.map(({ sampleTypes }) => sampleTypes[column]!),
      profiles,
    ),
  );
  return chosen.map((profile) => {
    const ratios = profile.sampleTypes.map(({ unit }, column) => unitRatio(unit, units[column]!)!);
    const sampleTypes = profile.sampleTypes.map(({ type }, column) => ({ type, unit: units[column]! }));
    return { ...scaleProfile(profile, ratios), sampleTypes };
  });
}

function withTypes(profile: StackProfile, types: readonly string[]): StackProfile {
  const columns = types.map((type) => profile.sampleTypes.findIndex((other) => other.type === type));
  if (columns.length === profile.sampleTypes.length && columns.every((column, at) => column === at))
    return profile;
  const width = profile.sampleTypes.length;
  const values = new Float64Array(profile.sampleCount * columns.length);
  for (let sample = 0; sample < profile.sampleCount; sample++) {
    columns.forEach((column, at) => {
      values[sample * columns.length + at] = profile.values[sample * width + column]!;
    });
  }
  const keepsDefault = types.includes(profile.defaultSampleType);
  return {
    ...profile,
    values,
    sampleTypes: columns.map((column) => profile.sampleTypes[column]!),
    defaultSampleType: keepsDefault ? profile.defaultSampleType : types[0]!,
  };
}

function finestUnit(types: readonly ValueType[], profiles: readonly StackProfile[]): string {
  let finest = types[0]!.unit;
  for (const { unit } of types) {
    const ratio = unitRatio(unit, finest);
    if (ratio === null) throw new UsageError(incomparable(profiles));
    if (ratio < 1) finest = unit;
  }
  return finest;
}

function incomparable(profiles: readonly StackProfile[]): string {
  const each = profiles.map(
    ({ file, sampleTypes }) =>
      `${file} (${sampleTypes.map(({ type, unit }) => `${type} in ${unit}`).join(', ')})`,
  );
  return `these profiles measure different things: ${each.join('; ')}`;
}
