import { FormatError } from '../../base/errors.ts';

/** Wire types of Protocol Buffers (https://protobuf.dev/programming-guides/encoding/). */
export const VARINT = 0;
const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/**
 * Walks the bytes of a protobuf message. One cursor serves nested messages too: `end` is where the current one stops.
 * Nothing is copied and no object is made for a field.
 */
export class Cursor {
  at = 0;
  end: number;
  /** Integers past ±2^53 that had to be rounded to the nearest double. */
  rounded = 0;
  /** Halves of the varint read last. */
  low = 0;
  high = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly file: string,
  ) {
    this.end = bytes.length;
  }

  /** The next field's number and wire type as written; its number is `tag >>> 3`. */
  tag(): number {
    const start = this.at;
    const byte = this.bytes[this.at]!;
    if (byte < 0x80 && this.at < this.end) {
      this.at++;
      if (byte < 8) throw this.error(start, 'a field number from 1 up', '0');
      return byte;
    }
    this.varint();
    if (this.high !== 0 || this.low >>> 3 === 0)
      throw this.error(start, 'a field number below 2^29', 'another number');
    return this.low;
  }

  /** Reads 64 bits into `low` and `high`. */
  varint(): void {
    const { bytes, end } = this;
    let { at } = this;
    const start = at;
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end) throw this.error(start, 'a whole number', 'the end', end === bytes.length);
      const byte = bytes[at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) break;
      if (shift === 63) throw this.error(start, 'a whole number of at most 10 bytes', 'a longer one');
    }
    this.at = at;
    this.low = low >>> 0;
    this.high = high >>> 0;
  }

  /** A signed 64-bit number as a double: exact within ±2^53, else the nearest one, and counted. */
  int64(): number {
    const byte = this.bytes[this.at]!;
    if (byte < 0x80 && this.at < this.end) {
      this.at++;
      return byte;
    }
    this.varint();
    if (this.high === 0) return this.low;
    const value = (this.high | 0) * 2 ** 32 + this.low;
    if (!Number.isSafeInteger(value)) this.rounded++;
    return value;
  }

  /** An index or a count: below 2^32, else it cannot be right. */
  uint32(what: string): number {
    const start = this.at;
    const byte = this.bytes[start]!;
    if (byte < 0x80 && start < this.end) {
      this.at++;
      return byte;
    }
    this.varint();
    if (this.high !== 0) throw this.error(start, what, 'a number past 2^32');
    return this.low;
  }

  uint64(): bigint {
    this.varint();
    return this.high === 0 ? BigInt(this.low) : (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  int64Exact(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  /** Reads the length of a nested message, text or packed list; gives where it ends. */
  lengthEnd(): number {
    const start = this.at;
    this.varint();
    const stop = this.at + this.low;
    if (this.high !== 0 || stop > this.end) {
      throw this.error(
        start,
        `${this.high === 0 ? this.low : 'very many'} bytes`,
        `${this.end - this.at}`,
        this.end === this.bytes.length,
      );
    }
    return stop;
  }

  /** Passes over a field of a kind that is not known. */
  skip(wireType: number): void {
    const start = this.at;
    if (wireType === VARINT) this.varint();
    else if (wireType === LENGTH_DELIMITED) this.at = this.lengthEnd();
    else if (wireType === FIXED64 || wireType === FIXED32) {
      this.at += wireType === FIXED64 ? 8 : 4;
      if (this.at > this.end)
        throw this.error(start, 'a fixed number', 'the end', this.end === this.bytes.length);
    } else throw this.error(start, 'a field of wire type 0, 1, 2 or 5', `wire type ${wireType}`);
  }

  /** For fields that must have this wire type. */
  expect(tag: number, wireType: number, field: string): void {
    if ((tag & 7) !== wireType) {
      throw this.error(this.at, `${field} with wire type ${wireType}`, `wire type ${tag & 7}`);
    }
  }

  error(offset: number, expected: string, found: string, truncated: boolean = false): FormatError {
    return new FormatError({
      file: this.file,
      offset,
      expected,
      found,
      truncated,
      ...(truncated ? { hint: 'the profile was cut while it was written or copied; take it again' } : {}),
    });
  }
}
