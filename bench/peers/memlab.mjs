import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PEERS } from '../layout.mjs';
import { NODE_FLAGS } from './node-flags.mjs';

const MEMLAB = [...NODE_FLAGS, '--expose-gc', join(PEERS, 'node_modules', 'memlab', 'bin', 'memlab')];
const WORK_FOLDER = ['--work-dir', join(PEERS, 'memlab-work')];
const FILTER = fileURLToPath(new URL('./memlab-filter.cjs', import.meta.url));

/** @param {string} snapshot @returns {import('../measure/measure.mjs').Command} */
export function objectSizeCommand(snapshot) {
  const args = [...MEMLAB, 'analyze', 'object-size', '--snapshot', snapshot, ...WORK_FOLDER];
  return { file: process.execPath, args };
}

/**
 * @param {readonly string[]} files baseline, target, final
 * @param {{withFilter: boolean}} options with a filter that takes every object, as memlab's authors advise for Node
 * @returns {import('../measure/measure.mjs').Command}
 */
export function findLeaksCommand([baseline, target, final], { withFilter }) {
  const series = ['--baseline', baseline, '--target', target, '--final', final];
  const filter = withFilter ? ['--leak-filter', FILTER] : [];
  return { file: process.execPath, args: [...MEMLAB, 'find-leaks', ...series, ...filter, ...WORK_FOLDER] };
}

/** What find-leaks says it found, in its own words; it says so on stderr. @param {{stderr: string}} output */
export function leaksFound({ stderr }) {
  return /MemLab found \d+ leak\(s\)/.exec(stderr)?.[0] ?? 'no result';
}
