import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const STAMP = '.stanch-lock';

/**
 * Whether node_modules holds what package-lock.json says. The stamp is this script's own; without it (somebody ran
 * `npm ci` by hand) npm's record of what it installed is compared, package by package.
 *
 * @param {string} root
 */
export function isInstalled(root) {
  const modules = join(root, 'node_modules');
  if (!existsSync(join(modules, '.package-lock.json'))) return false;
  const stamp = join(modules, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash(root)) return true;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages;
  const isSame = ([path, entry]) =>
    path === '' ||
    (present[path] === undefined ? entry.optional === true : present[path].integrity === entry.integrity);
  if (!Object.entries(wanted).every(isSame) || Object.keys(present).some((path) => !(path in wanted)))
    return false;
  writeFileSync(stamp, lockHash(root));
  return true;
}

/**
 * Installs exactly the lockfile, without running any package's scripts, if that is not done yet.
 *
 * @param {string} root
 */
export function ensureInstalled(root) {
  if (isInstalled(root)) return;
  process.stderr.write('Installing the packages of package-lock.json …\n');
  const options = [
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const { status, error } = npm(root, ['ci', ...options]);
  if (status !== 0) {
    const hint = "If it says 'Missing … from lock file': node scripts/lockfile.mjs --update";
    throw new Error(`npm ci failed${error ? ` (${error.message})` : ''}, see above. ${hint}`);
  }
  writeFileSync(join(root, 'node_modules', STAMP), lockHash(root));
}

/** @param {string} root @param {string[]} args */
function npm(root, args) {
  // The npm that runs this script, where one does; standard output stays free for the command that follows.
  const self = process.env.npm_execpath;
  const options = { cwd: root, stdio: ['ignore', 2, 2] };
  if (self && basename(self) === 'npm-cli.js') return spawnSync(process.execPath, [self, ...args], options);
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

/** @param {string} root */
function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}
