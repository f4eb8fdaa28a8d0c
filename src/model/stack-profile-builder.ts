import { U32List } from '../base/growable.ts';
import { SequenceInterner } from '../base/sequence-interner.ts';
import {
  type Mapping,
  NONE,
  NUMERIC,
  type ProfileRuntime,
  type StackProfile,
  type ValueType,
} from './stack-profile.ts';

/** What is known of a profile beside its samples; all of it may be left out. */
export type ProfileFacts = Partial<
  Pick<
    StackProfile,
    | 'periodType'
    | 'period'
    | 'timeNanos'
    | 'durationNanos'
    | 'dropFrames'
    | 'keepFrames'
    | 'comments'
    | 'defaultSampleType'
    | 'docUrl'
    | 'figures'
    | 'warnings'
    | 'roundedValues'
  >
>;

/** A line of a location that has inlined calls. */
export interface BuiltLine {
  function: number;
  line?: number;
  column?: number;
}

/**
 * Puts a `StackProfile` together sample by sample; equal strings, functions, locations and stacks are stored once. For
 * readers of formats that have no tables of their own (text, V8, Python) and for what analyses make. Lines and columns
 * are whole numbers below 2^32.
 *
 * @example
 * const builder = new StackProfileBuilder('go', 'demo', 'a.txt', [{ type: 'goroutine', unit: 'count' }]);
 * const leaf = builder.location(builder.function('main.work', '/srv/main.go'), 17);
 * builder.sample(builder.stack([leaf]), [1]);
 * builder.textLabel('state', 'chan receive');
 * const profile = builder.finish();
 */
export class StackProfileBuilder {
  sampleCount = 0;
  private readonly strings: string[] = [''];
  private readonly stringIndex = new Map<string, number>([['', 0]]);
  private readonly values: number[] = [];
  private readonly sampleStack = new U32List();
  private readonly firstLabel = new U32List();
  private readonly labelKey = new U32List();
  private readonly labelText = new U32List();
  private readonly labelNumber: number[] = [];
  private readonly labelUnit = new U32List();
  private readonly stacks = new SequenceInterner();
  /** [mapping, address low, address high, folded, (function, line, column)…] */
  private readonly locations = new SequenceInterner();
  /** [name, system name, file, start line] */
  private readonly functions = new SequenceInterner();
  private readonly mappings: Mapping[] = [];
  private row: Uint32Array = new Uint32Array(64);

  constructor(
    private readonly runtime: ProfileRuntime,
    private readonly format: string,
    private readonly file: string,
    private readonly sampleTypes: readonly ValueType[],
  ) {}

  string(text: string): number {
    let index = this.stringIndex.get(text);
    if (index === undefined) {
      index = this.strings.push(text) - 1;
      this.stringIndex.set(text, index);
    }
    return index;
  }

  function(name: string, file: string = '', startLine: number = 0, systemName: string = name): number {
    const { row } = this;
    row[0] = this.string(name);
    row[1] = this.string(systemName);
    row[2] = this.string(file);
    row[3] = startLine;
    return this.functions.intern(row, 4);
  }

  mapping(mapping: Mapping): number {
    return this.mappings.push(mapping) - 1;
  }

  /** A place in one function. */
  location(
    fn: number,
    line: number = 0,
    column: number = 0,
    address: number | bigint = 0,
    mapping: number = NONE,
  ): number {
    this.startLocation(address, mapping);
    const { row } = this;
    row[3] = 0;
    row[4] = fn;
    row[5] = line;
    row[6] = column;
    return this.locations.intern(row, 7);
  }

  /** A place where calls were inlined: the innermost callee first. No lines at all: an address without symbols. */
  inlinedLocation(
    lines: readonly BuiltLine[],
    address: number | bigint = 0,
    mapping: number = NONE,
    folded: boolean = false,
  ): number {
    const length = 4 + lines.length * 3;
    if (length > this.row.length) this.row = new Uint32Array(length * 2);
    this.startLocation(address, mapping);
    this.row[3] = folded ? 1 : 0;
    let at = 4;
    for (const { function: fn, line, column } of lines) {
      this.row[at++] = fn;
      this.row[at++] = line ?? 0;
      this.row[at++] = column ?? 0;
    }
    return this.locations.intern(this.row, length);
  }

