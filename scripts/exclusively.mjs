import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** No install or build takes longer; process ids are used again, so an owner that seems alive may be another. */
const LONGEST_MS = 600_000;

/**
 * Does the work while no other process does any for the same folder, so that `npm test` and `npm start` in two
 * terminals never install or build at once. The lock lies outside the folder: `npm ci` removes node_modules.
 *
 * @template T
 * @param {string} folder
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function exclusively(folder, work) {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const path = join(tmpdir(), `stanch-${process.getuid?.() ?? 0}-${name}.lock`);
  while (!taken(path)) await sleep(100);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** @param {string} path */
function taken(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isAbandoned(path)) rmSync(path, { force: true });
    return false;
  }
}

/** @param {string} path */
function isAbandoned(path) {
  try {
    if (Date.now() - statSync(path).mtimeMs > LONGEST_MS) return true;
    const owner = Number(readFileSync(path, 'utf8'));
    if (owner > 0) process.kill(owner, 0); // 0: just created, its owner's id is not written yet
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
