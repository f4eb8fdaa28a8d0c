/**
 * Values attributed to call stacks: the model behind Go's pprof, goroutine text, V8 `.heapprofile`, tracemalloc, memray and
 * jemalloc. Struct of arrays; the nouns and their meaning are those of profile.proto
 * (https://github.com/google/pprof/blob/main/proto/profile.proto), so that nothing of one is lost.
 *
 * How the tables hang together: sample → stack → locations (leaf first) → lines (inlined callee first) → function → strings.
 * A goroutine dump is one sample a goroutine: the value 1 of `goroutine/count`, and labels for id, state, minutes, creator.
 */
export interface StackProfile {
  readonly runtime: ProfileRuntime;
  /** Id of the format that the profile was read from: `pprof`, `go-heap-text`, `v8-heapprofile`, … */
  readonly format: string;
  readonly file: string;

  /** Every name of the profile; `strings[0]` is the empty string. */
  readonly strings: readonly string[];

  /** What is measured: the columns of `values`. Never empty. */
  readonly sampleTypes: readonly ValueType[];
  readonly sampleCount: number;
  /**
   * Value `t` of sample `s` at `s * sampleTypes.length + t`. The formats hold int64: up to ±2^53 a value is exact, beyond
   * that it is the nearest double (off by less than 1 in 10^15; only delays in nanoseconds get so far) and is counted in
   * `roundedValues`.
   */
  readonly values: Float64Array;
  readonly roundedValues: number;
  /** The stack of each sample. Several samples may share one (other labels, other sizes). */
  readonly sampleStack: Uint32Array;

  /** Labels of sample `s` are entries `firstLabel[s] … firstLabel[s + 1] - 1` of `labels`. */
  readonly firstLabel: Uint32Array;
  readonly labels: LabelTable;

  /** Different stacks; the locations of stack `k` are `stackLocation[firstFrame[k] … firstFrame[k + 1] - 1]`, leaf first. */
  readonly stackCount: number;
  readonly firstFrame: Uint32Array;
  readonly stackLocation: Uint32Array;

  readonly locations: LocationRows;
  readonly lines: LineRows;
  readonly functions: FunctionRows;
  readonly mappings: readonly Mapping[];

  /** What is counted between two samples, as `space/bytes`; null when the profile does not say. */
  readonly periodType: ValueType | null;
  /** Events between two samples: bytes for sampled heaps, nanoseconds for CPU; 0 when unknown. */
  readonly period: number;
  /** When the profile was taken, in ns since 1970; 0n when unknown. A bigint because a double is off by 128 ns here. */
  readonly timeNanos: bigint;
  /** How long it was measured; 0 for a moment or when unknown. */
  readonly durationNanos: number;

  /** Regular expressions of frames to leave out below user code, and of those to keep anyway; '' for none. */
  readonly dropFrames: string;
  readonly keepFrames: string;
  readonly comments: readonly string[];
  /** Name of the sample type to show first; '' means the last one. */
  readonly defaultSampleType: string;
  readonly docUrl: string;

  /** Figures of the whole process that came with the profile, by the name the runtime gives them ("Stack", "MaxRSS"). */
  readonly figures: ReadonlyMap<string, number>;
  /** What is odd about the profile though it could be read, in sentences for the reader. */
  readonly warnings: readonly string[];
}

export type ProfileRuntime = 'go' | 'node' | 'python' | 'ruby' | 'native';

/** A measured quantity and its unit, as `inuse_space` in `bytes`. */
export interface ValueType {
  readonly type: string;
  readonly unit: string;
}

/** Labels of samples: a text or a number with a unit. `key`, `text` and `unit` index `strings`. */
export interface LabelTable {
  readonly key: Uint32Array;
  /** The value of a text label; `NUMERIC` says that the label is the number in `number`. */
  readonly text: Uint32Array;
  readonly number: Float64Array;
  /** Unit of a numeric label; 0 when none is given. */
  readonly unit: Uint32Array;
}

/** In `LabelTable.text`: this label is a number. */
export const NUMERIC = 0xffffffff;

/** "No such row" in tables of indexes: a location without mapping. */
export const NONE = 0xffffffff;

/** Places in code. One place has several lines when calls were inlined there. */
export interface LocationRows {
  readonly count: number;
  /** Instruction address; 0 where the runtime has none. */
  readonly address: BigUint64Array;
  /** Index into `mappings`, or `NONE`. */
  readonly mapping: Uint32Array;
  /** count + 1 entries into `lines`. A location without lines has not been symbolised. */
  readonly firstLine: Uint32Array;
  /** 1 when other locations were folded into this one. */
  readonly folded: Uint8Array;
}

/** Lines of locations, the innermost inlined function first. */
export interface LineRows {
  /** Index into `functions`, or `NONE`. */
  readonly function: Uint32Array;
  /** Line number; 0 when unknown. */
  readonly line: Float64Array;
  readonly column: Float64Array;
}

/** Functions; names and files index `strings`. */
export interface FunctionRows {
  readonly count: number;
  readonly name: Uint32Array;
  /** Name as the linker knows it (mangled), else the same as `name` or 0. */
  readonly systemName: Uint32Array;
  readonly file: Uint32Array;
  readonly startLine: Float64Array;
}

/** A piece of a binary in memory. */
export interface Mapping {
  readonly start: bigint;
  readonly limit: bigint;
  readonly offset: bigint;
  readonly file: string;
  /** Tells builds apart: two profiles with other build ids are of other programs. '' when unknown. */
  readonly buildId: string;
  readonly hasFunctions: boolean;
  readonly hasFilenames: boolean;
  readonly hasLineNumbers: boolean;
  readonly hasInlineFrames: boolean;
}

/**
 * Column of `values` to show: by name (`inuse_space`), by column number as text, or the default of the profile, which is the
 * last one if it names none. -1 when there is no such type.
 */
export function sampleTypeIndex(profile: StackProfile, wanted: string = ''): number {
  const { sampleTypes, defaultSampleType } = profile;
  const named = (name: string): number => sampleTypes.findIndex(({ type }) => type === name);
  if (wanted === '') {
    const preset = defaultSampleType === '' ? -1 : named(defaultSampleType);
    return preset === -1 ? sampleTypes.length - 1 : preset;
  }
  if (/^\d+$/.test(wanted)) return Number(wanted) < sampleTypes.length ? Number(wanted) : -1;
  return named(wanted);
}

/** Sum of one column over all samples. */
export function totalOf(profile: StackProfile, type: number): number {
  const width = profile.sampleTypes.length;
  let total = 0;
  for (let at = type; at < profile.values.length; at += width) total += profile.values[at]!;
  return total;
}
