import type { StringTable } from '../../model/string-table.ts';
import { decoded } from './byte-texts.ts';
import { longer } from './growing.ts';

export type ReadBytes = (offset: number, length: number) => Uint8Array;

/** What is kept of a value when the dump cannot be read twice (packed or piped). */
const KEPT_VALUE_BYTES = 4096;
/** Longer strings are cut: JavaScript's hold no more than 2^29 - 24 characters. */
const MAX_BYTES = 1 << 28;
const PAGE_BYTES = 1 << 16;
const CACHED_PAGES = 64;
const BACKSLASH = 0x5c;
/** The longest that one character of a string takes: `\u0000`. */
const BYTES_PER_CHAR = 6;

/** Where the values of strings and symbols stand in the dump, or their first bytes when it cannot be read twice. */
export class ValueBytes {
  count = 0;
  private offsets: Float64Array = new Float64Array(256);
  private lengths: Uint32Array = new Uint32Array(256);
  private readonly kept: Uint8Array[] = [];
  private page: Uint8Array = new Uint8Array(0);
  private pageFill = 0;
  private pageStart = 0;

  constructor(private readonly readAt: ReadBytes | null) {}

  /** Notes the value at `from … to - 1` of a line, which stands at `offset` in the dump. Returns its number. */
  add(line: Uint8Array, from: number, to: number, offset: number): number {
    const number = this.count++;
    if (number === this.offsets.length) {
      this.offsets = longer(this.offsets, number * 2);
      this.lengths = longer(this.lengths, number * 2);
    }
    if (this.readAt) {
      this.offsets[number] = offset;
      this.lengths[number] = to - from;
      return number;
    }
    const length = Math.min(to - from, KEPT_VALUE_BYTES);
    if (this.pageFill + length > this.page.length) this.nextPage();
    this.page.set(line.subarray(from, from + length), this.pageFill);
    this.offsets[number] = this.pageStart + this.pageFill;
    this.lengths[number] = length;
    this.pageFill += length;
    return number;
  }

  /** Forgets the values from number `count` on. */
  cut(count: number): void {
    this.count = count;
  }

  /** The values as strings 0 … count - 1, and `names` behind them. */
  table(names: readonly string[]): StringTable {
    const { offsets, lengths, count } = this;
    const read = this.readAt ? pagedReader(this.readAt) : this.keptReader();
    const text = (index: number, bytes: number): string => decoded(read(offsets[index]!, bytes));
    const headText = (index: number, bytes: number): string =>
      decoded(wholeEscapes(read(offsets[index]!, bytes)));
    return {
      length: count + names.length,
      get(index) {
        if (index >= count) return names[index - count] ?? '';
        return lengths[index]! > MAX_BYTES ? headText(index, MAX_BYTES) : text(index, lengths[index]!);
      },
      head(index, maxChars) {
        if (index >= count) return (names[index - count] ?? '').slice(0, maxChars);
        const enough = Math.min(maxChars * BYTES_PER_CHAR, MAX_BYTES);
        const whole = lengths[index]! <= enough;
        return (whole ? text(index, lengths[index]!) : headText(index, enough)).slice(0, maxChars);
      },
      writtenBytes(index) {
        return index < count ? lengths[index]! : (names[index - count]?.length ?? 0) * 3;
      },
    };
  }

  private nextPage(): void {
    this.pageStart += this.page.length;
    this.pageFill = 0;
    // Pages start small, for small dumps, and are never smaller than a kept value.
    this.page = new Uint8Array(this.kept.length === 0 ? KEPT_VALUE_BYTES : PAGE_BYTES);
    this.kept.push(this.page);
  }

  private keptReader(): ReadBytes {
    const pages = this.kept;
    return (offset, length) => {
      const index = offset < KEPT_VALUE_BYTES ? 0 : 1 + Math.floor((offset - KEPT_VALUE_BYTES) / PAGE_BYTES);
      const start = index === 0 ? 0 : KEPT_VALUE_BYTES + (index - 1) * PAGE_BYTES;
      return pages[index]?.subarray(offset - start, offset - start + length) ?? new Uint8Array(0);
    };
  }
}

/** Bytes up to an escape that is cut in two. Values are ASCII only, so nothing else can be. */
function wholeEscapes(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while (at < bytes.length) {
    const width = bytes[at] !== BACKSLASH ? 1 : bytes[at + 1] === 0x75 ? 6 : 2;
    if (at + width > bytes.length) break;
    at += width;
  }
  return bytes.subarray(0, at);
}

/** Small reads at neighbouring places come in runs: pages save most of the system calls. */
function pagedReader(readAt: ReadBytes): ReadBytes {
  const pages = new Map<number, Uint8Array>();
  const page = (number: number): Uint8Array => {
    let bytes = pages.get(number);
    if (!bytes) {
      if (pages.size >= CACHED_PAGES) pages.delete(pages.keys().next().value!);
      bytes = new Uint8Array(readAt(number * PAGE_BYTES, PAGE_BYTES));
      pages.set(number, bytes);
    }
    return bytes;
  };
  return (offset, length) => {
    const number = Math.floor(offset / PAGE_BYTES);
    const from = offset - number * PAGE_BYTES;
    if (from + length <= PAGE_BYTES) return page(number).subarray(from, from + length);
    return new Uint8Array(readAt(offset, length));
  };
}
