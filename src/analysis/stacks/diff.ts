import { NUMERIC, type StackProfile } from '../../model/stack-profile.ts';
import { compatible } from './compatible.ts';
import { mergeProfiles } from './merge.ts';
import { normaliseTo, scaleProfile } from './scale.ts';

/** Label of the samples that come from the base of a difference, as pprof names it. */
const BASE_LABEL = 'pprof::base';

/** How two profiles are compared. */
export interface DiffOptions {
  /**
   * Scale the later profile so that it sums up to what the base does (`-normalize`): compares how it is spread, not how much there is.
   */
  normalise?: boolean;
  /**
   * `compare` (default; pprof's `-diff_base`): samples of the base keep a label and shares are of the base.
   * `subtract` (pprof's `-base`): for counters that only rise in one process; what is left is what came between.
   */
  mode?: 'compare' | 'subtract';
}

/**
 * What changed from `base` to `after`, as a profile with the base's values negated. `top` then gives growth by function or line.
 *
 * @throws UsageError when the profiles have no sample type in common
 * @example
 * import { diffProfiles, openFile, readPprof, topOfProfile } from 'stanch';
 *
 * const [base, after] = await Promise.all(['base.pb.gz', 'heap.pb.gz'].map((file) => readPprof(openFile(file))));
 * for (const { name, flat } of topOfProfile(diffProfiles(base, after)).rows) process.stdout.write(`${flat} ${name}\n`);
 */
export function diffProfiles(
  base: StackProfile,
  after: StackProfile,
  options: DiffOptions = {},
): StackProfile {
  const [before, later] = compatible([base, after]) as [StackProfile, StackProfile];
  const scaled = options.normalise ? normaliseTo(later, before) : later;
  const negated = scaleProfile(
    before,
    before.sampleTypes.map(() => -1),
  );
  const labelled = options.mode === 'subtract' ? negated : withTextLabel(negated, BASE_LABEL, 'true');
  return mergeProfiles([scaled, labelled]);
}

/** Gives every sample one more label. */
function withTextLabel(profile: StackProfile, key: string, text: string): StackProfile {
  const { strings, sampleCount, labels } = profile;
  const firstLabel = new Uint32Array(sampleCount + 1);
  const total = labels.key.length + sampleCount;
  const extended = {
    key: new Uint32Array(total),
    text: new Uint32Array(total),
    number: new Float64Array(total),
    unit: new Uint32Array(total),
  };
  let at = 0;
  for (let sample = 0; sample < sampleCount; sample++) {
    firstLabel[sample] = at;
    for (let label = profile.firstLabel[sample]!; label < profile.firstLabel[sample + 1]!; label++, at++) {
      extended.key[at] = labels.key[label]!;
      extended.text[at] = labels.text[label]!;
      extended.number[at] = labels.number[label]!;
      extended.unit[at] = labels.unit[label]!;
    }
    extended.key[at] = strings.length;
    extended.text[at++] = strings.length + 1;
  }
  firstLabel[sampleCount] = at;
  return { ...profile, strings: [...strings, key, text], firstLabel, labels: extended };
}

/** Samples that came from the base of a difference. */
export function baseSamples(profile: StackProfile): Uint8Array {
  const { strings, labels, firstLabel, sampleCount } = profile;
  const isBase = new Uint8Array(sampleCount);
  const [key, text] = [strings.indexOf(BASE_LABEL), strings.indexOf('true')];
  if (key === -1 || text === -1) return isBase;
  for (let sample = 0; sample < sampleCount; sample++) {
    for (let label = firstLabel[sample]!; label < firstLabel[sample + 1]!; label++) {
      if (labels.key[label] === key && labels.text[label] === text && text !== NUMERIC) isBase[sample] = 1;
    }
  }
  return isBase;
}
