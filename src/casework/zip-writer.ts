import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createDeflateRaw } from 'node:zlib';
import { crc32 } from './crc32.ts';

/*
 * PKWARE APPNOTE 6.3.10: local headers (4.3.7) each with its data, then the central directory (4.3.12) and its end (4.3.16).
 * Files and offsets of 4 GB and more carry the zip64 fields (4.5.3). All numbers are little endian.
 */

interface Entry {
  readonly name: Buffer;
  readonly method: number;
  readonly crc: number;
  readonly bytes: number;
  readonly packedBytes: number;
  readonly offset: number;
  readonly dosTime: number;
  readonly zip64: boolean;
}

const STORED = 0;
const DEFLATED = 8;
const UTF8_NAMES = 0x0800;
const MAX_32 = 0xffffffff;
/** Files from here on get room for 64-bit sizes: packing may make them a little larger. */
const ZIP64_FROM_BYTES = 0xf0000000;
const MAX_16 = 0xffff;
/** Made on Unix; a regular file that only its owner reads. */
const MADE_BY = (3 << 8) | 45;
const ATTRIBUTES = (0o100600 << 16) >>> 0;

/** Writes a zip file from its start to its end; the handle must be that of an empty file. */
export class ZipWriter {
  private readonly entries: Entry[] = [];
  private position = 0;

  constructor(private readonly handle: FileHandle) {}

  /**
   * @param name with `/` between folders
   * @param sizeBytes of the content, at least about; decides on 64-bit fields before it is read
   * @param packed leave it as it is: it is packed already
   */
  async add(
    name: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    { sizeBytes, at, packed = false }: { sizeBytes: number; at: Date; packed?: boolean },
  ): Promise<void> {
    const offset = this.position;
    const zip64 = sizeBytes >= ZIP64_FROM_BYTES;
    const method = packed ? STORED : DEFLATED;
    const opening = { name: Buffer.from(name), method, offset, dosTime: dosTimeOf(at), zip64 };
    // The sizes are known only behind the data: room is kept for them.
    await this.write(localHeader({ ...opening, crc: 0, bytes: 0, packedBytes: 0 }));
    const dataStart = this.position;
    let crc = 0;
    let bytes = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of content instanceof Uint8Array ? [content] : content) {
        crc = crc32(chunk, crc);
        bytes += chunk.length;
        yield chunk;
      }
    }
    const data = packed
      ? counted()
      : Readable.from(counted(), { objectMode: false }).compose(createDeflateRaw());
    for await (const chunk of data as AsyncIterable<Uint8Array>) await this.write(chunk);
    const entry: Entry = { ...opening, crc, bytes, packedBytes: this.position - dataStart };
    const header = localHeader(entry);
    await this.handle.write(header, 0, header.length, offset);
    this.entries.push(entry);
  }

  async finish(): Promise<void> {
    const start = this.position;
    for (const entry of this.entries) await this.write(centralHeader(entry));
    const sizeBytes = this.position - start;
    const count = this.entries.length;
    if (start >= MAX_32 || sizeBytes >= MAX_32 || count >= MAX_16)
      await this.write(zip64End(count, sizeBytes, start, this.position));
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(Math.min(count, MAX_16), 8);
    end.writeUInt16LE(Math.min(count, MAX_16), 10);
    end.writeUInt32LE(Math.min(sizeBytes, MAX_32), 12);
    end.writeUInt32LE(Math.min(start, MAX_32), 16);
    await this.write(end);
  }

  private async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(bytes, at, bytes.length - at, this.position);
      at += bytesWritten;
      this.position += bytesWritten;
    }
  }
}

function localHeader({ name, method, crc, bytes, packedBytes, dosTime, zip64 }: Entry): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(zip64 ? 45 : 20, 4);
  header.writeUInt16LE(UTF8_NAMES, 6);
  header.writeUInt16LE(method, 8);
  header.writeUInt32LE(dosTime, 10);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(zip64 ? MAX_32 : packedBytes, 18);
  header.writeUInt32LE(zip64 ? MAX_32 : bytes, 22);
  header.writeUInt16LE(name.length, 26);
  const extra = zip64 ? zip64Extra([bytes, packedBytes]) : Buffer.alloc(0);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

function centralHeader({ name, method, crc, bytes, packedBytes, offset, dosTime, zip64 }: Entry): Buffer {
  const far = offset >= MAX_32;
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(MADE_BY, 4);
  header.writeUInt16LE(zip64 || far ? 45 : 20, 6);
  header.writeUInt16LE(UTF8_NAMES, 8);
  header.writeUInt16LE(method, 10);
  header.writeUInt32LE(dosTime, 12);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(zip64 ? MAX_32 : packedBytes, 20);
  header.writeUInt32LE(zip64 ? MAX_32 : bytes, 24);
  header.writeUInt16LE(name.length, 28);
  const wide = [...(zip64 ? [bytes, packedBytes] : []), ...(far ? [offset] : [])];
  const extra = wide.length > 0 ? zip64Extra(wide) : Buffer.alloc(0);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(ATTRIBUTES, 38);
  header.writeUInt32LE(Math.min(offset, MAX_32), 42);
  return Buffer.concat([header, name, extra]);
}

function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + values.length * 8);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(values.length * 8, 2);
  for (const [at, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + at * 8);
  return extra;
}

/** 4.3.14 and 4.3.15: the end of the directory in 64 bits, and where it is. */
function zip64End(count: number, sizeBytes: number, start: number, position: number): Buffer {
  const end = Buffer.alloc(56 + 20);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE(MADE_BY, 12);
  end.writeUInt16LE(45, 14);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(sizeBytes), 40);
  end.writeBigUInt64LE(BigInt(start), 48);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(position), 64);
  end.writeUInt32LE(1, 72);
  return end;
}

/** The time in the lower, the date in the upper 16 bits; two seconds at a time, from 1980 to 2107, in UTC. */
function dosTimeOf(at: Date): number {
  const year = Math.min(127, Math.max(0, at.getUTCFullYear() - 1980));
  const date = (year << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return ((date << 16) | time) >>> 0;
}
