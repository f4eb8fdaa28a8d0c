import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf } from './fingerprint.mjs';
import { root } from './root.mjs';

const FILE = 'THIRD-PARTY-NOTICES.txt';

/** Names of the packages whose code the bundler put into a build: it marks each module with the file it came from. */
export function bundledPackages(dist) {
  const names = new Set();
  for (const file of filesOf(dist)) {
    if (!file.endsWith('.js')) continue;
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/^\/\/#region (.*)$/gm)) {
      const inside = path.split('node_modules/').at(-1);
      if (inside !== path)
        names.add(
          inside
            .split('/')
            .slice(0, inside.startsWith('@') ? 2 : 1)
            .join('/'),
        );
    }
  }
  return [...names].sort();
}

/** Writes the licences of everything bundled beside it: their authors ask for no more, and no less. */
export function writeNotices(dist) {
  const notices = bundledPackages(dist).map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined || !existsSync(join(folder, file))) throw new Error(`${name} has no licence file`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  writeFileSync(join(dist, FILE), notices.join(`\n${'-'.repeat(80)}\n\n`));
}
