import { UsageError } from '../../base/errors.ts';
import { NONE, type StackProfile, sampleTypeIndex, type ValueType } from '../../model/stack-profile.ts';
import { baseSamples } from './diff.ts';
import { type FrameFilter, filterFrames } from './filter-frames.ts';
import { filterLabels, type LabelFilter } from './filter-labels.ts';
import { type Granularity, type NodeName, type Nodes, nodesOf, printableName } from './nodes.ts';
import { pruneFrames } from './prune.ts';
import { rawSamples } from './sampling.ts';

/** What a table shows, and in which order. */
export interface TopOptions extends FrameFilter, LabelFilter {
  /** Name or number of the sample type; the profile's default when left out. */
  sampleType?: string;
  /** What a row is; functions when left out. */
  granularity?: Granularity;
  sortBy?: 'flat' | 'cum';
  /** Leave out rows whose cumulative value is below this share of all; 0 when left out (pprof: 0.005). */
  minShare?: number;
  /** At most so many rows; all when left out. */
  maxRows?: number;
}

/** What the samples taken say of a figure; only for sampled profiles. */
export interface Evidence {
  /** Samples really taken behind the value. Below `MIN_RAW_SAMPLES` they are not enough. */
  readonly rawFlat: number;
  readonly rawCum: number;
  /** Standard error of the value, in its unit. */
  readonly flatError: number;
  readonly cumError: number;
}

/** One function, file or line. */
export interface TopRow extends NodeName {
  /** The row's name in one line of text. */
  readonly name: string;
  /** Value of the code itself. */
  readonly flat: number;
  /** Value of the code and all it calls. */
  readonly cum: number;
  readonly evidence: Evidence | null;
}

/** Rows of a profile, largest first. */
export interface TopTable {
  readonly sampleType: ValueType;
  /** All there is before filters: sum of absolute values; in a difference, of the base alone. Shares are of this. */
  readonly total: number;
  /** Sum of `flat` over all rows shown. */
  readonly shown: number;
  readonly rows: readonly TopRow[];
  /** Rows left out because their cumulative value is below `minShare`. */
  readonly dropped: number;
  /** Rows before `maxRows`. */
  readonly rowCount: number;
}

/**
 * Functions, files or lines by what they use, as `go tool pprof -top` counts it: `flat` goes to the innermost frame, `cum` once to
 * every row of a stack.
 *
 * @throws UsageError for an unknown sample type or a broken expression
 * @example
 * import { openFile, readPprof, topOfProfile } from 'stanch';
 *
 * const { rows } = topOfProfile(await readPprof(openFile('heap.pb.gz')), { granularity: 'lines', maxRows: 5 });
 * for (const { name, flat, cum } of rows) process.stdout.write(`${flat} ${cum} ${name}\n`);
 */
export function top(profile: StackProfile, options: TopOptions = {}): TopTable {
  const type = sampleTypeIndex(profile, options.sampleType);
  const sampleType = profile.sampleTypes[type];
  if (sampleType === undefined) {
    const known = profile.sampleTypes.map((each) => each.type).join(', ');
    throw new UsageError(`${profile.file} has no sample type "${options.sampleType}"; it has ${known}`);
  }
  const pruned = pruneFrames(profile);
  const total = totalOfReport(pruned, type);
  const filtered = filterLabels(filterFrames(pruned, options), options);
  const nodes = nodesOf(filtered, options.granularity ?? 'functions');
  const all = nodeSums(filtered, nodes, type);
  return { sampleType, total, ...choose(nodes, all, options) };
}

function totalOfReport(profile: StackProfile, type: number): number {
  const { values, sampleCount, sampleTypes } = profile;
  const isBase = baseSamples(profile);
  let total = 0;
  let ofBase = 0;
  for (let sample = 0; sample < sampleCount; sample++) {
    const value = Math.abs(values[sample * sampleTypes.length + type]!);
    total += value;
    if (isBase[sample]) ofBase += value;
  }
  return ofBase > 0 ? ofBase : total;
}

interface Sums {
  readonly flat: Float64Array;
  readonly cum: Float64Array;
}

interface NodeSums {
  readonly value: Sums;
  readonly raw: Sums | null;
  readonly variance: Sums | null;
}

