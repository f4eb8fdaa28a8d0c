import { NUMERIC, type StackProfile } from '../../model/stack-profile.ts';

/** Below so many raw samples a sampled figure says little: its standard error is a quarter of it and more. */
export const MIN_RAW_SAMPLES = 16;

/** How the values of a sample type came about. */
export interface Sampling {
  /**
   * `exact`: all events were counted. `sampled`: a part was recorded, and values were scaled up by what is known of the rate.
   * `unknown`: the profile does not say (contention profiles are scaled by a rate that they leave out).
   */
  readonly kind: 'exact' | 'sampled' | 'unknown';
  /** Mean bytes (heaps) or nanoseconds (CPU) between two samples; 0 when nothing was sampled or nothing is known. */
  readonly rate: number;
}

const COUNTED_WHOLE = /^(goroutine|goroutineleak|threadcreate|thread)$/;

export function samplingOf({ periodType, period, sampleTypes }: StackProfile): Sampling {
  if (sampleTypes.some(({ type }) => COUNTED_WHOLE.test(type))) return { kind: 'exact', rate: 0 };
  if (periodType?.type === 'space')
    return { kind: period > 1 ? 'sampled' : 'exact', rate: period > 1 ? period : 0 };
  if (periodType?.type === 'cpu' && period > 0) return { kind: 'sampled', rate: period };
  return { kind: 'unknown', rate: 0 };
}

/** What stands behind the values of each sample: samples really taken, and the variance of the value that was made of them. */
export interface RawSamples {
  readonly count: Float64Array;
  readonly variance: Float64Array;
}

/**
 * The samples really taken behind one sample type; null when it is exact or nothing is known.
 *
 * An allocation of `s` bytes is recorded with the chance p = 1 − exp(−s / rate) and then counts as 1 / p (Go's `MemProfileRate`, tcmalloc's
 * and V8's heap samplers); so `n` recorded ones stand for n / p objects with the variance n (1 − p) / p². CPU profiles count a tick as
 * one period: Poisson, so that the variance of n ticks is n.
 */
export function rawSamples(profile: StackProfile, type: number): RawSamples | null {
  const { kind, rate } = samplingOf(profile);
  if (kind !== 'sampled') return null;
  return profile.periodType?.type === 'cpu' ? ticks(profile, type, rate) : allocations(profile, type, rate);
}

function ticks(
  { values, sampleTypes, sampleCount }: StackProfile,
  type: number,
  period: number,
): RawSamples | null {
  const width = sampleTypes.length;
  const samples = sampleTypes.findIndex((other) => other.type === 'samples');
  const unit = sampleTypes[type]!.type === 'samples' ? 1 : period;
  const count = new Float64Array(sampleCount);
  const variance = new Float64Array(sampleCount);
  for (let sample = 0; sample < sampleCount; sample++) {
    const taken =
      samples === -1 ? values[sample * width + type]! / period : values[sample * width + samples]!;
    count[sample] = Math.abs(Math.round(taken));
    variance[sample] = count[sample]! * unit * unit;
  }
  return { count, variance };
}

function allocations(profile: StackProfile, type: number, rate: number): RawSamples | null {
  const { values, sampleTypes, sampleCount } = profile;
  const width = sampleTypes.length;
  const name = sampleTypes[type]!.type;
  const column = (wanted: string): number => sampleTypes.findIndex((other) => other.type === wanted);
  const objects = column(name.replace('space', 'objects'));
  const bytes = column(name.replace('objects', 'space'));
  if (objects === -1) return null;
  const labelled = sizeLabels(profile);
  const count = new Float64Array(sampleCount);
  const variance = new Float64Array(sampleCount);
  for (let sample = 0; sample < sampleCount; sample++) {
    const estimate = Math.abs(values[sample * width + objects]!);
    if (estimate === 0) continue;
    const size =
      labelled[sample]! || (bytes === -1 ? 0 : Math.abs(values[sample * width + bytes]!) / estimate);
    if (size === 0) continue;
    const chance = -Math.expm1(-size / rate);
    count[sample] = Math.max(1, Math.round(estimate * chance));
    const weight = (type === objects ? 1 : size) / chance;
    variance[sample] = count[sample]! * (1 - chance) * weight * weight;
  }
  return { count, variance };
}

/** Size of the objects of each sample where the profile has it as a label (`bytes`), else 0. */
function sizeLabels({ strings, labels, firstLabel, sampleCount }: StackProfile): Float64Array {
  const sizes = new Float64Array(sampleCount);
  const key = strings.indexOf('bytes');
  for (let sample = 0; sample < sampleCount; sample++) {
    for (let label = firstLabel[sample]!; label < firstLabel[sample + 1]!; label++) {
      if (labels.key[label] === key && labels.text[label] === NUMERIC) sizes[sample] = labels.number[label]!;
    }
  }
  return sizes;
}
