import { statSync } from 'node:fs';
import { measure } from './measure.mjs';

/**
 * @typedef {object} Row one contender on one set of snapshots
 * @property {string} size
 * @property {string} files sizes of the files that the contender reads
 * @property {string} id
 * @property {string} label
 * @property {import('./contenders.mjs').Contender['task']} task
 * @property {string} family
 * @property {number} runs
 * @property {number} wallMs median of the runs, as are the next two
 * @property {number | null} cpuMs null when the process could not report
 * @property {number | null} peakBytes null when the process could not report
 * @property {string} result
 * @property {string | null} failure
 */

const BYTES_PER_MB = 1_000_000;

/**
 * Runs contenders in turns on one set, so that a busy moment of the machine does not hit only one of them.
 *
 * @param {string} size
 * @param {readonly string[]} files baseline, target, final
 * @param {readonly import('./contenders.mjs').Contender[]} contenders
 * @param {number} rounds
 * @returns {Promise<Row[]>}
 */
export async function race(size, files, contenders, rounds) {
  /** @type {Map<string, import('./measure.mjs').Measurement[]>} */
  const runsOf = new Map(contenders.map(({ id }) => [id, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { id, command } of contenders) {
      const runs = runsOf.get(id);
      // What fails once fails again, and some take minutes to do so.
      if (runs.at(-1)?.failure) continue;
      process.stderr.write(`${size} MB, round ${round}: ${id}\n`);
      runs.push(await measure(command(files)));
    }
  }
  return contenders.map((contender) => summarize(size, files, contender, runsOf.get(contender.id)));
}

/**
 * @param {string} size
 * @param {readonly string[]} files
 * @param {import('./contenders.mjs').Contender} contender
 * @param {readonly import('./measure.mjs').Measurement[]} runs
 * @returns {Row}
 */
function summarize(size, files, { id, label, task, family, result }, runs) {
  return {
    size,
    files: megabytesOf(task === 'diagnose' ? files : files.slice(-1)),
    id,
    label,
    task,
    family,
    runs: runs.length,
    wallMs: median(runs.map(({ wallMs }) => wallMs)),
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
    peakBytes: median(runs.map(({ peakBytes }) => peakBytes)),
    ...outcome(runs.at(-1), result),
  };
}

/**
 * @param {import('./measure.mjs').Measurement} run
 * @param {import('./contenders.mjs').Contender['result']} result
 */
function outcome(run, result) {
  if (run.failure) return { result: '', failure: run.failure };
  try {
    return { result: result(run), failure: null };
  } catch (error) {
    return { result: '', failure: `no readable result (${error.message})` };
  }
}

/** The median of the values that are known. @template {number | null} T @param {readonly T[]} values @returns {T} */
function median(values) {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  return known[Math.floor(known.length / 2)] ?? null;
}

/** @param {readonly string[]} files */
function megabytesOf(files) {
  return `${files.map((file) => Math.round(statSync(file).size / BYTES_PER_MB)).join(' + ')} MB`;
}
