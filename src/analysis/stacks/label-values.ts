import { NUMERIC, type StackProfile } from '../../model/stack-profile.ts';

/** Names whose numbers are bytes though they carry no unit. */
const BYTE_NAMES = new Set(['alignment', 'request']);

/**
 * The unit of each numeric label: the first one that a sample gives, else what pprof takes for granted, which is the name itself (`bytes`) or
 * bytes.
 */
export function labelUnits({ labels, strings }: StackProfile): Map<string, string> {
  const units = new Map<string, string>();
  for (let label = 0; label < labels.key.length; label++) {
    if (labels.text[label] !== NUMERIC) continue;
    const key = strings[labels.key[label]!]!;
    const unit = strings[labels.unit[label]!]!;
    if (!units.get(key)) units.set(key, unit);
  }
  for (const [key, unit] of units) if (unit === '') units.set(key, BYTE_NAMES.has(key) ? 'bytes' : key);
  return units;
}

/** One value of a label and what the samples with it sum up to. */
export interface LabelValue {
  /** Text of a text label, the number of a numeric one. */
  readonly value: string | number;
  readonly total: number;
  readonly sampleCount: number;
}

export interface LabelTotals {
  readonly key: string;
  /** '' for text labels. */
  readonly unit: string;
  readonly total: number;
  /** Largest total first. */
  readonly values: readonly LabelValue[];
}

/** What the samples with each label value sum up to in one column of the profile, by label. Text and number of one name are apart. */
export function labelTotals(profile: StackProfile, type: number): LabelTotals[] {
  const { strings, labels, firstLabel, sampleCount, values, sampleTypes } = profile;
  const units = labelUnits(profile);
  const tables = new Map<
    string,
    { key: string; unit: string; byValue: Map<string | number, [number, number]> }
  >();
  for (let sample = 0; sample < sampleCount; sample++) {
    const own = values[sample * sampleTypes.length + type]!;
    for (let label = firstLabel[sample]!; label < firstLabel[sample + 1]!; label++) {
      const key = strings[labels.key[label]!]!;
      const isNumber = labels.text[label] === NUMERIC;
      const value = isNumber ? labels.number[label]! : strings[labels.text[label]!]!;
      const name = `${isNumber ? 'number' : 'text'} ${key}`;
      let table = tables.get(name);
      if (table === undefined) {
        table = { key, unit: isNumber ? units.get(key)! : '', byValue: new Map() };
        tables.set(name, table);
      }
      const sums = table.byValue.get(value) ?? [0, 0];
      table.byValue.set(value, [sums[0] + own, sums[1] + 1]);
    }
  }
  return [...tables.values()]
    .map(({ key, unit, byValue }) => {
      const rows = Array.from(byValue, ([value, [total, count]]) => ({ value, total, sampleCount: count }));
      rows.sort(
        (one, other) => Math.abs(other.total) - Math.abs(one.total) || (one.value < other.value ? -1 : 1),
      );
      return { key, unit, total: rows.reduce((sum, { total }) => sum + total, 0), values: rows };
    })
    .sort((one, other) => (one.key < other.key ? -1 : 1));
}
