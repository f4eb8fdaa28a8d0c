import type { LineParser } from './line-parser.ts';
import type { DumpRecords } from './records.ts';
import { LOOK_AHEAD_BYTES } from './words.ts';

const LINE_END = 0x0a;

/** Puts chunks together to lines of any length, feeds the parser and counts what is wrong with the lines. */
export class LineReader {
  /** Lines that are no records and were left out. */
  malformed = 0;
  /** Records that were saved although their line was broken by an unescaped path. */
  repaired = 0;
  good = 0;
  /** Offset of the first malformed line. */
  firstMalformed = -1;
  /** Bytes fed so far. */
  offset = 0;

  /** Begins with a line; the parser may look beyond the last one. */
  private buffer: Uint8Array = new Uint8Array(1 << 12);
  private filled = 0;

  constructor(
    private readonly parser: LineParser,
    private readonly records: DumpRecords,
  ) {
    parser.readFrom(this.buffer);
  }

  feed(chunk: Uint8Array): void {
    const lineEnd = chunk.lastIndexOf(LINE_END);
    const limit = lineEnd < 0 ? 0 : this.filled + lineEnd + 1;
    this.keep(chunk);
    this.offset += chunk.length;
    if (limit === 0) return;
    this.lines(limit);
    this.buffer.copyWithin(0, limit, this.filled);
    this.filled -= limit;
  }

  /** Takes what stands behind the last line end. Returns the offset of a line that is cut in two, -1 when there is none. */
  finish(): number {
    if (isBlank(this.buffer, 0, this.filled)) return -1;
    const start = this.offset - this.filled;
    this.keep(Uint8Array.of(LINE_END));
    const { endless } = this.parser;
    this.parser.parse(0, this.filled, start);
    if (this.parser.outcome === 'good') {
      this.good++;
      return -1;
    }
    if (this.parser.outcome === 'repaired') this.repaired++;
    else this.parser.takeRest(endless, 0);
    return start;
  }

  private lines(limit: number): void {
    const { parser, buffer, records } = this;
    const start = this.offset - this.filled;
    for (let at = 0; at < limit; ) {
      const { endless } = parser;
      records.readBytes = start + at;
      const next = parser.parse(at, limit, start + at);
      if (parser.outcome === 'good') {
        this.good++;
        at = next;
        continue;
      }
      const end = buffer.indexOf(LINE_END, at);
      if (parser.outcome === 'repaired') {
        this.repaired++;
      } else if (!parser.takeRest(endless, at) && !isBlank(buffer, at, end)) {
        this.malformed++;
        if (this.firstMalformed < 0) this.firstMalformed = start + at;
      }
      at = end + 1;
    }
  }

  private keep(bytes: Uint8Array): void {
    const needed = this.filled + bytes.length + LOOK_AHEAD_BYTES;
    if (needed > this.buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2));
      grown.set(this.buffer.subarray(0, this.filled));
      this.buffer = grown;
      this.parser.readFrom(grown);
    }
    this.buffer.set(bytes, this.filled);
    this.filled += bytes.length;
  }
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! > 0x20) return false;
  return true;
}
