import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that these scripts belong to. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Stamps and results of these scripts; goes away with node_modules, so they can never outlive what they speak of. */
export const stampDir = join(root, 'node_modules', '.stanch');

/** Whether a module is the program that was started, also through a symbolic link. @param {string} url of the module */
export const isProgram = (url) =>
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(url));

/** @param {string} path relative to the checkout */
export const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/**
 * The JavaScript file behind a package's command: started with this very Node, it works on every system.
 *
 * @param {string} packageName
 * @param {string} [command] when it is not called like the package
 */
export function commandFile(packageName, command = packageName) {
  const folder = join('node_modules', packageName);
  if (!existsSync(join(root, folder))) throw new Error(`${packageName} is not installed: run npm ci`);
  const { bin } = readJson(join(folder, 'package.json'));
  return join(root, folder, typeof bin === 'string' ? bin : bin[command]);
}