function nodeSums(profile: StackProfile, nodes: Nodes, type: number): NodeSums {
  const { values, sampleCount, sampleTypes } = profile;
  const column = new Float64Array(sampleCount);
  for (let sample = 0; sample < sampleCount; sample++)
    column[sample] = values[sample * sampleTypes.length + type]!;
  const raw = rawSamples(profile, type);
  const [value, count, variance] = spread(profile, nodes, raw ? [column, raw.count, raw.variance] : [column]);
  return { value: value!, raw: count ?? null, variance: variance ?? null };
}

/** Sums columns of samples up by node. Stacks that several samples share are walked once. */
function spread(profile: StackProfile, nodes: Nodes, columns: readonly Float64Array[]): Sums[] {
  const { sampleCount, sampleStack, stackCount, firstFrame, stackLocation } = profile;
  const { firstLine } = profile.locations;
  const sums = columns.map(() => ({
    flat: new Float64Array(nodes.count),
    cum: new Float64Array(nodes.count),
  }));
  const ofStack = columns.map((column) => {
    const weights = new Float64Array(stackCount);
    for (let sample = 0; sample < sampleCount; sample++) weights[sampleStack[sample]!]! += column[sample]!;
    return weights;
  });
  const isUsed = new Uint8Array(stackCount);
  for (const stack of sampleStack) isUsed[stack] = 1;
  const { ofLine, ofLocation } = nodes;
  const seen = new Uint32Array(nodes.count).fill(NONE);
  const own = new Uint32Array(nodes.count);
  for (let stack = 0; stack < stackCount; stack++) {
    if (!isUsed[stack]) continue;
    let ownCount = 0;
    for (let frame = firstFrame[stack]!; frame < firstFrame[stack + 1]!; frame++) {
      const location = stackLocation[frame]!;
      const first = firstLine[location]!;
      const end = firstLine[location + 1]!;
      for (let line = first; line < end || line === first; line++) {
        const node = line < end ? ofLine[line]! : ofLocation[location]!;
        if (seen[node] === stack) continue;
        seen[node] = stack;
        own[ownCount++] = node;
      }
    }
    if (ownCount === 0) continue;
    for (let column = 0; column < sums.length; column++) {
      const weight = ofStack[column]![stack]!;
      const { flat, cum } = sums[column]!;
      for (let at = 0; at < ownCount; at++) cum[own[at]!]! += weight;
      // The innermost frame is the first that was seen.
      flat[own[0]!]! += weight;
    }
  }
  return sums;
}

function choose(
  nodes: Nodes,
  { value, raw, variance }: NodeSums,
  { minShare = 0, maxRows = Infinity, sortBy = 'flat' }: TopOptions,
): Pick<TopTable, 'rows' | 'shown' | 'dropped' | 'rowCount'> {
  const present: number[] = [];
  let flatSum = 0;
  for (let node = 0; node < nodes.count; node++) {
    if (value.flat[node] === 0 && value.cum[node] === 0) continue;
    present.push(node);
    flatSum += value.flat[node]!;
  }
  const cutoff = Math.abs(Math.trunc(flatSum * minShare));
  const kept = present.filter((node) => Math.abs(value.cum[node]!) >= cutoff);
  const rows = kept.map((node): TopRow => {
    const name = nodes.name(node);
    const evidence =
      raw && variance
        ? {
            rawFlat: raw.flat[node]!,
            rawCum: raw.cum[node]!,
            flatError: Math.sqrt(variance.flat[node]!),
            cumError: Math.sqrt(variance.cum[node]!),
          }
        : null;
    return { ...name, name: printableName(name), flat: value.flat[node]!, cum: value.cum[node]!, evidence };
  });
  const [first, second] = sortBy === 'flat' ? (['flat', 'cum'] as const) : (['cum', 'flat'] as const);
  rows.sort(
    (one, other) =>
      Math.abs(other[first]) - Math.abs(one[first]) ||
      (one.name < other.name ? -1 : one.name > other.name ? 1 : 0) ||
      Math.abs(other[second]) - Math.abs(one[second]),
  );
  const shownRows = rows.slice(0, maxRows);
  return {
    rows: shownRows,
    shown: shownRows.reduce((sum, { flat }) => sum + flat, 0),
    dropped: present.length - kept.length,
    rowCount: rows.length,
  };
}
