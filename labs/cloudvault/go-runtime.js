import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const MINIMUM_MINOR = 19;
const INSTALL =
  'install Go 1.19 or newer from https://go.dev/dl/ or with the system package manager (golang-go)';
const COMMAND = process.platform === 'win32' ? 'go.exe' : 'go';
/** Where Go's own installer puts it; shells that were not started anew lack this folder in their PATH. */
const USUAL_FOLDER = '/usr/local/go/bin';

/**
 * @typedef {object} MissingRuntime
 * @property {'go'} runtime
 * @property {string} message what is absent, such as `go is not installed`
 * @property {string} install what to do about it
 */

/**
 * @param {string} [path] where to look, as in the environment variable PATH
 * @param {string} [usualFolder] where to look last
 * @returns {string | null} the `go` command
 */
export function findGo(path = process.env.PATH ?? '', usualFolder = USUAL_FOLDER) {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return [...folders, usualFolder].map((folder) => join(folder, COMMAND)).find(existsSync) ?? null;
}

/**
 * What this lab needs and the machine does not have.
 *
 * @param {string | null} [go] the `go` command
 * @returns {MissingRuntime | null} null if the lab can be built
 */
export function missingRuntime(go = findGo()) {
  if (go === null) return missing('go is not installed');
  const { stdout, error } = spawnSync(go, ['version'], { encoding: 'utf8', env: goEnvironment() });
  if (error) return missing(`go does not run (${error.message})`);
  const [, minor] = /go1\.(\d+)/.exec(stdout) ?? [];
  if (minor === undefined || Number(minor) >= MINIMUM_MINOR) return null; // a development version has no number
  return missing(`go 1.${minor} is too old`);
}

const missing = (message) => ({ runtime: 'go', message, install: INSTALL });

/** The toolchain that is there, no C compiler and no downloads: the lab has no dependencies. */
export function goEnvironment() {
  return {
    ...process.env,
    GOTOOLCHAIN: 'local',
    GOFLAGS: '',
    GOWORK: 'off',
    GOPROXY: 'off',
    CGO_ENABLED: '0',
  };
}
