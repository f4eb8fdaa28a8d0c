import { grownU32 } from '../../base/growable.ts';
import type { StringTable } from '../../model/string-table.ts';
import { type Input, invalid, isSpace, type Section } from './input.ts';
import { LazyStrings, STRINGS_PER_BASE } from './lazy-strings.ts';
import { KeptBytes, pagedReader, type ReadBytes } from './string-bytes.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const CLOSE = 0x5d;
/** Most strings are short; the built-in search is faster for the rest of long ones only. */
const NEAR_BYTES = 48;

/**
 * The JSON array of strings. Only the offset of each string is kept; the bytes stay in the source when that can be
 * read at any place, else in pages in memory. No string of the file is decoded here.
 */
export class StringSection implements Section {
  done = false;
  length = 0;
  /** Offset of the bracket that ends the section, once it is done. */
  endsAt = 0;
  private starts: Uint32Array = new Uint32Array(1024);
  /** Absolute offset of every 256th string, so that starts fit 32 bits in files of any size. */
  private readonly bases: number[] = [];
  private lastQuote = 0;
  private inside = false;
  /** The last chunk ended inside a string, behind an odd number of backslashes. */
  private escaped = false;
  private awaited: 'first' | 'string' | 'comma' = 'first';
  private readonly kept: KeptBytes | null;

  constructor(
    private readonly input: Input,
    private readonly readAt: ReadBytes | null,
  ) {
    this.kept = readAt ? null : new KeptBytes();
  }

  feed(chunk: Uint8Array, from: number): number {
    let next = chunk.length;
    try {
      next = this.scan(chunk, from);
    } finally {
      // Damage further on leaves the strings before it readable.
      this.kept?.add(chunk.subarray(from, next), this.input.chunkOffset + from);
    }
    return next;
  }

  private scan(chunk: Uint8Array, from: number): number {
    const end = chunk.length;
    let at = this.inside ? this.passString(chunk, from) : from;
    while (at < end) {
      const byte = chunk[at]!;
      if (byte === QUOTE && this.awaited !== 'comma') {
        this.begin(at + 1);
        at = this.passString(chunk, at + 1);
      } else if (byte === COMMA && this.awaited === 'comma') {
        this.awaited = 'string';
        at++;
      } else if (byte === CLOSE && this.awaited !== 'string') {
        this.endsAt = this.input.chunkOffset + at;
        this.done = true;
        return at + 1;
      } else if (isSpace(byte)) {
        at++;
      } else {
        const expected = this.awaited === 'comma' ? "',' or ']'" : 'a string';
        throw invalid(this.input, at, `${expected} in "strings"`, byte);
      }
    }
    return at;
  }

  /** Index behind the closing quote, or the chunk's end. */
  private passString(chunk: Uint8Array, from: number): number {
    const end = chunk.length;
    let at = from;
    for (;;) {
      const near = Math.min(end, at + NEAR_BYTES);
      while (at < near && chunk[at] !== QUOTE) at++;
      if (at === near && at < end) {
        const found = chunk.indexOf(QUOTE, at);
        at = found < 0 ? end : found;
      }
      const escaped = this.isEscaped(chunk, from, at);
      if (at === end) {
        this.inside = true;
        this.escaped = escaped;
        return end;
      }
      if (!escaped) break;
      at++;
    }
    this.inside = false;
    this.escaped = false;
    this.awaited = 'comma';
    this.lastQuote = this.input.chunkOffset + at;
    return at + 1;
  }

  /** Whether an odd number of backslashes stands before `at`, in the string whose part here begins at `from`. */
  private isEscaped(chunk: Uint8Array, from: number, at: number): boolean {
    let before = at;
    while (before > from && chunk[before - 1] === BACKSLASH) before--;
    const odd = ((at - before) & 1) === 1;
    return before === from ? odd !== this.escaped : odd;
  }

  private begin(at: number): void {
    const offset = this.input.chunkOffset + at;
    const index = this.length;
    if (index % STRINGS_PER_BASE === 0) this.bases.push(offset);
    const delta = offset - this.bases[this.bases.length - 1]!;
    if (delta > 0xffffffff) {
      throw invalid(this.input, at, `${STRINGS_PER_BASE} strings in less than 4 GB of "strings"`);
    }
    this.starts = grownU32(this.starts, index + 1, 0);
    this.starts[index] = delta;
    this.length++;
  }

  /** The table over what was read; call it when the section is done or the input has ended. */
  table(): StringTable {
    const { kept, readAt } = this;
    return new LazyStrings({
      // A string that was cut off has no end and is left out.
      length: this.inside ? this.length - 1 : this.length,
      starts: this.starts.slice(0, this.length),
      bases: this.bases,
      lastQuote: this.lastQuote,
      read: kept ? (offset, length) => kept.read(offset, length) : pagedReader(readAt!),
    });
  }
}
