import { spawnSync } from 'node:child_process';

const NEEDED = 'import sys, sqlite3, asyncio, resource; sys.exit(0 if sys.version_info >= (3, 8) else 3)';

/**
 * @typedef {object} MissingRuntime
 * @property {string} message one line: what is not installed
 * @property {string} hint the command that installs it
 */

/**
 * Whether the service can run on this machine: Python 3.8 or newer with its standard library.
 *
 * @param {string} [python]
 * @returns {MissingRuntime | null} null when nothing is missing
 */
export function missingRuntime(python = 'python3') {
  const { error, status } = spawnSync(python, ['-c', NEEDED], { stdio: 'ignore' });
  if (!error && status === 0) return null;
  const old = !error && status === 3;
  return {
    message: old ? `${python} is older than 3.8` : `${python} with sqlite3 is not installed`,
    hint: 'apt-get install --no-install-recommends python3',
  };
}
