import type { StringTable } from '../../model/string-table.ts';
import type { ReadBytes } from './string-bytes.ts';

export const STRINGS_PER_BASE = 256;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** The longest that one character of a string takes: `\u0000`. */
const BYTES_PER_CHAR = 6;
/** Longer strings are cut: JavaScript's hold no more than 2^29 - 24 characters. */
const MAX_BYTES = 1 << 28;
const LOST = '(lost string)';

export interface StringPlaces {
  readonly length: number;
  /** Offset of each string behind its opening quote, less the base of its 256. */
  readonly starts: Uint32Array;
  readonly bases: readonly number[];
  /** Offset of the last string's closing quote. */
  readonly lastQuote: number;
  readonly read: ReadBytes;
}

/** Strings that are read and decoded when they are asked for. */
export class LazyStrings implements StringTable {
  readonly length: number;
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(private readonly places: StringPlaces) {
    this.length = places.length;
  }

  get(index: number): string {
    const bytes = this.writtenBytes(index);
    if (bytes > MAX_BYTES) return this.beginning(index, MAX_BYTES);
    if (bytes === 0) return LOST;
    const raw = this.places.read(this.startOf(index), bytes);
    return this.decode(raw.subarray(0, raw.lastIndexOf(QUOTE)));
  }

  head(index: number, maxChars: number): string {
    const bytes = this.writtenBytes(index);
    if (bytes === 0) return LOST;
    const enough = maxChars * BYTES_PER_CHAR;
    if (bytes <= Math.min(enough, MAX_BYTES)) return this.get(index).slice(0, maxChars);
    return this.beginning(index, Math.min(enough, MAX_BYTES)).slice(0, maxChars);
  }

  writtenBytes(index: number): number {
    return index >= 0 && index < this.length ? this.limitOf(index) - this.startOf(index) : 0;
  }

  private beginning(index: number, bytes: number): string {
    const raw = this.places.read(this.startOf(index), bytes);
    return this.decode(raw.subarray(0, wholeCharacters(raw)));
  }

  private startOf(index: number): number {
    const { bases, starts } = this.places;
    return bases[Math.floor(index / STRINGS_PER_BASE)]! + starts[index]!;
  }

  /** Offset behind the closing quote: the exact one for the last string, the next opening quote for the others. */
  private limitOf(index: number): number {
    return index + 1 < this.places.starts.length ? this.startOf(index + 1) - 1 : this.places.lastQuote + 1;
  }

  private decode(bytes: Uint8Array): string {
    const text = this.decoder.decode(bytes);
    if (!bytes.includes(BACKSLASH)) return text;
    try {
      return JSON.parse(`"${text}"`) as string;
    } catch {
      return unescaped(text);
    }
  }
}

export const NO_STRINGS: StringTable = {
  length: 0,
  get: () => LOST,
  head: () => LOST,
  writtenBytes: () => 0,
};

/** Length up to the closing quote, or up to the last character that is not cut in two. */
function wholeCharacters(raw: Uint8Array): number {
  let at = 0;
  while (at < raw.length && raw[at] !== QUOTE) {
    const next = at + widthOf(raw, at);
    if (next > raw.length) break;
    at = next;
  }
  return at;
}

function widthOf(raw: Uint8Array, at: number): number {
  const byte = raw[at]!;
  if (byte === BACKSLASH) return raw[at + 1] === 0x75 ? BYTES_PER_CHAR : 2;
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  return byte >= 0xc0 ? 2 : 1;
}

const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** What can be made of a string that is no proper JSON: raw control characters, unknown escapes. */
function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|(.))/gis, (_, code: string | undefined, char: string) =>
    code === undefined ? (ESCAPED[char] ?? char) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
