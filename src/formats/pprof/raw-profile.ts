import { F64List } from '../../base/f64-list.ts';
import { U32List } from '../../base/growable.ts';
import { IdKeys } from './id-table.ts';

/** A value type as read; both index the string table. */
export interface RawValueType {
  type: number;
  unit: number;
}

export interface RawMapping {
  offset: number;
  id: number;
  start: bigint;
  limit: bigint;
  fileOffset: bigint;
  file: number;
  buildId: number;
  has: [boolean, boolean, boolean, boolean];
}

/** The fields of a profile as they came: references are not resolved yet. */
export class RawProfile {
  readonly ids: IdKeys = new IdKeys();
  readonly sampleTypes: RawValueType[] = [];
  periodType: RawValueType | null = null;
  readonly comments: U32List = new U32List();
  dropFrames = 0;
  keepFrames = 0;
  defaultSampleType = 0;
  docUrl = 0;
  timeNanos = 0n;
  durationNanos = 0;
  period = 0;

  /** Byte offset of each row, for messages about what it refers to. */
  readonly sampleOffset: U32List = new U32List();
  readonly firstFrame: U32List = new U32List();
  /** Filled up to `frameCount`. */
  frameId: Uint32Array;
  frameCount = 0;
  readonly firstValue: U32List = new U32List();
  readonly values: F64List = new F64List();
  readonly firstLabel: U32List = new U32List();
  readonly labelKey: U32List = new U32List();
  readonly labelText: U32List = new U32List();
  readonly labelNumber: F64List = new F64List();
  readonly labelUnit: U32List = new U32List();

  readonly mappings: RawMapping[] = [];

  readonly locationOffset: U32List = new U32List();
  readonly locationId: U32List = new U32List();
  readonly locationMapping: U32List = new U32List();
  readonly addressLow: U32List = new U32List();
  readonly addressHigh: U32List = new U32List();
  readonly folded: U32List = new U32List();
  readonly firstLine: U32List = new U32List();
  readonly lineFunction: U32List = new U32List();
  readonly lineNumber: F64List = new F64List();
  readonly lineColumn: F64List = new F64List();

  readonly functionOffset: U32List = new U32List();
  readonly functionId: U32List = new U32List();
  readonly functionName: U32List = new U32List();
  readonly functionSystemName: U32List = new U32List();
  readonly functionFile: U32List = new U32List();
  readonly functionStartLine: F64List = new F64List();

  readonly stringStart: U32List = new U32List();
  readonly stringEnd: U32List = new U32List();

  /** @param sizeBytes of the whole profile */
  constructor(sizeBytes: number) {
    // A frame takes two or three bytes, and not all of the file is frames.
    this.frameId = new Uint32Array(sizeBytes >>> 2);
  }
}
