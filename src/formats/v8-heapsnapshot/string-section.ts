import type { StringTable } from '../../model/string-table.ts';
import { type Input, invalid, isSpace, type Section } from './input.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const CLOSE = 0x5d;
const STRINGS_PER_BASE = 256;
const PAGE_BYTES = 1 << 16;
const CACHED_PAGES = 64;

/**
 * The JSON array of strings. Only the offset of each string is kept; the bytes stay in the source when that can be
 * read at any place, else in chunks in memory. No string of the file is decoded here.
 */
export class StringSection implements Section {
  done = false;
  length = 0;
  private starts = new Uint32Array(1024);
  /** Absolute offset of every 256th string, so that starts fit 32 bits in files of any size. */
  private bases: number[] = [];
  private endOffset = 0;
  private inside = false;
  private escaped = false;
  private awaitsComma = false;
  private readonly kept: KeptBytes | null;

  constructor(
    private readonly input: Input,
    private readonly readAt: ((offset: number, length: number) => Uint8Array) | null,
  ) {
    this.kept = readAt ? null : new KeptBytes();
  }

  feed(chunk: Uint8Array, from: number): number {
    const next = this.scan(chunk, from);
    this.kept?.add(chunk.subarray(from, next), this.input.chunkOffset + from);
    return next;
  }

  private scan(chunk: Uint8Array, from: number): number {
    const end = chunk.length;
    let at = from;
    while (at < end) {
      if (this.inside) {
        if (this.escaped) {
          this.escaped = false;
          at++;
          continue;
        }
        while (at < end && chunk[at] !== QUOTE && chunk[at] !== BACKSLASH) at++;
        if (at === end) break;
        if (chunk[at] === BACKSLASH) {
          this.escaped = true;
        } else {
          this.inside = false;
          this.awaitsComma = true;
          this.endOffset = this.input.chunkOffset + at;
        }
        at++;
        continue;
      }
      const byte = chunk[at]!;
      if (byte === QUOTE && !this.awaitsComma) {
        this.begin(this.input.chunkOffset + at + 1);
        this.inside = true;
      } else if (byte === COMMA && this.awaitsComma) {
        this.awaitsComma = false;
      } else if (byte === CLOSE && (this.awaitsComma || this.length === 0)) {
        this.done = true;
        return at + 1;
      } else if (!isSpace(byte)) {
        throw invalid(this.input, at, this.awaitsComma ? "',' or ']' in \"strings\"" : 'a string in "strings"', byte);
      }
      at++;
    }
    return at;
  }

  private begin(offset: number): void {
    const index = this.length++;
    if (index % STRINGS_PER_BASE === 0) this.bases.push(offset);
    if (index === this.starts.length) {
      const grown = new Uint32Array(index * 2);
      grown.set(this.starts);
      this.starts = grown;
    }
    const delta = offset - this.bases[this.bases.length - 1]!;
    if (delta > 0xffffffff) throw invalid(this.input, 0, '256 strings in less than 4 GB of "strings"');
    this.starts[index] = delta;
  }

  /** The table over what was read; call it when the section is done or the input has ended. */
  table(): StringTable {
    const { kept } = this;
    // A string that was cut off has no end and is left out.
    const length = this.inside ? this.length - 1 : this.length;
    const read = kept ? (offset: number, bytes: number) => kept.read(offset, bytes) : pagedReader(this.readAt!);
    return new LazyStrings(length, this.starts.slice(0, this.length), this.bases, this.endOffset, read);
  }
}

type Read = (offset: number, length: number) => Uint8Array;

class LazyStrings implements StringTable {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(
    readonly length: number,
    private readonly starts: Uint32Array,
    private readonly bases: readonly number[],
    private readonly endOffset: number,
    private readonly read: Read,
  ) {}

  get(index: number): string {
    if (index < 0 || index >= this.length) return '(lost string)';
    const start = this.startOf(index);
    const raw = this.read(start, this.limitOf(index) - start);
    return this.decode(raw, closingQuote(raw));
  }

