import { FormatError } from '../../base/errors.ts';

/** Where in which file the reader is; sections use it to say what is wrong and where. */
export interface Input {
  readonly file: string;
  /** Byte offset of `chunk[0]` in the unpacked input. */
  chunkOffset: number;
}

/** One part of the file that eats bytes until it is complete. */
export interface Section {
  readonly done: boolean;
  /** Eats from `chunk[from]` on and returns the index behind the last byte eaten. */
  feed(chunk: Uint8Array, from: number): number;
}

export const DAMAGED_HINT =
  'the file is damaged or is no V8 heap snapshot; take it again, or try --partial to use what comes before the damage';

export function invalid(input: Input, at: number, expected: string, byte?: number): FormatError {
  return new FormatError({
    file: input.file,
    offset: input.chunkOffset + at,
    expected,
    ...(byte === undefined ? {} : { found: describeByte(byte) }),
    hint: DAMAGED_HINT,
  });
}

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

export function isDigit(byte: number): boolean {
  return (byte - 0x30) >>> 0 < 10;
}

function describeByte(byte: number): string {
  return byte >= 0x20 && byte < 0x7f
    ? `'${String.fromCharCode(byte)}'`
    : `byte 0x${byte.toString(16).padStart(2, '0')}`;
}
