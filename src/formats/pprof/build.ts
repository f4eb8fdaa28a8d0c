import { SequenceInterner } from '../../base/sequence-interner.ts';
import { type Mapping, NONE, NUMERIC, type StackProfile, type ValueType } from '../../model/stack-profile.ts';
import type { Cursor } from './cursor.ts';
import { IdTable, UNKNOWN_ROW } from './id-table.ts';
import type { RawProfile, RawValueType } from './raw-profile.ts';
import { runtimeOf } from './runtime.ts';
import { decodeStrings } from './string-table.ts';

/**
 * Resolves what a profile refers to by id and by index, and checks that it exists.
 *
 * @throws FormatError at the row that refers to what is not there
 */
export function build(raw: RawProfile, cursor: Cursor): StackProfile {
  const strings = decodeStrings(cursor, { start: raw.stringStart.view(), end: raw.stringEnd.view() });
  const checkText = (index: number, offset: number): number => {
    if (index < strings.length || index === 0) return index;
    throw cursor.error(offset, `a string table of more than ${index} entries`, `${strings.length}`);
  };
  const text = (index: number, offset: number): string => strings[checkText(index, offset)] ?? '';
  const valueType = ({ type, unit }: RawValueType): ValueType => ({
    type: text(type, 0),
    unit: text(unit, 0),
  });
  if (raw.sampleTypes.length === 0) {
    throw cursor.error(
      cursor.bytes.length,
      'sample types',
      'a profile without any',
      cursor.bytes.length === 0,
    );
  }

  const { mappings, mappingIds } = buildMappings(raw, cursor, text);
  const functions = buildFunctions(raw, cursor, checkText);
  const { locations, lines, locationIds } = buildLocations(raw, cursor, mappingIds, functions.ids);
  const stacks = buildStacks(raw, cursor, locationIds);
  checkLabels(raw, checkText);
  const profile = {
    format: 'pprof',
    file: cursor.file,
    strings: strings.length === 0 ? [''] : strings,
    sampleTypes: raw.sampleTypes.map(valueType),
    sampleCount: raw.sampleOffset.length,
    values: checkedValues(raw, cursor),
    roundedValues: cursor.rounded,
    firstLabel: withEnd(raw.firstLabel.view(), raw.labelKey.length),
    labels: {
      key: raw.labelKey.view().slice(),
      text: raw.labelText.view().slice(),
      number: raw.labelNumber.view().slice(),
      unit: raw.labelUnit.view().slice(),
    },
    ...stacks,
    locations,
    lines,
    functions: functions.rows,
    mappings,
    periodType: raw.periodType === null ? null : valueType(raw.periodType),
    period: raw.period,
    timeNanos: raw.timeNanos,
    durationNanos: raw.durationNanos,
    dropFrames: text(raw.dropFrames, 0),
    keepFrames: text(raw.keepFrames, 0),
    comments: Array.from(raw.comments.view(), (index) => text(index, 0)),
    defaultSampleType: text(raw.defaultSampleType, 0),
    docUrl: text(raw.docUrl, 0),
    figures: new Map<string, number>(),
    warnings: [],
  };
  return { runtime: runtimeOf(profile), ...profile };
}

type TextOf = (index: number, offset: number) => string;
type CheckText = (index: number, offset: number) => number;

function withEnd(firsts: Uint32Array, end: number): Uint32Array {
  const all = new Uint32Array(firsts.length + 1);
  all.set(firsts);
  all[firsts.length] = end;
  return all;
}

/** The rows by their ids; each has one of its own, and none is 0. */
function checkedIds(keys: Uint32Array, offsets: ArrayLike<number>, cursor: Cursor, what: string): IdTable {
  const ids = new IdTable(keys);
  if (ids.duplicate !== null)
    throw cursor.error(offsets[ids.duplicate]!, `a ${what} with an id of its own`, 'one twice');
  const reserved = ids.rowOf(0);
  if (reserved !== UNKNOWN_ROW) throw cursor.error(offsets[reserved]!, `a ${what} with an id`, 'one without');
  return ids;
}

function buildMappings(
  raw: RawProfile,
  cursor: Cursor,
  text: TextOf,
): { mappings: Mapping[]; mappingIds: IdTable } {
  const keys = Uint32Array.from(raw.mappings, ({ id }) => id);
  const offsets = raw.mappings.map(({ offset }) => offset);
  const mappings = raw.mappings.map(
    (mapping): Mapping => ({
      start: mapping.start,
      limit: mapping.limit,
      offset: mapping.fileOffset,
      file: text(mapping.file, mapping.offset),
      buildId: text(mapping.buildId, mapping.offset),
      hasFunctions: mapping.has[0],
      hasFilenames: mapping.has[1],
      hasLineNumbers: mapping.has[2],
      hasInlineFrames: mapping.has[3],
    }),
  );
  return { mappings, mappingIds: checkedIds(keys, offsets, cursor, 'mapping') };
}

