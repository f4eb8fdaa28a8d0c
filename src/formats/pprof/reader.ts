import { grownU32 } from '../../base/growable.ts';
import { NUMERIC } from '../../model/stack-profile.ts';
import { type Cursor, LENGTH_DELIMITED, VARINT } from './cursor.ts';
import { type RawMapping, RawProfile, type RawValueType } from './raw-profile.ts';

/*
 * profile.proto, https://github.com/google/pprof/blob/main/proto/profile.proto:
 *
 * Profile   1 sample_type*  2 sample*  3 mapping*  4 location*  5 function*  6 string_table*  7 drop_frames  8 keep_frames
 *           9 time_nanos  10 duration_nanos  11 period_type  12 period  13 comment*  14 default_sample_type  15 doc_url
 * ValueType 1 type  2 unit
 * Sample    1 location_id* (leaf first)  2 value*  3 label*
 * Label     1 key  2 str  3 num  4 num_unit
 * Mapping   1 id  2 memory_start  3 memory_limit  4 file_offset  5 filename  6 build_id  7…10 has_functions, _filenames, _line_numbers,
 *           _inline_frames
 * Location  1 id  2 mapping_id  3 address  4 line* (innermost inlined call first)  5 is_folded
 * Line      1 function_id  2 line  3 column
 * Function  1 id  2 name  3 system_name  4 filename  5 start_line
 *
 * All texts are indexes into string_table. Anything may come before what it refers to, so references are kept as they are written
 * and resolved in `build.ts`.
 */

const INDEX = 'an index into the string table';

/** Takes the fields of a profile in, as they come. */
export class ProfileReader extends RawProfile {
  constructor(private readonly cursor: Cursor) {
    super(cursor.bytes.length);
  }

  /** Reads every field of the profile. */
  readAll(): void {
    const { cursor } = this;
    while (cursor.at < cursor.end) {
      const start = cursor.at;
      const tag = cursor.tag();
      switch (tag) {
        case 0x0a:
          this.sampleTypes.push(this.valueType());
          break;
        case 0x12:
          this.sample(start);
          break;
        case 0x1a:
          this.mapping(start);
          break;
        case 0x22:
          this.location(start);
          break;
        case 0x2a:
          this.function(start);
          break;
        case 0x32:
          this.string(start);
          break;
        case 0x5a:
          this.periodType = this.valueType();
          break;
        default:
          this.scalar(tag, start);
      }
    }
  }

  private scalar(tag: number, start: number): void {
    const { cursor } = this;
    const field = tag >>> 3;
    if (field > 15) {
      cursor.skip(tag & 7);
      return;
    }
    if (field === 13 && (tag & 7) === LENGTH_DELIMITED) {
      this.packedComments();
      return;
    }
    cursor.expect(tag, field < 7 || field === 11 ? LENGTH_DELIMITED : VARINT, `field ${field} of a profile`);
    if (field === 7) this.dropFrames = cursor.uint32(INDEX);
    else if (field === 8) this.keepFrames = cursor.uint32(INDEX);
    else if (field === 9) this.time(start);
    else if (field === 10) this.durationNanos = cursor.int64();
    else if (field === 12) this.period = cursor.int64();
    else if (field === 13) this.comments.push(cursor.uint32(INDEX));
    else if (field === 14) this.defaultSampleType = cursor.uint32(INDEX);
    else this.docUrl = cursor.uint32(INDEX);
  }

  private time(start: number): void {
    if (this.timeNanos !== 0n) {
      throw this.cursor.error(
        start,
        'one profile',
        'a second time_nanos: profiles were put one after the other',
      );
    }
    this.timeNanos = this.cursor.int64Exact();
  }

  private packedComments(): void {
    const { cursor } = this;
    for (const stop = cursor.lengthEnd(); cursor.at < stop; ) this.comments.push(cursor.uint32(INDEX));
  }

  private string(start: number): void {
    const { cursor } = this;
    const stop = cursor.lengthEnd();
    if (this.stringStart.length === 0 && stop !== cursor.at) {
      throw cursor.error(start, 'the empty string as the first one', `${stop - cursor.at} bytes`);
    }
    this.stringStart.push(cursor.at);
    this.stringEnd.push(stop);
    cursor.at = stop;
  }

