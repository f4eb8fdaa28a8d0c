import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXIT, StanchError } from '../base/errors.ts';
import type { SourceTree } from '../model/source-tree.ts';

const CODE = /\.(?:[cm]?[jt]s|[jt]sx|rb|rake|ru|py|go)$/;
const MAP = /\.map$/;
const SKIPPED = new Set([
  '.git',
  '.hg',
  '.svn',
  'coverage',
  '.cache',
  '.next',
  '.nuxt',
  '.turbo',
  '.bundle',
  '.venv',
  'venv',
  '__pycache__',
  'site-packages',
]);
/** What a service's dependencies look like is not the question. */
const DEPENDENCIES = new Set(['node_modules', 'vendor']);
const MAX_FILES = 20_000;
const MAX_FILE_BYTES = 4_000_000;
const MAX_TOTAL_BYTES = 400_000_000;

/**
 * Reads the code under a folder, links not followed. `node_modules` and `vendor` are read only where they are the
 * folder asked for.
 *
 * @throws StanchError `source-unreadable` when the folder itself cannot be read
 * @example
 * import { readSourceTree } from 'stanch';
 *
 * const tree = readSourceTree('.');
 * process.stdout.write(`${tree.files.size} files of code\n`);
 */
export function readSourceTree(root: string): SourceTree {
  const files = new Map<string, string>();
  const maps = new Map<string, string>();
  const folders = [''];
  let totalBytes = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of list(root, folder)) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name) && !DEPENDENCIES.has(entry.name)) folders.push(path);
        continue;
      }
      const target =
        CODE.test(entry.name) && !entry.name.endsWith('.d.ts') ? files : MAP.test(entry.name) ? maps : null;
      if (!entry.isFile() || !target || files.size >= MAX_FILES || totalBytes >= MAX_TOTAL_BYTES) continue;
      const full = join(root, path);
      const { size } = lstatSync(full);
      if (size > MAX_FILE_BYTES * (target === maps ? 8 : 1)) continue;
      totalBytes += size;
      target.set(path, readFileSync(full, 'utf8'));
    }
  }
  return { root: resolve(root), files, maps };
}

function list(root: string, folder: string) {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  } catch (cause) {
    if (folder !== '') return [];
    throw new StanchError(`${root}: cannot read this source folder`, {
      code: 'source-unreadable',
      exitCode: EXIT.usage,
      hint: "--source takes the folder of the service's checkout",
      cause,
    });
  }
}
