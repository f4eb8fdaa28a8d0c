import { Buffer } from 'node:buffer';
import { closeSync, readSync } from 'node:fs';
import { type MappedFile, mappedFiles, openMapped } from './mapped-files.ts';

const ELF64_HEADER_BYTES = 64;
const SECTION_BYTES = 64;
const SEGMENT_BYTES = 56;
const SYMBOL_BYTES = 24;
const SEGMENT_LOAD = 1;
const SECTION_SYMTAB = 2;
const SECTION_DYNSYM = 11;
const TYPE_FUNCTION = 2;
const PAGE_BYTES = 4096n;
/** A table larger than this belongs to no runtime. */
const MOST_TABLE_BYTES = 64 * 1024 * 1024;

/**
 * Where functions lie in the memory of a running process, by the symbol tables of the programs and libraries that it has mapped. Read from
 * files, so that the process need not be stopped while a debugger looks for them; 64-bit little-endian Linux (x86-64, ARM64).
 *
 * @param names looked for in the program first, then in its libraries in the order of their addresses
 * @returns only those that were found
 */
export function functionAddresses(
  pid: number,
  names: readonly string[],
  proc: string = '/proc',
): Map<string, bigint> {
  const found = new Map<string, bigint>();
  const wanted = new Set(names);
  for (const file of mappedFiles(pid, proc)) {
    if (wanted.size === 0) break;
    const symbols = inElf(pid, file, proc, (elf) => functionsOf(elf, wanted));
    for (const [name, address] of symbols ?? []) {
      found.set(name, address);
      wanted.delete(name);
    }
  }
  return found;
}

/** Where a section of one of its programs or libraries lies in the memory of a running process; null when none has it. */
export function sectionAddress(pid: number, section: string, proc: string = '/proc'): bigint | null {
  for (const file of mappedFiles(pid, proc)) {
    const address = inElf(pid, file, proc, (elf) => sectionIn(elf, section));
    if (address !== null) return address;
  }
  return null;
}

/** A program or library: its sections, and what has to be added to its own addresses for those in memory. */
interface Elf {
  readonly fd: number;
  readonly header: Buffer;
  readonly sections: Buffer;
  readonly shift: bigint;
}

/** Null for what is none. */
function inElf<Result>(
  pid: number,
  file: MappedFile,
  proc: string,
  look: (elf: Elf) => Result | null,
): Result | null {
  const fd = openMapped(pid, file, proc);
  if (fd === null) return null;
  try {
    const header = bytesAt(fd, 0n, ELF64_HEADER_BYTES);
    // 64-bit (2), little-endian (1).
    if (header?.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) return null;
    const base = baseAddress(fd, header);
    const sections = bytesAt(fd, header.readBigUInt64LE(40), header.readUInt16LE(60) * SECTION_BYTES);
    return base === null || !sections ? null : look({ fd, header, sections, shift: file.start - base });
  } finally {
    closeSync(fd);
  }
}

function functionsOf({ fd, sections, shift }: Elf, wanted: ReadonlySet<string>): Map<string, bigint> {
  const functions = new Map<string, bigint>();
  for (let at = 0; at < sections.length; at += SECTION_BYTES) {
    const type = sections.readUInt32LE(at + 4);
    if (type !== SECTION_DYNSYM && type !== SECTION_SYMTAB) continue;
    const names = sections.readUInt32LE(at + 40) * SECTION_BYTES;
    if (names + SECTION_BYTES > sections.length) continue;
    const symbols = sectionAt(fd, sections, at);
    const texts = sectionAt(fd, sections, names);
    if (symbols && texts) collect(symbols, texts, wanted, shift, functions);
  }
  return functions;
}

function sectionIn({ fd, header, sections, shift }: Elf, wanted: string): bigint | null {
  const namesAt = header.readUInt16LE(62) * SECTION_BYTES;
  const names = namesAt + SECTION_BYTES > sections.length ? null : sectionAt(fd, sections, namesAt);
  for (let at = 0; names && at < sections.length; at += SECTION_BYTES) {
    if (textAt(names, sections.readUInt32LE(at)) === wanted) return shift + sections.readBigUInt64LE(at + 16);
  }
  return null;
}

/** The address, in the file's own terms, of what is mapped first. */
function baseAddress(fd: number, header: Buffer): bigint | null {
  const segments = bytesAt(fd, header.readBigUInt64LE(32), header.readUInt16LE(56) * SEGMENT_BYTES);
  for (let at = 0; segments && at < segments.length; at += SEGMENT_BYTES) {
    if (segments.readUInt32LE(at) !== SEGMENT_LOAD) continue;
    const address = segments.readBigUInt64LE(at + 16) - segments.readBigUInt64LE(at + 8);
    return address - (address % PAGE_BYTES);
  }
  return null;
}

function collect(
  symbols: Buffer,
  texts: Buffer,
  wanted: ReadonlySet<string>,
  shift: bigint,
  into: Map<string, bigint>,
): void {
  for (let at = 0; at + SYMBOL_BYTES <= symbols.length; at += SYMBOL_BYTES) {
    // Defined here, not merely used.
    if ((symbols[at + 4]! & 15) !== TYPE_FUNCTION || symbols.readUInt16LE(at + 6) === 0) continue;
    const name = textAt(texts, symbols.readUInt32LE(at));
    if (wanted.has(name) && !into.has(name)) into.set(name, shift + symbols.readBigUInt64LE(at + 8));
  }
}

function textAt(texts: Buffer, from: number): string {
  return texts.toString('latin1', from, texts.indexOf(0, from));
}

function sectionAt(fd: number, sections: Buffer, at: number): Buffer | null {
  const bytes = sections.readBigUInt64LE(at + 32);
  return bytes > MOST_TABLE_BYTES ? null : bytesAt(fd, sections.readBigUInt64LE(at + 24), Number(bytes));
}

/** Null when the file ends before. */
function bytesAt(fd: number, offset: bigint, bytes: number): Buffer | null {
  const buffer = Buffer.alloc(bytes);
  return readSync(fd, buffer, 0, bytes, offset) === bytes ? buffer : null;
}
