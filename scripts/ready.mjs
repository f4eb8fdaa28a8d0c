import { ensureBuilt } from './build.mjs';
import { exclusively } from './exclusively.mjs';
import { ensureInstalled } from './install.mjs';
import { isProgram, root } from './root.mjs';

/** The bundler's. What it makes runs on older ones: see `engines` in package.json. */
const OLDEST_NODE = [20, 19];

/**
 * Makes a checkout ready to run, whatever its state: the lockfile's packages installed and, unless told otherwise,
 * dist/ built from the sources as they are. Uses nothing but Node itself, since there may be no node_modules yet.
 * Ends the process with a plain message when that cannot be done.
 *
 * @param {{ build?: boolean }} [options]
 */
export async function ready({ build = true } = {}) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    fail(`Building Stanch needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`);
  }
  try {
    await exclusively(root, () => {
      ensureInstalled(root);
      if (build) ensureBuilt();
    });
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

if (isProgram(import.meta.url)) {
  await ready();
  process.stderr.write('dist/ is what the sources give.\n');
}
