import { NONE, NUMERIC, type StackProfile } from '../../model/stack-profile.ts';
import { type SnapshotTables, UNKNOWN_FRAMES } from './snapshot.ts';

/** What tracemalloc calls count and size, in the words that profiles of live memory share. */
const SAMPLE_TYPES = [
  { type: 'inuse_objects', unit: 'count' },
  { type: 'inuse_space', unit: 'bytes' },
];

const DOMAIN = 'domain';
const BYTES = 'bytes';
const TOTAL_FRAMES = 'total_nframe';

/**
 * The tables as a profile, without a builder in between: a snapshot of half a million blocks is that many rows at worst.
 * Each sample carries its block size, so that no block is lost; frames have no function names, since tracemalloc has none.
 */
export function profileOf(tables: SnapshotTables, file: string): StackProfile {
  const strings = ['', ...tables.files];
  const name = (text: string): number => strings.push(text) - 1;
  const names = { domain: name(DOMAIN), bytes: name(BYTES), frames: name(TOTAL_FRAMES) };
  const rows = tables.rows.all();
  const sampleCount = tables.rows.count;
  const sampleStack = new Uint32Array(sampleCount);
  const values = new Float64Array(sampleCount * 2);
  const withFrames = rows.some((value, at) => at % 5 === 4 && value !== UNKNOWN_FRAMES);
  const perSample = withFrames ? 3 : 2;
  const labels = newLabels(sampleCount * perSample);
  const firstLabel = Uint32Array.from({ length: sampleCount + 1 }, (_, sample) => sample * perSample);
  for (let sample = 0; sample < sampleCount; sample++) {
    const at = sample * 5;
    const sizeBytes = rows[at + 2]! + rows[at + 3]! * 2 ** 32;
    const count = tables.blocks[sample]!;
    sampleStack[sample] = rows[at]!;
    values[sample * 2] = count;
    values[sample * 2 + 1] = count * sizeBytes;
    const label = sample * perSample;
    setNumber(labels, label, names.domain, rows[at + 1]!, 0);
    setNumber(labels, label + 1, names.bytes, sizeBytes, names.bytes);
    if (withFrames) setNumber(labels, label + 2, names.frames, rows[at + 4]!, 0);
  }
  return {
    runtime: 'python',
    format: 'python-tracemalloc',
    file,
    strings,
    sampleTypes: SAMPLE_TYPES,
    sampleCount,
    values,
    roundedValues: tables.roundedRows,
    sampleStack,
    firstLabel,
    labels,
    stackCount: tables.stacks.count,
    firstFrame: tables.stacks.firsts(),
    stackLocation: tables.stacks.all(),
    ...placesOf(tables),
    mappings: [],
    periodType: null,
    period: 0,
    timeNanos: 0n,
    durationNanos: 0,
    dropFrames: '',
    keepFrames: '',
    comments: [],
    defaultSampleType: 'inuse_space',
    docUrl: 'https://docs.python.org/3/library/tracemalloc.html',
    figures: figuresOf(tables),
    warnings: warningsOf(tables),
  };
}

function newLabels(count: number): StackProfile['labels'] {
  return {
    key: new Uint32Array(count),
    text: new Uint32Array(count).fill(NUMERIC),
    number: new Float64Array(count),
    unit: new Uint32Array(count),
  };
}

function setNumber(
  labels: StackProfile['labels'],
  at: number,
  key: number,
  value: number,
  unit: number,
): void {
  labels.key[at] = key;
  labels.number[at] = value;
  labels.unit[at] = unit;
}

/** One function without a name for each file; a location is a line of it. */
function placesOf(tables: SnapshotTables): Pick<StackProfile, 'locations' | 'lines' | 'functions'> {
  const { count } = tables.locations;
  const rows = tables.locations.all();
  const identity = Uint32Array.from({ length: count + 1 }, (_, location) => location);
  const files = tables.files.length;
  return {
    locations: {
      count,
      address: new BigUint64Array(count),
      mapping: new Uint32Array(count).fill(NONE),
      firstLine: identity,
      folded: new Uint8Array(count),
    },
    lines: {
      function: Uint32Array.from({ length: count }, (_, location) => rows[location * 2]!),
      line: Float64Array.from({ length: count }, (_, location) => rows[location * 2 + 1]!),
      column: new Float64Array(count),
    },
    functions: {
      count: files,
      name: new Uint32Array(files),
      systemName: new Uint32Array(files),
      // strings[0] is the empty text, the files follow.
      file: Uint32Array.from({ length: files }, (_, index) => index + 1),
      startLine: new Float64Array(files),
    },
  };
}

function figuresOf(tables: SnapshotTables): Map<string, number> {
  const figures = new Map([['traces', tables.traceCount]]);
  if (tables.tracebackLimit !== null) figures.set('traceback_limit', tables.tracebackLimit);
  return figures;
}

function warningsOf({ tracebackLimit, traceCount, roundedRows }: SnapshotTables): string[] {
  const warnings: string[] = [];
  if (traceCount === 0)
    warnings.push('the snapshot is empty: tracemalloc had seen no block that still lived');
  if (tracebackLimit === 1) {
    warnings.push('one frame a traceback was kept: the line that allocates is known, its callers are not');
  }
  if (roundedRows > 0) warnings.push(`${roundedRows} block sizes beyond 2^53 bytes are rounded`);
  return warnings;
}
