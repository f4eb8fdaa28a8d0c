import { existsSync } from 'node:fs';
import type { ByteSource } from '../base/byte-source.ts';
import type { HeapFormat } from '../formats/format.ts';
import { openFile } from './file.ts';

/** The file that belongs to a dump and lies beside it (names, facts of the process), where the format knows of one. */
export function openCompanion(format: HeapFormat, path: string): ByteSource | null {
  const found = format.companions?.(path).find((candidate) => existsSync(candidate));
  return found === undefined ? null : openFile(found);
}
