import { Buffer } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';
import { procText } from '../../sources/processes/proc-text.ts';

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
  for (const { start, path } of mappedFiles(procText(`${proc}/${pid}/maps`) ?? '')) {
    if (wanted.size === 0) break;
    const symbols = functionsOf(`${proc}/${pid}/root${path}`, wanted);
    for (const [name, address] of symbols?.functions ?? []) {
      found.set(name, start - symbols!.base + address);
      wanted.delete(name);
    }
  }
  return found;
}

/** Names of the files that a process has mapped, each once. */
export function mappedPaths(maps: string): string[] {
  return [...new Set(mappedFiles(maps).map(({ path }) => path))];
}

/** The first mapping of each file: the one of its beginning. The program comes first. */
function mappedFiles(maps: string): { start: bigint; path: string }[] {
  const files = new Map<string, bigint>();
  for (const line of maps.split('\n')) {
    const [, start, offset, path] =
      /^([0-9a-f]+)-[0-9a-f]+ \S+ ([0-9a-f]+) \S+ [1-9]\d*\s+(\/.+)$/.exec(line) ?? [];
    // What was replaced on the disk since is another file now.
    if (start === undefined || path === undefined || path.endsWith(' (deleted)')) continue;
    if (Number.parseInt(offset!, 16) === 0 && !files.has(path)) files.set(path, BigInt(`0x${start}`));
  }
  return [...files].map(([path, start]) => ({ start, path }));
}

function functionsOf(
  file: string,
  wanted: ReadonlySet<string>,
): { base: bigint; functions: Map<string, bigint> } | null {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return null;
  }
  try {
    const header = bytesAt(fd, 0n, ELF64_HEADER_BYTES);
    // 64-bit (2), little-endian (1).
    if (header?.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) return null;
    const base = baseAddress(fd, header);
    const sections = bytesAt(fd, header.readBigUInt64LE(40), header.readUInt16LE(60) * SECTION_BYTES);
    if (base === null || !sections) return null;
    const functions = new Map<string, bigint>();
    for (let at = 0; at < sections.length; at += SECTION_BYTES) {
      const type = sections.readUInt32LE(at + 4);
      if (type !== SECTION_DYNSYM && type !== SECTION_SYMTAB) continue;
      const names = sections.readUInt32LE(at + 40) * SECTION_BYTES;
      if (names + SECTION_BYTES > sections.length) continue;
      const symbols = sectionAt(fd, sections, at);
      const texts = sectionAt(fd, sections, names);
      if (symbols && texts) collect(symbols, texts, wanted, functions);
    }
    return { base, functions };
  } finally {
    closeSync(fd);
  }
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
  into: Map<string, bigint>,
): void {
  for (let at = 0; at + SYMBOL_BYTES <= symbols.length; at += SYMBOL_BYTES) {
    // Defined here, not merely used.
    if ((symbols[at + 4]! & 15) !== TYPE_FUNCTION || symbols.readUInt16LE(at + 6) === 0) continue;
    const from = symbols.readUInt32LE(at);
    const name = texts.toString('latin1', from, texts.indexOf(0, from));
    if (wanted.has(name) && !into.has(name)) into.set(name, symbols.readBigUInt64LE(at + 8));
  }
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
