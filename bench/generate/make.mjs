/** Makes the sets of snapshots that are not there yet: `node bench/generate/make.mjs [size...]`. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DATA } from '../layout.mjs';
import { MOMENTS, SET_SIZES } from './sizes.mjs';
import { writeTruth } from './truth.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const STAMP = 'stamp.txt';

/** Changes when anything changes that shapes the snapshots. @param {string} size */
function fingerprint(size) {
  const hash = createHash('sha256').update(JSON.stringify(SET_SIZES[size]));
  const service = readdirSync(join(HERE, 'service')).map((name) => `service/${name}`);
  for (const source of ['planted.mjs', ...service.sort()])
    hash.update(source).update(readFileSync(join(HERE, source)));
  return hash.digest('hex');
}

/**
 * The snapshots of one set, made now when they are missing or older than their generator.
 *
 * @param {string} size a key of SET_SIZES
 * @returns {{folder: string, files: string[]}} files are baseline, target and final
 */
export function makeSet(size) {
  const folder = join(DATA, size);
  const files = MOMENTS.map((moment) => join(folder, `${moment}.heapsnapshot`));
  const stamp = join(folder, STAMP);
  const wanted = fingerprint(size);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    process.stderr.write(`generating the ${size} MB set\n`);
    runPlanted(process.execPath, size, folder);
    writeFileSync(stamp, wanted);
  }
  writeTruth(folder);
  return { folder, files };
}

/**
 * Runs the planted program.
 *
 * @param {string} node the Node binary
 * @param {string} size a key of SET_SIZES
 * @param {string} folder where the snapshots go
 */
export function runPlanted(node, size, folder) {
  const flags = ['--expose-gc', `--max-old-space-size=${SET_SIZES[size].oldSpaceMb}`];
  const { status, signal } = spawnSync(node, [...flags, join(HERE, 'planted.mjs'), size, folder], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`the planted program failed (${signal ?? status})`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const sizes = process.argv.slice(2);
  for (const size of sizes.length > 0 ? sizes : Object.keys(SET_SIZES)) makeSet(size);
}
