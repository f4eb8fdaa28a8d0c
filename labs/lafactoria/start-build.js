import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { missingRuntime } from './missing-runtime.js';

export { missingRuntime } from './missing-runtime.js';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const STOP_GRACE_MS = 5_000;

/**
 * @typedef {object} StartOptions
 * @property {string[]} [causes] which leaks are in, by the names of `causes.json`; all when absent
 * @property {string} [agent] path of `stanch_agent.py`, which the service then loads
 * @property {string} [token] for the agent's endpoints under `/.stanch/`; 16 characters or more
 * @property {number} [tracemalloc] frames; `POST /debug/tracemalloc` then writes a snapshot
 * @property {string} [python] `python3` when absent
 * @property {NodeJS.ProcessEnv} [env] added to this process's own
 *
 * @typedef {object} RunningBuild
 * @property {string} url
 * @property {number} pid
 * @property {string} dataFolder its database, dumps and snapshots; gone after `stop`
 * @property {() => string} standardError what the process has written to standard error so far
 * @property {() => Promise<void>} stop ends the process and removes its files
 */

/**
 * Starts a build of the service as a process of its own and waits until it listens. When this process ends without
 * `stop`, even by SIGKILL, the service ends by itself.
 *
 * @param {'leaking' | 'fixed'} build
 * @param {StartOptions} [options]
 * @returns {Promise<RunningBuild>}
 */
export async function startBuild(
  build,
  { causes = [], agent, token, tracemalloc = 0, python = 'python3', env = {} } = {},
) {
  const missing = missingRuntime(python);
  if (missing) throw new Error(`La Factoria cannot run: ${missing.message}. To install: ${missing.hint}`);

  const dataFolder = await mkdtemp(join(tmpdir(), 'lafactoria-'));
  const args = ['-B', join(FOLDER, 'serve.py'), '--build', build, '--causes', causes.join(',')];
  const child = spawn(python, args, {
    cwd: FOLDER,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...(agent ? { STANCH_AGENT: agent } : {}),
      ...(token ? { STANCH_TOKEN: token } : {}),
      ...(tracemalloc > 0 ? { TRACEMALLOC: String(tracemalloc) } : {}),
      ...env,
      LAFACTORIA_DATA_DIR: dataFolder,
      LAFACTORIA_PARENT: 'stdin',
      LAFACTORIA_THROWAWAY: '1',
    },
  });
  const exited = once(child, 'exit');
  let stderr = '';
  child.stdin.on('error', () => {}); // the service has ended first
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });

  let stopping;
  const stop = () => {
    stopping ??= end(child, exited, dataFolder);
    return stopping;
  };
  try {
    const [firstLine] = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      exited.then(([code, signal]) => {
        throw new Error(`The ${build} build ended with ${signal ?? `code ${code}`}: ${stderr}`);
      }),
    ]);
    const { listening, pid } = JSON.parse(firstLine);
    return { url: `http://127.0.0.1:${listening.port}`, pid, dataFolder, standardError: () => stderr, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function end(child, exited, dataFolder) {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  try {
    if (child.exitCode === null && child.signalCode === null) await exited;
  } finally {
    clearTimeout(timer);
  }
  await rm(dataFolder, { recursive: true, force: true });
}
