import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * One hash over the names and contents of files: equal exactly when nothing changed, whatever the clocks say.
 *
 * @param {string} root
 * @param {string[]} paths files and folders below it; those that do not exist count as absent
 * @param {(path: string) => boolean} [wanted] by path relative to the root
 */
export function fingerprint(root, paths, wanted = () => true) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of filesOf(join(root, path))) {
      const name = relative(root, file).replaceAll('\\', '/');
      if (!wanted(name)) continue;
      const bytes = readFileSync(file);
      hash.update(`${name}\0${bytes.length}\0`).update(bytes);
    }
  }
  return hash.digest('hex');
}

/** Every file below a path, in one fixed order. @param {string} path @returns {string[]} */
export function filesOf(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesOf(join(path, name)));
}
