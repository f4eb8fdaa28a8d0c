import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PRELOAD = fileURLToPath(new URL('./usage-at-exit.cjs', import.meta.url));
const TIMEOUT_MS = 20 * 60_000;
const BYTES_PER_RSS_UNIT = 1_024;
const MICROSECONDS_PER_MS = 1_000;

/**
 * @typedef {object} Command
 * @property {string} file
 * @property {string[]} args
 * @property {readonly number[]} [successCodes] exit codes that mean success; 0 when left out
 */

/**
 * @typedef {object} Measurement
 * @property {number} wallMs
 * @property {number | null} cpuMs all threads, user and system; null when the process could not report
 * @property {number | null} peakBytes highest resident set of the process; null when it could not report
 * @property {string} stdout
 * @property {string} stderr
 * @property {string | null} failure why the process failed
 */

/**
 * Runs a command in a fresh process and measures it. A Node process reports its own CPU time and peak memory as the
 * operating system counts them; any other process, and one that is killed, gives its wall time only.
 *
 * @param {Command} command
 * @returns {Promise<Measurement>}
 */
export async function measure({ file, args, successCodes = [0] }) {
  const folder = mkdtempSync(join(tmpdir(), 'stanch-bench-'));
  const usageFile = join(folder, 'usage.json');
  // Files, not pipes: a program that ends with process.exit() loses what is still in a pipe.
  const outputs = ['stdout', 'stderr'].map((name) => join(folder, name));
  const descriptors = outputs.map((path) => openSync(path, 'w'));
  const start = performance.now();
  const child = spawn(file, args, {
    stdio: ['ignore', ...descriptors],
    timeout: TIMEOUT_MS,
    env: {
      ...process.env,
      NODE_OPTIONS: `--require=${JSON.stringify(PRELOAD)}`,
      BENCH_USAGE_FILE: usageFile,
      BENCH_PARENT: String(process.pid),
    },
  });
  const ending = await new Promise((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? code));
    child.on('error', (error) => resolve(error.message));
  });
  const wallMs = performance.now() - start;
  descriptors.forEach(closeSync);
  const [stdout, stderr] = outputs.map((path) => readFileSync(path, 'utf8'));
  const usage = readUsage(usageFile);
  rmSync(folder, { recursive: true });
  return {
    wallMs,
    cpuMs: usage && (usage.userCPUTime + usage.systemCPUTime) / MICROSECONDS_PER_MS,
    peakBytes: usage && usage.maxRSS * BYTES_PER_RSS_UNIT,
    stdout,
    stderr,
    failure: successCodes.includes(ending) ? null : `${reason(stderr || stdout)} (${ending})`,
  };
}

/** @param {string} file @returns {NodeJS.ResourceUsage | null} null when the process ended before it could write */
function readUsage(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** The line of an output that names the error. @param {string} output */
function reason(output) {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.find((line) => /error|invalid|fatal/i.test(line)) ?? lines.findLast(Boolean) ?? 'failed';
}
