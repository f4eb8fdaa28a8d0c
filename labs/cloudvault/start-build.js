import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { buildService } from './build.js';

export { captureAll } from './capture-all.js';
export { missingRuntime } from './go-runtime.js';

/** More of the log than this is not kept in memory; `logFile` keeps all of it. */
const KEPT_LOG_CHARACTERS = 1 << 20;

/**
 * @typedef {object} StartOptions
 * @property {string} [logFile] gets the service's log; without it the end of the log is kept in memory
 * @property {string[]} [args] of the service, such as `-progress-every=100ms`; `-help` lists them
 * @property {Record<string, string>} [env] such as `{ GODEBUG: 'tracebacklabels=1' }`
 * @property {boolean} [leakProfile] see `buildService`
 *
 * @typedef {object} RunningBuild
 * @property {string} url for clients
 * @property {string} debugUrl with `/debug/pprof/`, `/metrics` and `/healthz`
 * @property {number} pid
 * @property {() => string} standardError the end of the log; empty with `logFile`
 * @property {() => Promise<void>} stop ends the process and waits for it
 */

/**
 * Compiles a build of the service, starts it as a process of its own and waits until it listens.
 *
 * @param {'leaking' | 'fixed'} build
 * @param {StartOptions} [options]
 * @returns {Promise<RunningBuild>}
 */
export async function startBuild(build, { logFile, args = [], env = {}, leakProfile } = {}) {
  const program = await buildService(build, { leakProfile });
  const log = logFile === undefined ? 'pipe' : openSync(logFile, 'a', 0o600);
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', log] });
  if (typeof log === 'number') closeSync(log);
  const exited = once(child, 'exit');

  let standardError = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    standardError = (standardError + text).slice(-KEPT_LOG_CHARACTERS);
  });
  const endWithParent = () => child.kill('SIGKILL');
  process.once('exit', endWithParent);

  const [firstLine] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(([code]) => {
      throw new Error(`The ${build} build ended with code ${code}: ${standardError}`);
    }),
  ]);
  const { listening, pid } = JSON.parse(firstLine);

  return {
    url: `http://127.0.0.1:${listening.port}`,
    debugUrl: `http://127.0.0.1:${listening.debugPort}`,
    pid,
    standardError: () => standardError,
    async stop() {
      process.off('exit', endWithParent);
      child.kill();
      await exited;
    },
  };
}
