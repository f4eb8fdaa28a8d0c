import { Buffer } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { procLink, procText } from '../../sources/processes/proc-text.ts';

/** The beginning of a program says what it is: its header, its segments and, as a rule, the number of its build. */
const COMPARED_BYTES = 1024;

/** A program or library that a process has mapped. */
export interface MappedFile {
  /** Where its beginning lies in the memory of the process. */
  readonly start: bigint;
  /** As /proc tells it to us: in another mount namespace or behind a chroot this need not be where the process itself finds it. */
  readonly path: string;
  readonly inode: number;
  /** Name of the link below `map_files`. */
  readonly range: string;
}

/** The first mapping of each file: the one of its beginning. The program comes first. */
export function mappedFiles(pid: number, proc: string = '/proc'): MappedFile[] {
  const files = new Map<string, MappedFile>();
  for (const line of (procText(`${proc}/${pid}/maps`) ?? '').split('\n')) {
    const [, start, end, offset, inode, path] =
      /^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) \S+ ([1-9]\d*)\s+(\/.+)$/.exec(line) ?? [];
    if (path === undefined || Number.parseInt(offset!, 16) !== 0 || files.has(path)) continue;
    const range = `${start}-${end}`;
    files.set(path, { start: BigInt(`0x${start}`), path, inode: Number(inode), range });
  }
  return [...files.values()];
}

/** Names of the files that a process has mapped, each once. */
export function mappedPaths(pid: number): string[] {
  return mappedFiles(pid).map(({ path }) => path);
}

/**
 * Opens the very file that is mapped, also one that was replaced on the disk since, where the kernel lets us (`map_files` wants root); else by its
 * path, below the root of the process, if the same file is still there. Another one would have its functions elsewhere.
 *
 * @returns a descriptor; null when it cannot be had
 */
export function openMapped(pid: number, file: MappedFile, proc: string): number | null {
  const { path, inode, range } = file;
  const root = `${proc}/${pid}/root`;
  const below = procLink(root);
  const inside =
    below !== null && below !== '/' && path.startsWith(`${below}/`) ? path.slice(below.length) : path;
  for (const candidate of [`${proc}/${pid}/map_files/${range}`, `${root}${inside}`, `${root}${path}`]) {
    let fd: number;
    try {
      fd = openSync(candidate, 'r');
    } catch {
      continue;
    }
    // Layered file systems give a file two numbers.
    if (fstatSync(fd).ino === inode || beginsAsMapped(fd, pid, file, proc)) return fd;
    closeSync(fd);
  }
  return null;
}

function beginsAsMapped(fd: number, pid: number, { start }: MappedFile, proc: string): boolean {
  try {
    const onDisk = beginning(fd, 0n);
    const memory = openSync(`${proc}/${pid}/mem`, 'r');
    try {
      return onDisk.length > 0 && beginning(memory, start).subarray(0, onDisk.length).equals(onDisk);
    } finally {
      closeSync(memory);
    }
  } catch {
    return false;
  }
}

function beginning(fd: number, position: bigint): Buffer {
  const bytes = Buffer.alloc(COMPARED_BYTES);
  return bytes.subarray(0, readSync(fd, bytes, 0, COMPARED_BYTES, position));
}
