/**
 * Compares Stanch with Chrome DevTools' own code on every node of real snapshots:
 *
 *   node bench/exactness.mjs [snapshot...]
 *
 * Without arguments: real snapshots of Node 18, 20, 22, 24 and Chromium, captured now when they are missing.
 * Ends with 1 when any dominator, retained size, own size or distance differs.
 */
import { basename, dirname } from 'node:path';
import { captureMajors } from './capture-majors.mjs';
import { oracleArrays } from './peers/devtools/oracle.mjs';
import { installPeers } from './peers/install.mjs';
import { stanchArrays } from './stanch/arrays.mjs';

const QUANTITIES = /** @type {const} */ (['idom', 'retained', 'self', 'distance']);
const SHOWN_DIFFERENCES = 5;

/** `270/final.heapsnapshot` → `270-final`: unique enough for a folder of results. @param {string} path */
function nameOf(path) {
  return `${basename(dirname(path))}-${basename(path, '.heapsnapshot')}`;
}

/**
 * @param {ArrayLike<number>} ours
 * @param {ArrayLike<number>} theirs
 * @returns {number[]} nodes where the two differ; a missing entry differs
 */
function differingNodes(ours, theirs) {
  const differing = [];
  for (let node = 0; node < Math.max(ours.length, theirs.length); node += 1) {
    if (ours[node] !== theirs[node]) differing.push(node);
  }
  return differing;
}

/**
 * Prints how one snapshot compares.
 *
 * @param {{name: string, path: string}} snapshot
 * @returns {Promise<number>} how many values differ
 */
async function compare({ name, path }) {
  const theirs = oracleArrays(name, path);
  const ours = await stanchArrays(path);
  const differing = QUANTITIES.map((quantity) => ({
    quantity,
    nodes: differingNodes(ours[quantity], theirs[quantity]),
  }));
  const counts = differing.map(({ quantity, nodes }) => `${quantity} ${nodes.length}`).join(', ');
  process.stdout.write(`${name}: ${theirs.idom.length} nodes; differing: ${counts}\n`);
  for (const { quantity, nodes } of differing) {
    for (const node of nodes.slice(0, SHOWN_DIFFERENCES)) {
      const values = `Stanch ${ours[quantity][node]}, DevTools ${theirs[quantity][node]}`;
      process.stdout.write(`  ${quantity} of node ${node} (${ours.nameOf(node)}): ${values}\n`);
    }
  }
  return differing.reduce((sum, { nodes }) => sum + nodes.length, 0);
}

const paths = process.argv.slice(2);
await installPeers();
const snapshots =
  paths.length > 0 ? paths.map((path) => ({ name: nameOf(path), path })) : await captureMajors();
let differences = 0;
for (const snapshot of snapshots) differences += await compare(snapshot);
process.stdout.write(differences === 0 ? 'exact: 0 nodes differ\n' : `${differences} values differ\n`);
process.exitCode = differences === 0 ? 0 : 1;
