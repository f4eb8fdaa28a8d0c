import { SequenceInterner } from '../../base/sequence-interner.ts';
import { NONE, NUMERIC, type StackProfile } from '../../model/stack-profile.ts';
import { StackProfileBuilder } from '../../model/stack-profile-builder.ts';
import { compatible } from './compatible.ts';
import { MappingMerger } from './merge-mappings.ts';

/**
 * One profile of several: values of samples with the same stack and labels are summed, samples that sum up to nothing are
 * left out. Places are the same when function, line and address within the same binary are, so that profiles of one build can be merged
 * though it was loaded at other addresses.
 *
 * @throws UsageError when they have no sample type in common
 * @example
 * import { mergeProfiles, openFile, readPprof } from 'stanch';
 *
 * const profiles = await Promise.all(['base.pb.gz', 'heap.pb.gz'].map((file) => readPprof(openFile(file))));
 * process.stdout.write(`${mergeProfiles(profiles).sampleCount} samples\n`);
 */
export function mergeProfiles(profiles: readonly StackProfile[]): StackProfile {
  const sources = compatible(profiles);
  const first = sources[0];
  if (first === undefined) throw new RangeError('no profiles to merge');
  const builder = new StackProfileBuilder(first.runtime, first.format, first.file, first.sampleTypes);
  const mappings = new MappingMerger(builder);
  const sums = new SampleSums(first.sampleTypes.length);
  for (const source of sources) addSamples(source, builder, mappings, sums);
  sums.writeTo(builder);
  return builder.finish(headerOf(sources));
}

function addSamples(
  source: StackProfile,
  builder: StackProfileBuilder,
  mappings: MappingMerger,
  sums: SampleSums,
): void {
  const { strings, functions, stackCount, firstFrame, stackLocation, sampleCount, values } = source;
  const functionRow = Array.from({ length: functions.count }, (_, fn) =>
    builder.function(
      strings[functions.name[fn]!]!,
      strings[functions.file[fn]!]!,
      functions.startLine[fn]!,
      strings[functions.systemName[fn]!]!,
    ),
  );
  const mappingOf = mappings.add(source);
  const locationRow = mergeLocations(source, builder, functionRow, mappingOf);
  const stackRow = new Uint32Array(stackCount);
  for (let stack = 0; stack < stackCount; stack++) {
    const locations = stackLocation.subarray(firstFrame[stack]!, firstFrame[stack + 1]!);
    stackRow[stack] = builder.stack(locations.map((location) => locationRow[location]!));
  }
  const width = source.sampleTypes.length;
  const stringRow = new Uint32Array(strings.length).fill(NONE);
  const textOf = (text: number): number => {
    if (stringRow[text] === NONE) stringRow[text] = builder.string(strings[text]!);
    return stringRow[text]!;
  };
  for (let sample = 0; sample < sampleCount; sample++) {
    const own = values.subarray(sample * width, (sample + 1) * width);
    if (own.every((value) => value === 0)) continue;
    sums.add(stackRow[source.sampleStack[sample]!]!, labelRows(source, sample, textOf), own);
  }
}

function mergeLocations(
  source: StackProfile,
  builder: StackProfileBuilder,
  functionRow: readonly number[],
  mappingOf: readonly { row: number; shift: bigint }[],
): Uint32Array {
  const { locations, lines } = source;
  return Uint32Array.from({ length: locations.count }, (_, location) => {
    const own = [];
    for (let line = locations.firstLine[location]!; line < locations.firstLine[location + 1]!; line++) {
      const fn = lines.function[line]!;
      const row = fn === NONE ? NONE : functionRow[fn]!;
      own.push({ function: row, line: lines.line[line]!, column: lines.column[line]! });
    }
    const mapping = locations.mapping[location]!;
    const moved = mapping === NONE ? null : mappingOf[mapping]!;
    const address =
      moved === null ? locations.address[location]! : locations.address[location]! + moved.shift;
    return builder.inlinedLocation(
      own,
      BigInt.asUintN(64, address),
      moved?.row ?? NONE,
      locations.folded[location] === 1,
    );
  });
}

/** Labels of a sample as rows [key, text, number's two halves, unit], in the order of their keys. */
function labelRows(source: StackProfile, sample: number, textOf: (text: number) => number): number[][] {
  const { firstLabel, labels } = source;
  const rows: number[][] = [];
  for (let label = firstLabel[sample]!; label < firstLabel[sample + 1]!; label++) {
    const text = labels.text[label]!;
    const [low, high] = halvesOf(labels.number[label]!);
    rows.push([
      textOf(labels.key[label]!),
      text === NUMERIC ? NUMERIC : textOf(text),
      low,
      high,
      textOf(labels.unit[label]!),
    ]);
  }
  return rows.length < 2 ? rows : rows.sort((one, other) => one[0]! - other[0]!);
}

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);

function halvesOf(value: number): [number, number] {
  double[0] = value;
  return [halves[0]!, halves[1]!];
}

function joined(low: number, high: number): number {
  halves[0] = low;
  halves[1] = high;
  return double[0]!;
}

/** Sums of values by stack and labels. */
class SampleSums {
  private readonly keys = new SequenceInterner();
  private readonly sums: number[] = [];

  constructor(private readonly width: number) {}

  add(stack: number, labels: readonly number[][], values: Float64Array): void {
    const key = labels.length === 0 ? [stack] : [stack, ...labels.flat()];
    const row = this.keys.intern(Uint32Array.from(key));
    if (row * this.width === this.sums.length)
      for (let type = 0; type < this.width; type++) this.sums.push(0);
    for (let type = 0; type < this.width; type++) this.sums[row * this.width + type]! += values[type]!;
  }

  writeTo(builder: StackProfileBuilder): void {
    const firsts = this.keys.firsts();
    const all = this.keys.all();
    for (let row = 0; row < this.keys.count; row++) {
      const values = this.sums.slice(row * this.width, (row + 1) * this.width);
      if (values.every((value) => value === 0)) continue;
      builder.sample(all[firsts[row]!]!, values);
      for (let at = firsts[row]! + 1; at < firsts[row + 1]!; at += 5) {
        builder.label(all[at]!, all[at + 1]!, joined(all[at + 2]!, all[at + 3]!), all[at + 4]!);
      }
    }
  }
}

function headerOf(sources: readonly StackProfile[]): Partial<StackProfile> {
  const first = sources[0]!;
  const times = sources.map(({ timeNanos }) => timeNanos).filter((time) => time !== 0n);
  return {
    periodType: first.periodType,
    period: Math.max(...sources.map(({ period }) => period)),
    timeNanos: times.sort((one, other) => (one < other ? -1 : 1))[0] ?? 0n,
    durationNanos: sources.reduce((sum, { durationNanos }) => sum + durationNanos, 0),
    dropFrames: first.dropFrames,
    keepFrames: first.keepFrames,
    comments: [...new Set(sources.flatMap(({ comments }) => comments))],
    defaultSampleType:
      sources.find(({ defaultSampleType }) => defaultSampleType !== '')?.defaultSampleType ?? '',
    docUrl: sources.find(({ docUrl }) => docUrl !== '')?.docUrl ?? '',
    roundedValues: sources.reduce((sum, { roundedValues }) => sum + roundedValues, 0),
    warnings: [...new Set(sources.flatMap(({ warnings }) => warnings))],
  };
}