function buildFunctions(
  raw: RawProfile,
  cursor: Cursor,
  checkText: CheckText,
): { rows: StackProfile['functions']; ids: IdTable } {
  const offsets = raw.functionOffset.view();
  const ids = checkedIds(raw.functionId.view(), offsets, cursor, 'function');
  const rows = {
    count: offsets.length,
    name: raw.functionName.view().slice(),
    systemName: raw.functionSystemName.view().slice(),
    file: raw.functionFile.view().slice(),
    startLine: raw.functionStartLine.view().slice(),
  };
  for (let row = 0; row < rows.count; row++) {
    checkText(rows.name[row]!, offsets[row]!);
    checkText(rows.systemName[row]!, offsets[row]!);
    checkText(rows.file[row]!, offsets[row]!);
  }
  return { rows, ids };
}

function buildLocations(
  raw: RawProfile,
  cursor: Cursor,
  mappingIds: IdTable,
  functionIds: IdTable,
): Pick<StackProfile, 'locations' | 'lines'> & { locationIds: IdTable } {
  const offsets = raw.locationOffset.view();
  const count = offsets.length;
  const locationIds = checkedIds(raw.locationId.view(), offsets, cursor, 'location');
  const halves = new Uint32Array(count * 2);
  const mapping = new Uint32Array(count);
  const [low, high, mappingKey] = [raw.addressLow.view(), raw.addressHigh.view(), raw.locationMapping.view()];
  for (let row = 0; row < count; row++) {
    halves[row * 2] = low[row]!;
    halves[row * 2 + 1] = high[row]!;
    // As pprof does: a mapping that is not there is no mapping.
    mapping[row] = mappingIds.rowOf(mappingKey[row]!);
  }
  const firstLine = withEnd(raw.firstLine.view(), raw.lineNumber.length);
  const fn = new Uint32Array(raw.lineNumber.length);
  const keys = raw.lineFunction.view();
  for (let row = 0; row < count; row++) {
    for (let line = firstLine[row]!; line < firstLine[row + 1]!; line++) {
      const key = keys[line]!;
      const found = key === 0 ? NONE : functionIds.rowOf(key);
      if (found === NONE && key !== 0)
        throw cursor.error(offsets[row]!, 'a line in a function of the profile', 'an unknown one');
      fn[line] = found;
    }
  }
  return {
    locationIds,
    locations: {
      count,
      address: addresses(halves),
      mapping,
      firstLine,
      folded: Uint8Array.from(raw.folded.view()),
    },
    lines: { function: fn, line: raw.lineNumber.view().slice(), column: raw.lineColumn.view().slice() },
  };
}

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function addresses(halves: Uint32Array): BigUint64Array {
  if (LITTLE_ENDIAN) return new BigUint64Array(halves.buffer);
  return BigUint64Array.from(
    { length: halves.length / 2 },
    (_, row) => (BigInt(halves[row * 2 + 1]!) << 32n) | BigInt(halves[row * 2]!),
  );
}

function buildStacks(
  raw: RawProfile,
  cursor: Cursor,
  locationIds: IdTable,
): Pick<StackProfile, 'stackCount' | 'firstFrame' | 'stackLocation' | 'sampleStack'> {
  const offsets = raw.sampleOffset.view();
  const firsts = withEnd(raw.firstFrame.view(), raw.frameCount);
  const frames = raw.frameId;
  const { dense } = locationIds;
  for (let frame = 0; frame < raw.frameCount; frame++) {
    const key = frames[frame]!;
    const location = key < dense.length ? dense[key]! : locationIds.rowOf(key);
    if (location === UNKNOWN_ROW) {
      const sample = firsts.findIndex((first) => first > frame) - 1;
      throw cursor.error(offsets[sample]!, 'a sample of locations of the profile', 'an unknown one');
    }
    frames[frame] = location;
  }
  const stacks = new SequenceInterner(raw.frameCount);
  const sampleStack = new Uint32Array(offsets.length);
  for (let sample = 0; sample < offsets.length; sample++) {
    const from = firsts[sample]!;
    sampleStack[sample] = stacks.intern(frames, firsts[sample + 1]! - from, from);
  }
  return { stackCount: stacks.count, firstFrame: stacks.firsts(), stackLocation: stacks.all(), sampleStack };
}

function checkedValues(raw: RawProfile, cursor: Cursor): Float64Array {
  const width = raw.sampleTypes.length;
  const firsts = withEnd(raw.firstValue.view(), raw.values.length);
  for (let sample = 0; sample + 1 < firsts.length; sample++) {
    const count = firsts[sample + 1]! - firsts[sample]!;
    if (count !== width)
      throw cursor.error(raw.sampleOffset.view()[sample]!, `a sample of ${width} values`, `${count}`);
  }
  return raw.values.view().slice();
}

function checkLabels(raw: RawProfile, checkText: CheckText): void {
  const [keys, texts, units] = [raw.labelKey.view(), raw.labelText.view(), raw.labelUnit.view()];
  const firsts = withEnd(raw.firstLabel.view(), keys.length);
  const offsets = raw.sampleOffset.view();
  for (let sample = 0; sample < offsets.length; sample++) {
    for (let label = firsts[sample]!; label < firsts[sample + 1]!; label++) {
      checkText(keys[label]!, offsets[sample]!);
      checkText(units[label]!, offsets[sample]!);
      if (texts[label] !== NUMERIC) checkText(texts[label]!, offsets[sample]!);
    }
  }
}
