import { UsageError } from '../../base/errors.ts';
import { NUMERIC, type StackProfile } from '../../model/stack-profile.ts';
import { framePattern } from './frame-pattern.ts';
import { labelUnits } from './label-values.ts';
import { withSamples } from './reshape.ts';
import { unitRatio } from './units.ts';

/**
 * Which samples by their labels. Each is an expression like pprof's `-tagfocus`:
 * `key=regexp,regexp` (the label has a value that one of them matches), `regexp,regexp` (each matches some "key:value"),
 * `32kb`, `:64kb`, `4mb:`, `12kb:64mb` and the same after `key=` (a numeric label is, is at most, is at least, lies between; without
 * a unit the bare number is compared).
 */
export interface LabelFilter {
  tagFocus?: string;
  tagIgnore?: string;
}

/**
 * Keeps the samples that `tagFocus` matches and `tagIgnore` does not.
 *
 * @throws UsageError when an expression is none
 */
export function filterLabels(profile: StackProfile, { tagFocus, tagIgnore }: LabelFilter): StackProfile {
  if (!tagFocus && !tagIgnore) return profile;
  const focus = tagFocus ? labelMatcher(profile, tagFocus) : () => true;
  const ignore = tagIgnore ? labelMatcher(profile, tagIgnore) : () => false;
  return withSamples(profile, (sample) => focus(sample) && !ignore(sample));
}

type SampleTest = (sample: number) => boolean;

function labelMatcher(profile: StackProfile, expression: string): SampleTest {
  const equals = expression.indexOf('=');
  const key = equals === -1 ? '' : expression.slice(0, equals);
  const value = expression.slice(equals + 1);
  const range = parseRange(value);
  return range === null ? textMatcher(profile, key, value) : rangeMatcher(profile, key, range);
}

function anyLabel(profile: StackProfile, test: (label: number) => boolean): SampleTest {
  return (sample) => {
    for (let label = profile.firstLabel[sample]!; label < profile.firstLabel[sample + 1]!; label++) {
      if (test(label)) return true;
    }
    return false;
  };
}

function textMatcher(profile: StackProfile, wanted: string, value: string): SampleTest {
  const { strings, labels } = profile;
  const patterns = value.split(',').map(framePattern);
  const tests = patterns.map((pattern) =>
    anyLabel(profile, (label) => {
      if (labels.text[label] === NUMERIC) return false;
      const key = strings[labels.key[label]!]!;
      const text = strings[labels.text[label]!]!;
      return wanted === '' ? pattern.test(`${key}:${text}`) : key === wanted && pattern.test(text);
    }),
  );
  return wanted === ''
    ? (sample) => tests.every((test) => test(sample))
    : (sample) => tests.some((test) => test(sample));
}

interface Range {
  from: number;
  to: number;
  unit: string;
}

const RANGE = /^(?:([+-]?\d+)([A-Za-z]+)?)?(:)?(?:([+-]?\d+)([A-Za-z]+)?)?$/;

function parseRange(text: string): Range | null {
  const [, low, lowUnit = '', colon, high, highUnit = ''] = RANGE.exec(text) ?? [];
  if (low === undefined && high === undefined) return null;
  const unit = lowUnit || highUnit;
  if (colon === undefined) return high === undefined ? { from: Number(low), to: Number(low), unit } : null;
  const ratio = low !== undefined && high !== undefined ? unitRatio(highUnit, unit) : 1;
  if (ratio === null) throw new UsageError(`"${text}" mixes units that cannot be compared`);
  return {
    from: low === undefined ? -Infinity : Number(low),
    to: high === undefined ? Infinity : Number(high) * ratio,
    unit,
  };
}

function rangeMatcher(profile: StackProfile, wanted: string, { from, to, unit }: Range): SampleTest {
  const { strings, labels } = profile;
  const units = labelUnits(profile);
  return anyLabel(profile, (label) => {
    if (labels.text[label] !== NUMERIC) return false;
    const key = strings[labels.key[label]!]!;
    if (wanted !== '' && key !== wanted) return false;
    const ratio = unit === '' ? 1 : unitRatio(units.get(key)!, unit);
    if (ratio === null) return false;
    const value = labels.number[label]! * ratio;
    return value >= from && value <= to;
  });
}
