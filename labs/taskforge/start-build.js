import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingRuntime } from './missing-runtime.js';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const LISTENING = /Listening on (http:\/\/\S+)/;
const BOOTED = /Worker (\d+) \(PID: (\d+)\) booted/g;
const STOP_GRACE_MS = 8_000;

/**
 * @typedef {object} RunningBuild
 * @property {string} url
 * @property {number} pid of Puma's master; its workers serve and leak
 * @property {() => number[]} workers their process ids as Puma has logged them, in the order of their numbers
 * @property {string} dataFolder its database and sockets; gone after `stop`
 * @property {() => string} standardError the service's log so far
 * @property {() => Promise<void>} stop ends every process of the run and removes its files
 */

/**
 * Starts a build of the service as a process group of its own, and waits until all workers serve. When this process
 * ends without `stop`, even by SIGKILL, the service ends by itself.
 *
 * @param {'leaking' | 'fixed'} build
 * @param {object} [options]
 * @param {number} [options.workers] 2 when absent
 * @param {string} [options.agent] path of `stanch_agent.rb`, which every worker then loads and starts
 * @param {NodeJS.ProcessEnv} [options.env] added to this process's own
 * @returns {Promise<RunningBuild>}
 */
export async function startBuild(build, { workers = 2, agent, env = {} } = {}) {
  const missing = missingRuntime({ ...process.env, ...env });
  if (missing) throw new Error(`TaskForge cannot run: ${missing.message}. To install: ${missing.hint}`);

  const folder = await mkdtemp(join(tmpdir(), 'taskforge-'));
  const child = spawn('ruby', ['-S', 'puma', '-C', join(FOLDER, 'config', 'puma.rb')], {
    cwd: FOLDER,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...(agent ? { STANCH_AGENT: agent } : {}),
      ...env,
      TASKFORGE_BUILD: build,
      TASKFORGE_DATA_DIR: folder,
      TASKFORGE_THROWAWAY: '1',
      TASKFORGE_PARENT: 'stdin',
      WEB_CONCURRENCY: String(workers),
      HOST: '127.0.0.1',
      PORT: '0',
    },
  });
  const exited = once(child, 'exit');
  let stdout = '';
  let stderr = '';
  child.stdin.on('error', () => {}); // the service has ended first
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });

  const pids = () => {
    const latest = [];
    for (const [, number, pid] of stdout.matchAll(BOOTED)) latest[Number(number)] = Number(pid);
    return latest.filter((pid) => pid !== undefined);
  };
  let stopping;
  const stop = () => {
    stopping ??= end(child, exited, folder);
    return stopping;
  };

  const ready = new Promise((resolve) => {
    const check = () => {
      if (LISTENING.test(stdout) && pids().length === workers) resolve();
    };
    child.stdout.on('data', check);
  });
  try {
    await Promise.race([
      ready,
      exited.then(([code, signal]) => {
        throw new Error(`The ${build} build ended with ${signal ?? `code ${code}`}: ${stderr}${stdout}`);
      }),
    ]);
    const url = LISTENING.exec(stdout)[1];
    const up = await fetch(new URL('/up', url), { headers: { connection: 'close' } });
    if (!up.ok) throw new Error(`The ${build} build answers ${up.status}: ${stderr}`);
    const standardError = () => stderr;
    return { url, pid: child.pid, workers: pids, dataFolder: folder, standardError, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Puma lets its workers finish their requests; whatever of the group is left then is killed. */
async function end(child, exited, folder) {
  child.kill('SIGTERM');
  const timer = setTimeout(() => killGroup(child.pid), STOP_GRACE_MS);
  try {
    await exited;
  } finally {
    clearTimeout(timer);
  }
  killGroup(child.pid);
  await rm(folder, { recursive: true, force: true });
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error; // nobody is left
  }
}