  private valueType(): RawValueType {
    const { cursor } = this;
    const outer = cursor.end;
    const stop = cursor.lengthEnd();
    cursor.end = stop;
    const read = { type: 0, unit: 0 };
    while (cursor.at < stop) {
      const tag = cursor.tag();
      if (tag === 0x08) read.type = cursor.uint32(INDEX);
      else if (tag === 0x10) read.unit = cursor.uint32(INDEX);
      else this.other(tag, 2, 'a value type');
    }
    cursor.end = outer;
    return read;
  }

  private sample(start: number): void {
    const { cursor, values } = this;
    this.sampleOffset.push(start);
    this.firstFrame.push(this.frameCount);
    this.firstValue.push(values.length);
    this.firstLabel.push(this.labelKey.length);
    const outer = cursor.end;
    const stop = cursor.lengthEnd();
    cursor.end = stop;
    while (cursor.at < stop) {
      const tag = cursor.tag();
      if (tag === 0x0a) {
        this.packedFrames();
      } else if (tag === 0x12) {
        const packedEnd = cursor.lengthEnd();
        cursor.end = packedEnd;
        while (cursor.at < packedEnd) values.push(cursor.int64());
        cursor.end = stop;
      } else if (tag === 0x1a) this.label();
      else if (tag === 0x08) {
        this.frameId = grownU32(this.frameId, this.frameCount + 1, 0);
        this.frameId[this.frameCount++] = this.id();
      } else if (tag === 0x10) values.push(cursor.int64());
      else this.other(tag, 3, 'a sample');
    }
    cursor.end = outer;
  }

  /** The hottest loop of all: profiles are mostly ids of frames. */
  private packedFrames(): void {
    const { cursor } = this;
    const { bytes } = cursor;
    const outer = cursor.end;
    const stop = cursor.lengthEnd();
    this.frameId = grownU32(this.frameId, this.frameCount + stop - cursor.at, 0);
    const { frameId } = this;
    let count = this.frameCount;
    let { at } = cursor;
    // Up to three bytes hold ids below 2^21; the rest of the list must have room for them.
    while (at + 2 < stop) {
      const first = bytes[at]!;
      if (first < 0x80) {
        frameId[count++] = first;
        at++;
        continue;
      }
      const second = bytes[at + 1]!;
      if (second < 0x80) {
        frameId[count++] = (first & 0x7f) | (second << 7);
        at += 2;
        continue;
      }
      const third = bytes[at + 2]!;
      if (third < 0x80) {
        frameId[count++] = (first & 0x7f) | ((second & 0x7f) << 7) | (third << 14);
        at += 3;
        continue;
      }
      cursor.at = at;
      cursor.end = stop;
      frameId[count++] = this.id();
      ({ at } = cursor);
    }
    cursor.at = at;
    cursor.end = stop;
    while (cursor.at < stop) frameId[count++] = this.id();
    cursor.end = outer;
    this.frameCount = count;
  }

  private label(): void {
    const { cursor } = this;
    const outer = cursor.end;
    const stop = cursor.lengthEnd();
    cursor.end = stop;
    let key = 0;
    let text = 0;
    let value = 0;
    let unit = 0;
    while (cursor.at < stop) {
      const tag = cursor.tag();
      if (tag === 0x08) key = cursor.uint32(INDEX);
      else if (tag === 0x10) text = cursor.uint32(INDEX);
      else if (tag === 0x18) value = cursor.int64();
      else if (tag === 0x20) unit = cursor.uint32(INDEX);
      else this.other(tag, 4, 'a label');
    }
    cursor.end = outer;
    this.labelKey.push(key);
    this.labelText.push(text === 0 ? NUMERIC : text);
    this.labelNumber.push(value);
    this.labelUnit.push(unit);
  }