  head(index: number, maxChars: number): string {
    if (index < 0 || index >= this.length) return '(lost string)';
    const start = this.startOf(index);
    const bytes = this.limitOf(index) - start;
    // An escaped character takes at most six bytes.
    if (bytes <= maxChars * 6 + 8) return this.get(index).slice(0, maxChars);
    const raw = this.read(start, maxChars * 6);
    return this.decode(raw, cutBeforeEscape(raw)).slice(0, maxChars);
  }

  writtenBytes(index: number): number {
    return index < 0 || index >= this.length ? 0 : this.limitOf(index) - this.startOf(index);
  }

  private startOf(index: number): number {
    return this.bases[Math.floor(index / STRINGS_PER_BASE)]! + this.starts[index]!;
  }

  /** Offset behind the closing quote: the exact one for the last string, the next opening quote for the others. */
  private limitOf(index: number): number {
    return index + 1 < this.starts.length ? this.startOf(index + 1) - 1 : this.endOffset + 1;
  }

  private decode(raw: Uint8Array, length: number): string {
    const bytes = raw.subarray(0, length);
    let plain = true;
    for (let i = 0; i < length; i++) {
      const byte = bytes[i]!;
      if (byte === BACKSLASH || byte > 0x7e || byte < 0x20) {
        plain = false;
        break;
      }
    }
    const text = this.decoder.decode(bytes);
    if (plain) return text;
    try {
      return JSON.parse(`"${text}"`) as string;
    } catch {
      return text;
    }
  }
}

/** Length of the string's bytes within `raw`, which ends somewhere behind the closing quote. */
function closingQuote(raw: Uint8Array): number {
  let end = raw.length;
  while (end > 0 && raw[end - 1] !== QUOTE) end--;
  return Math.max(0, end - 1);
}

/** Longest length that does not cut an escape sequence or a UTF-8 sequence in two. */
function cutBeforeEscape(raw: Uint8Array): number {
  let at = 0;
  let safe = 0;
  while (at < raw.length) {
    const byte = raw[at]!;
    let width = 1;
    if (byte === BACKSLASH) width = raw[at + 1] === 0x75 ? 6 : 2;
    else if (byte >= 0xf0) width = 4;
    else if (byte >= 0xe0) width = 3;
    else if (byte >= 0xc0) width = 2;
    at += width;
    if (at <= raw.length) safe = at;
  }
  return safe;
}

/** Small reads at random places of a file come in runs: pages save most of the system calls. */
function pagedReader(readAt: Read): Read {
  const pages = new Map<number, Uint8Array>();
  return (offset, length) => {
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.floor((offset + length - 1) / PAGE_BYTES);
    if (length > PAGE_BYTES || last > first + 1) return readAt(offset, length);
    if (first === last || length === 0) return page(first).subarray(offset % PAGE_BYTES, (offset % PAGE_BYTES) + length);
    const joined = new Uint8Array(length);
    const head = page(first).subarray(offset % PAGE_BYTES);
    joined.set(head);
    joined.set(page(last).subarray(0, length - head.length), head.length);
    return joined;
  };

  function page(number: number): Uint8Array {
    let bytes = pages.get(number);
    if (!bytes) {
      if (pages.size >= CACHED_PAGES) pages.delete(pages.keys().next().value!);
      bytes = readAt(number * PAGE_BYTES, PAGE_BYTES).slice();
      pages.set(number, bytes);
    }
    return bytes;
  }
}

/** The bytes of the strings section of a source that cannot be read twice. */
class KeptBytes {
  private readonly pieces: Uint8Array[] = [];
  private readonly offsets: number[] = [];

  add(bytes: Uint8Array, offset: number): void {
    if (bytes.length === 0) return;
    this.pieces.push(bytes.slice());
    this.offsets.push(offset);
  }

  read(offset: number, length: number): Uint8Array {
    let low = 0;
    let high = this.offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.offsets[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    let index = low - 1;
    const piece = this.pieces[index]!;
    const from = offset - this.offsets[index]!;
    if (from + length <= piece.length) return piece.subarray(from, from + length);
    const joined = new Uint8Array(length);
    let filled = 0;
    let start = from;
    while (filled < length && index < this.pieces.length) {
      const part = this.pieces[index++]!.subarray(start, start + length - filled);
      joined.set(part, filled);
      filled += part.length;
      start = 0;
    }
    return joined.subarray(0, filled);
  }
}
