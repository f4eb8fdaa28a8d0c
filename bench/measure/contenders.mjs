import { fileURLToPath } from 'node:url';
import { STANCH_CLI } from '../layout.mjs';
import { findLeaksCommand, leaksFound, objectSizeCommand } from '../peers/memlab.mjs';
import { NODE_FLAGS } from '../peers/node-flags.mjs';

/**
 * @typedef {object} Contender
 * @property {string} id
 * @property {string} label
 * @property {'open' | 'diagnose' | 'floor'} task `open`: one snapshot up to dominators and retained sizes; `diagnose`: three
 * @property {'stanch' | 'devtools' | 'memlab' | 'floor'} family
 * @property {(files: readonly string[]) => import('./measure.mjs').Command} command files are baseline, target, final
 * @property {(output: {stdout: string, stderr: string}) => string} result what the process found, in a few words
 */

/** @param {string} script beside this folder @param {string[]} args @param {readonly string[]} [flags] */
function node(script, args, flags = []) {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  return { file: process.execPath, args: [...flags, path, ...args] };
}

/** @param {{stdout: string}} output one JSON line */
const nodesRead = ({ stdout }) => `${JSON.parse(stdout).nodes.toLocaleString('en')} nodes`;

/** @param {{stdout: string}} output the JSON of `stanch diagnose` */
function diagnosisResult({ stdout }) {
  const { verdict, findings } = JSON.parse(stdout);
  return `${verdict}, ${findings.length} findings`;
}

/** @type {readonly Contender[]} */
export const CONTENDERS = [
  {
    id: 'stanch-open',
    label: 'Stanch: open, dominators, retained',
    task: 'open',
    family: 'stanch',
    command: (files) => node('stanch/open.mjs', [files[2]]),
    result: nodesRead,
  },
  {
    id: 'stanch-distances',
    label: 'Stanch: the same and distances',
    task: 'open',
    family: 'stanch',
    command: (files) => node('stanch/open.mjs', [files[2], '--distances']),
    result: nodesRead,
  },
  {
    id: 'devtools',
    label: 'Chrome DevTools: open and summary',
    task: 'open',
    family: 'devtools',
    command: (files) => node('peers/devtools/run.mjs', [files[2]], NODE_FLAGS),
    result: nodesRead,
  },
  {
    id: 'memlab-object-size',
    label: 'memlab analyze object-size',
    task: 'open',
    family: 'memlab',
    command: (files) => objectSizeCommand(files[2]),
    result: ({ stdout }) =>
      `${stdout.split('\n').filter((line) => line.includes('edges, ')).length} objects listed`,
  },
  {
    id: 'stanch-diagnose',
    label: 'Stanch diagnose, 3 snapshots',
    task: 'diagnose',
    family: 'stanch',
    // Exit code 1 is the verdict "leak".
    command: (files) => ({
      file: process.execPath,
      args: [STANCH_CLI, 'diagnose', ...files, '--json'],
      successCodes: [0, 1],
    }),
    result: diagnosisResult,
  },
  {
    id: 'memlab-find-leaks',
    label: 'memlab find-leaks, 3 snapshots',
    task: 'diagnose',
    family: 'memlab',
    command: (files) => findLeaksCommand(files, { withFilter: false }),
    result: leaksFound,
  },
  {
    id: 'memlab-find-leaks-filter',
    label: 'memlab find-leaks with a filter, 3 snapshots',
    task: 'diagnose',
    family: 'memlab',
    command: (files) => findLeaksCommand(files, { withFilter: true }),
    result: leaksFound,
  },
  {
    id: 'json-parse',
    label: 'floor: readFileSync and JSON.parse',
    task: 'floor',
    family: 'floor',
    command: (files) => node('peers/json-parse.mjs', [files[2]], NODE_FLAGS),
    result: nodesRead,
  },
  {
    id: 'wc',
    label: 'floor: wc -l',
    task: 'floor',
    family: 'floor',
    command: (files) => ({ file: 'wc', args: ['-l', files[2]] }),
    result: ({ stdout }) => `${Number(stdout.trim().split(' ')[0]).toLocaleString('en')} lines`,
  },
];
