import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findGo, goEnvironment, missingRuntime } from './go-runtime.js';

const run = promisify(execFile);
const LAB = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
const TAGS = { leaking: '', fixed: 'fixed' };
/** The incident's image was built in this folder. It also keeps the paths of this machine out of all captures. */
const BUILD_FOLDER = '/app';

/**
 * Compiles a build, or finds it compiled: the result is kept in the system's folder for temporary files under a hash
 * of the sources, the Go version and the options.
 *
 * @param {'leaking' | 'fixed'} build
 * @param {object} [options]
 * @param {boolean} [options.leakProfile] asks Go 1.26 for the goroutine leak profile; 1.27 always has it
 * @returns {Promise<string>} the program
 */
export async function buildService(build, { leakProfile = false } = {}) {
  if (!Object.hasOwn(TAGS, build)) throw new TypeError(`The build must be leaking or fixed, not ${build}`);
  const missing = missingRuntime();
  if (missing) throw new Error(`${missing.message}: ${missing.install}`);
  const go = findGo();
  const { stdout: version } = await run(go, ['version'], { env: goEnvironment() });
  const experiment = leakProfile && version.includes('go1.26') ? 'goroutineleakprofile' : '';
  const args = [
    'build',
    '-buildvcs=false',
    `-tags=${TAGS[build]}`,
    `-gcflags=cloudvault/...=-trimpath=${LAB}=>${BUILD_FOLDER}`,
  ];
  const hash = await hashOf([version, experiment, ...args], await sourceFiles(LAB));
  const folder = await privateFolder();
  const program = join(folder, `${build}-${hash}`);
  if (await isThere(program)) return program;

  const unfinished = `${program}.${process.pid}`;
  try {
    const env = { ...goEnvironment(), ...(experiment && { GOEXPERIMENT: experiment }) };
    await run(go, [...args, '-o', unfinished, './cmd/api'], { cwd: LAB, env });
    await rename(unfinished, program);
  } finally {
    await rm(unfinished, { force: true });
  }
  return program;
}

async function sourceFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.go$|^go\.mod$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

async function hashOf(texts, files) {
  const hash = createHash('sha256').update(JSON.stringify(texts));
  for (const file of files) hash.update(file.slice(LAB.length)).update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

/** Programs are run from there, so nobody else may write into it. */
async function privateFolder() {
  const userId = process.getuid?.() ?? 'user';
  const folder = join(tmpdir(), `stanch-lab-cloudvault-${userId}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { mode, uid } = await lstat(folder);
  const isOwn = userId === 'user' || (uid === userId && (mode & 0o022) === 0);
  if (!isOwn) throw new Error(`${folder} can be written by others; delete it`);
  return folder;
}

function isThere(file) {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