  private startLocation(address: number | bigint, mapping: number): void {
    const { row } = this;
    row[0] = mapping;
    if (typeof address === 'bigint') {
      row[1] = Number(address & 0xffffffffn);
      row[2] = Number((address >> 32n) & 0xffffffffn);
    } else {
      row[1] = address % 2 ** 32;
      row[2] = address / 2 ** 32;
    }
  }

  /** Locations, leaf first. */
  stack(locations: ArrayLike<number>, length: number = locations.length): number {
    if (locations instanceof Uint32Array) return this.stacks.intern(locations, length);
    if (length > this.row.length) this.row = new Uint32Array(length * 2);
    for (let at = 0; at < length; at++) this.row[at] = locations[at]!;
    return this.stacks.intern(this.row, length);
  }

  /** One value for each sample type. */
  sample(stack: number, values: ArrayLike<number>): number {
    this.sampleStack.push(stack);
    this.firstLabel.push(this.labelKey.length);
    for (let type = 0; type < this.sampleTypes.length; type++) this.values.push(values[type] ?? 0);
    return this.sampleCount++;
  }

  /** A label of the last sample. */
  textLabel(key: string, text: string): void {
    this.label(this.string(key), this.string(text), 0, 0);
  }

  /** A label of the last sample. */
  numberLabel(key: string, value: number, unit: string = ''): void {
    this.label(this.string(key), NUMERIC, value, this.string(unit));
  }

  /** A label of the last sample, with texts as `string` numbered them; `text` is `NUMERIC` for a number. */
  label(key: number, text: number, value: number, unit: number): void {
    this.labelKey.push(key);
    this.labelText.push(text);
    this.labelNumber.push(value);
    this.labelUnit.push(unit);
  }

  finish(facts: ProfileFacts = {}): StackProfile {
    this.firstLabel.push(this.labelKey.length);
    return {
      runtime: this.runtime,
      format: this.format,
      file: this.file,
      strings: this.strings,
      sampleTypes: this.sampleTypes,
      sampleCount: this.sampleCount,
      values: Float64Array.from(this.values),
      sampleStack: this.sampleStack.view().slice(),
      firstLabel: this.firstLabel.view().slice(),
      labels: {
        key: this.labelKey.view().slice(),
        text: this.labelText.view().slice(),
        number: Float64Array.from(this.labelNumber),
        unit: this.labelUnit.view().slice(),
      },
      stackCount: this.stacks.count,
      firstFrame: this.stacks.firsts(),
      stackLocation: this.stacks.all(),
      ...this.finishLocations(),
      functions: this.finishFunctions(),
      mappings: this.mappings,
      roundedValues: 0,
      periodType: null,
      period: 0,
      timeNanos: 0n,
      durationNanos: 0,
      dropFrames: '',
      keepFrames: '',
      comments: [],
      defaultSampleType: '',
      docUrl: '',
      figures: new Map(),
      warnings: [],
      ...facts,
    };
  }

  private finishLocations(): Pick<StackProfile, 'locations' | 'lines'> {
    const { count } = this.locations;
    const rows = this.locations.all();
    const firsts = this.locations.firsts();
    const lineCount = (rows.length - count * 4) / 3;
    const locations = {
      count,
      address: new BigUint64Array(count),
      mapping: new Uint32Array(count),
      firstLine: new Uint32Array(count + 1),
      folded: new Uint8Array(count),
    };
    const lines = {
      function: new Uint32Array(lineCount),
      line: new Float64Array(lineCount),
      column: new Float64Array(lineCount),
    };
    let line = 0;
    for (let location = 0; location < count; location++) {
      const from = firsts[location]!;
      locations.mapping[location] = rows[from]!;
      locations.address[location] = BigInt(rows[from + 1]!) | (BigInt(rows[from + 2]!) << 32n);
      locations.folded[location] = rows[from + 3]!;
      for (let at = from + 4; at < firsts[location + 1]!; at += 3) {
        lines.function[line] = rows[at]!;
        lines.line[line] = rows[at + 1]!;
        lines.column[line++] = rows[at + 2]!;
      }
      locations.firstLine[location + 1] = line;
    }
    return { locations, lines };
  }

  private finishFunctions(): StackProfile['functions'] {
    const { count } = this.functions;
    const rows = this.functions.all();
    const column = (offset: number): Uint32Array =>
      Uint32Array.from({ length: count }, (_, row) => rows[row * 4 + offset]!);
    return {
      count,
      name: column(0),
      systemName: column(1),
      file: column(2),
      startLine: Float64Array.from(column(3)),
    };
  }
}
