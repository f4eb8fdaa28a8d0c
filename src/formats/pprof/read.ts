import { type ByteSource, bytesSource } from '../../base/byte-source.ts';
import type { LongCall } from '../../base/progress.ts';
import { readAll } from '../../base/read-all.ts';
import { detectPacking, unpack } from '../../base/unpack.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { build } from './build.ts';
import { Cursor } from './cursor.ts';
import { ProfileReader } from './reader.ts';

/**
 * Reads a pprof profile (profile.proto), packed with gzip or plain. Every field of the format is read; unknown ones are passed over.
 *
 * @throws FormatError with the byte offset in the unpacked profile and what was expected there
 * @example
 * import { openFile, readPprof, topOfProfile } from 'stanch';
 *
 * const profile = await readPprof(openFile('heap.pb.gz'));
 * for (const { name, flat } of topOfProfile(profile, { maxRows: 5 }).rows) process.stdout.write(`${flat} ${name}\n`);
 */
export async function readPprof(source: ByteSource, options: LongCall = {}): Promise<StackProfile> {
  const packed = await readAll(source, options.signal);
  const packing = detectPacking(packed);
  const bytes =
    packing === null
      ? packed
      : await readAll(unpack(bytesSource(packed, source.name), packing), options.signal);
  return parsePprof(bytes, source.name);
}

/**
 * The same for bytes that are unpacked and in memory already.
 *
 * @throws FormatError with the byte offset and what was expected there
 */
export function parsePprof(bytes: Uint8Array, file: string = '<bytes>'): StackProfile {
  const cursor = new Cursor(bytes, file);
  const raw = new ProfileReader(cursor);
  raw.readAll();
  return build(raw, cursor);
}
