import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package that this program belongs to, from wherever in it the bundler has put this file. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'stanch') return folder;
    const above = dirname(folder);
    if (above === folder) throw new Error('this program lies in no package called stanch');
    folder = above;
  }
}
