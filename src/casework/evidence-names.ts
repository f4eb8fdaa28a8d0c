import { type Dirent, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { EXIT, StanchError } from '../base/errors.ts';
import { FORMATS } from '../formats/index.ts';
import type { CaseEvidence } from '../model/case.ts';

/** A file that becomes evidence, and the name that it has in the case. */
export interface NamedFile {
  readonly path: string;
  readonly name: string;
}

const MAX_DEPTH = 4;
const MAX_FILES = 10_000;
const SKIPPED = new Set(['node_modules', '.git']);

/**
 * The files of any mix of files and folders, and the companions of dumps among them (`A.names.jsonl` beside `A.json`). They are named from
 * the folder that holds all of them on, so that `A/heap.pb.gz` and `B/heap.pb.gz` keep their moments.
 *
 * @throws StanchError `file-unreadable` for a path that is not there or no file
 */
export function namedFiles(paths: readonly string[]): NamedFile[] {
  const files: string[] = [];
  const folders: string[] = [];
  for (const path of paths.map((each) => resolve(each))) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      const within = filesBelow(path);
      if (within.length === 0) throw notThere(path, 'no file in this folder');
      files.push(...within);
      folders.push(path);
    } else if (stat?.isFile()) {
      files.push(path, ...companionsOf(path));
      folders.push(dirname(path));
    } else {
      throw notThere(path, stat === undefined ? 'no such file' : 'neither a file nor a folder');
    }
  }
  const root = commonFolder(folders);
  return [...new Set(files)].map((path) => ({
    path,
    name: relative(root, path).split(sep).join('/') || basename(path),
  }));
}

/**
 * Names under which nothing else is in the case yet. A batch whose names are taken becomes the second (third …) moment of
 * these names: `2/heap.pb.gz`; its files stay together.
 */
export function freeNames(
  batch: readonly { name: string; sha256: string }[],
  taken: readonly CaseEvidence[],
): string[] {
  const hashes = new Map(taken.map(({ name, sha256 }) => [name, sha256]));
  const folders = new Set(taken.flatMap(({ name }) => foldersOf(name)));
  for (let nth = 1; ; nth++) {
    const named = batch.map(({ name }) => (nth === 1 ? name : `${nth}/${name}`));
    const clash = batch.some(({ sha256 }, at) => {
      const name = named[at]!;
      if (folders.has(name) || foldersOf(name).some((folder) => hashes.has(folder))) return true;
      return (hashes.get(name) ?? sha256) !== sha256;
    });
    if (!clash) return named;
  }
}

/** `a/b/c` lies in `a` and `a/b`. */
function foldersOf(name: string): string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

function companionsOf(path: string): string[] {
  const candidates = FORMATS.flatMap((format) =>
    format.kind === 'heap-graph' ? (format.companions?.(path) ?? []) : [],
  );
  return candidates.filter((each) => statSync(each, { throwIfNoEntry: false })?.isFile());
}

function commonFolder(folders: readonly string[]): string {
  let common = folders[0] ?? '.';
  for (const folder of folders) {
    while (folder !== common && !folder.startsWith(common.endsWith(sep) ? common : common + sep)) {
      common = dirname(common);
    }
  }
  return common;
}

function filesBelow(folder: string): string[] {
  const files: string[] = [];
  const waiting = [{ path: folder, depth: 0 }];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const entries: Dirent[] = readdirSync(next.path, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(next.path, entry.name);
      if (entry.name.startsWith('.') || entry.name.endsWith('.part')) continue;
      if (entry.isDirectory() && next.depth < MAX_DEPTH && !SKIPPED.has(entry.name))
        waiting.push({ path, depth: next.depth + 1 });
      else if (entry.isFile()) files.push(path);
      if (files.length > MAX_FILES) throw notThere(folder, `more than ${MAX_FILES} files`);
    }
  }
  return files;
}

function notThere(path: string, reason: string): StanchError {
  return new StanchError(`${path}: ${reason}`, { code: 'file-unreadable', exitCode: EXIT.unreadable });
}
