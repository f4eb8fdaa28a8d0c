/**
 * Captures real snapshots of each Node major and of Chromium: `node bench/capture-majors.mjs`.
 * Of each Node major: the planted program at 30 MB, the rare cases, and the rare cases with V8's own objects shown.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { captureChromium, findChromium } from './capture/chromium.mjs';
import { runPlanted } from './generate/make.mjs';
import { MAJORS } from './layout.mjs';
import { installPeers, nodeBinary } from './peers/install.mjs';
import { NODE_VERSIONS } from './peers/versions.mjs';

const SIZE = '30';
const CORNERS = fileURLToPath(new URL('./capture/corners.mjs', import.meta.url));

/** @typedef {{name: string, path: string}} Snapshot */

/**
 * Makes the snapshots that are missing. Chromium's is left out when no Chromium is installed.
 *
 * @returns {Promise<Snapshot[]>}
 */
export async function captureMajors() {
  await installPeers();
  mkdirSync(MAJORS, { recursive: true });
  /** @type {Snapshot[]} */
  const captured = [];
  /** @param {string} name @param {(path: string) => unknown} capture */
  const keep = async (name, capture) => {
    const path = join(MAJORS, `${name}.heapsnapshot`);
    if (!existsSync(path)) await capture(path);
    captured.push({ name, path });
  };
  for (const major of Object.keys(NODE_VERSIONS)) {
    await keep(`node${major}`, (path) => capturePlanted(major, path));
    await keep(`node${major}-corners`, (path) => captureCorners(major, path, []));
    await keep(`node${major}-internals`, (path) => captureCorners(major, path, ['--internals']));
  }
  const chromium = findChromium();
  if (chromium) await keep('chromium', (path) => captureChromium(chromium, path));
  else process.stderr.write('no Chromium found (set CHROMIUM to its path): left out\n');
  return captured;
}

/** @param {string} major @param {string} path */
function capturePlanted(major, path) {
  const folder = mkdtempSync(join(MAJORS, 'capture-'));
  runPlanted(nodeBinary(major), SIZE, folder);
  renameSync(join(folder, 'final.heapsnapshot'), path);
  rmSync(folder, { recursive: true });
}

/** @param {string} major @param {string} path @param {string[]} options */
function captureCorners(major, path, options) {
  const { status } = spawnSync(nodeBinary(major), [CORNERS, path, ...options], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`the program of rare cases failed under Node ${major}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, path } of await captureMajors()) process.stdout.write(`${name}\t${path}\n`);
}