  private mapping(start: number): void {
    const { cursor } = this;
    const outer = cursor.end;
    const stop = cursor.lengthEnd();
    cursor.end = stop;
    const read: RawMapping = {
      offset: start,
      id: 0,
      start: 0n,
      limit: 0n,
      fileOffset: 0n,
      file: 0,
      buildId: 0,
      has: [false, false, false, false],
    };
    while (cursor.at < stop) {
      const tag = cursor.tag();
      const field = tag >>> 3;
      if (field > 10) {
        cursor.skip(tag & 7);
        continue;
      }
      cursor.expect(tag, VARINT, `field ${field} of a mapping`);
      if (field === 1) read.id = this.id();
      else if (field === 2) read.start = cursor.uint64();
      else if (field === 3) read.limit = cursor.uint64();
      else if (field === 4) read.fileOffset = cursor.uint64();
      else if (field === 5) read.file = cursor.uint32(INDEX);
      else if (field === 6) read.buildId = cursor.uint32(INDEX);
      else {
        cursor.varint();
        read.has[field - 7] = (cursor.low | cursor.high) !== 0;
      }
    }
    cursor.end = outer;
    this.mappings.push(read);
  }

  private location(start: number): void {
    const { cursor } = this;
    this.locationOffset.push(start);
    this.firstLine.push(this.lineNumber.length);
    const outer = cursor.end;
    const stop = cursor.lengthEnd();
    cursor.end = stop;
    let id = 0;
    let mapping = 0;
    let low = 0;
    let high = 0;
    let folded = 0;
    while (cursor.at < stop) {
      const tag = cursor.tag();
      if (tag === 0x08) id = this.id();
      else if (tag === 0x10) mapping = this.id();
      else if (tag === 0x18) {
        cursor.varint();
        ({ low, high } = cursor);
      } else if (tag === 0x22) this.line();
      else if (tag === 0x28) {
        cursor.varint();
        folded = (cursor.low | cursor.high) === 0 ? 0 : 1;
      } else this.other(tag, 5, 'a location');
    }
    cursor.end = outer;
    this.locationId.push(id);
    this.locationMapping.push(mapping);
    this.addressLow.push(low);
    this.addressHigh.push(high);
    this.folded.push(folded);
  }

  private line(): void {
    const { cursor } = this;
    const outer = cursor.end;
    const stop = cursor.lengthEnd();
    cursor.end = stop;
    let fn = 0;
    let line = 0;
    let column = 0;
    while (cursor.at < stop) {
      const tag = cursor.tag();
      if (tag === 0x08) fn = this.id();
      else if (tag === 0x10) line = cursor.int64();
      else if (tag === 0x18) column = cursor.int64();
      else this.other(tag, 3, 'a line');
    }
    cursor.end = outer;
    this.lineFunction.push(fn);
    this.lineNumber.push(line);
    this.lineColumn.push(column);
  }

  private function(start: number): void {
    const { cursor } = this;
    this.functionOffset.push(start);
    const outer = cursor.end;
    const stop = cursor.lengthEnd();
    cursor.end = stop;
    let id = 0;
    let name = 0;
    let systemName = 0;
    let file = 0;
    let startLine = 0;
    while (cursor.at < stop) {
      const tag = cursor.tag();
      if (tag === 0x08) id = this.id();
      else if (tag === 0x10) name = cursor.uint32(INDEX);
      else if (tag === 0x18) systemName = cursor.uint32(INDEX);
      else if (tag === 0x20) file = cursor.uint32(INDEX);
      else if (tag === 0x28) startLine = cursor.int64();
      else this.other(tag, 5, 'a function');
    }
    cursor.end = outer;
    this.functionId.push(id);
    this.functionName.push(name);
    this.functionSystemName.push(systemName);
    this.functionFile.push(file);
    this.functionStartLine.push(startLine);
  }

  private id(): number {
    const { cursor } = this;
    const byte = cursor.bytes[cursor.at]!;
    if (byte < 0x80 && cursor.at < cursor.end) {
      cursor.at++;
      return byte;
    }
    cursor.varint();
    return this.ids.keyOf(cursor.low, cursor.high);
  }

  /** A field that the caller does not take: unknown ones are passed over, a known one has the wrong wire type. */
  private other(tag: number, lastKnown: number, where: string): void {
    const { cursor } = this;
    if (tag >>> 3 <= lastKnown) {
      throw cursor.error(cursor.at, `field ${tag >>> 3} of ${where}`, `it with wire type ${tag & 7}`);
    }
    cursor.skip(tag & 7);
  }
}
