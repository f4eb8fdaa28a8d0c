import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What the Go linker wrote into a program. */
export interface GoBuildInfo {
  /** As `go1.22.3`; null where the program is older than Go 1.18, which wrote it elsewhere, or was built without. */
  readonly version: string | null;
  /** Path of the main package. */
  readonly path: string | null;
}

const MAGIC = Buffer.from('\u00ff Go buildinf:', 'latin1');
/** Only its head is needed; with many dependencies the whole is some tens of kB. */
const READ_BYTES = 64 * 1024;
/** Of the linker of Go, with and without position-independent code. */
const OTHER_GO_SECTIONS = ['.gopclntab', '.data.rel.ro.gopclntab', '.note.go.buildid'];
const MAX_SECTIONS = 4096;
const INLINE = 2;

/**
 * Reads the section `.go.buildinfo` of an ELF program (debug/buildinfo in Go's library describes it): this is how a Go program is
 * known although it is called anything. Null for what is not ELF, not Go, or may not be read. Reads some kB, wherever they lie.
 */
export function goBuildInfo(path: string): GoBuildInfo | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    return fstatSync(file).isFile() ? readFrom(file) : null;
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}

function readFrom(file: number): GoBuildInfo | null {
  const section = sectionOf(file, ['.go.buildinfo']);
  // Some builds take that one away; the tables that Go's runtime needs stay.
  if (!section) return sectionOf(file, OTHER_GO_SECTIONS) ? { version: null, path: null } : null;
  const data = bytesAt(file, section.offset, Math.min(section.size, READ_BYTES));
  const at = data.indexOf(MAGIC);
  if (at < 0) return null;
  if ((data[at + 15]! & INLINE) === 0) return { version: null, path: null };
  const [version, next] = text(data, at + 32);
  const [module] = text(data, next);
  return { version, path: module === null ? null : (/^path\t(.+)$/m.exec(module)?.[1] ?? null) };
}

/** A string behind its length as a varint; null when it does not fit into what was read. */
function text(data: Buffer, at: number): [string | null, number] {
  let length = 0;
  for (let shift = 0; at < data.length && shift < 35; shift += 7) {
    const byte = data[at++]!;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80)
      return [
        length === 0 ? null : data.toString('utf8', at, Math.min(at + length, data.length)),
        at + length,
      ];
  }
  return [null, at];
}

/** ELF of either width and byte order (System V ABI, chapter 4). */
function sectionOf(file: number, wanted: readonly string[]): { offset: number; size: number } | null {
  const head = bytesAt(file, 0, 64);
  if (head.length < 52 || head.readUInt32BE(0) !== 0x7f454c46) return null;
  const wide = head[4] === 2;
  const little = head[5] === 1;
  const u16 = (data: Buffer, at: number): number => (little ? data.readUInt16LE(at) : data.readUInt16BE(at));
  const u32 = (data: Buffer, at: number): number => (little ? data.readUInt32LE(at) : data.readUInt32BE(at));
  const word = (data: Buffer, at: number): number =>
    wide ? Number(little ? data.readBigUInt64LE(at) : data.readBigUInt64BE(at)) : u32(data, at);
  const tableAt = word(head, wide ? 0x28 : 0x20);
  const entryBytes = u16(head, wide ? 0x3a : 0x2e);
  const count = u16(head, wide ? 0x3c : 0x30);
  const namesIndex = u16(head, wide ? 0x3e : 0x32);
  if (tableAt === 0 || count === 0 || count > MAX_SECTIONS || namesIndex >= count || entryBytes < 40)
    return null;
  const table = bytesAt(file, tableAt, count * entryBytes);
  const place = (index: number): { offset: number; size: number } => ({
    offset: word(table, index * entryBytes + (wide ? 0x18 : 0x10)),
    size: word(table, index * entryBytes + (wide ? 0x20 : 0x14)),
  });
  const names = place(namesIndex);
  const strings = bytesAt(file, names.offset, Math.min(names.size, 1 << 20));
  for (let index = 0; index < count; index++) {
    const nameAt = u32(table, index * entryBytes);
    const end = strings.indexOf(0, nameAt);
    if (end > nameAt && wanted.includes(strings.toString('latin1', nameAt, end))) return place(index);
  }
  return null;
}

function bytesAt(file: number, offset: number, length: number): Buffer {
  const data = Buffer.alloc(length);
  return data.subarray(0, readSync(file, data, 0, length, offset));
}
