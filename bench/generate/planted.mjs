/**
 * The planted program: runs the collaboration service under load and writes three snapshots of itself, and beside them
 * how many objects each planted leak held in each. Runs under any Node from 18.
 *
 *   node --expose-gc planted.mjs <size> <folder>
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import { CollaborationService } from './service/service.mjs';
import { MOMENTS, SET_SIZES } from './sizes.mjs';

const JOINS_PER_TURN = 500;
const SETTLE_ROUNDS = 5;

const [sizeName, folder] = process.argv.slice(2);
const size = SET_SIZES[sizeName];
if (!size || !folder || !globalThis.gc) {
  process.stderr.write(
    `usage: node --expose-gc planted.mjs <${Object.keys(SET_SIZES).join('|')}> <folder>\n`,
  );
  process.exit(2);
}

// The warm-up fills every healthy cache; from there each moment brings the same number of sessions.
const warmUp = 2 * size.liveSessions;
const joinsAt = {
  baseline: warmUp,
  target: warmUp + size.sessions / 2,
  final: warmUp + size.sessions,
};

const service = new CollaborationService(size);
// Reachable from the global object: a short path that favours no tool.
globalThis.service = service;

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** @param {number} joins total to reach */
async function driveTo(joins) {
  while (service.joins < joins) {
    service.join();
    if (service.joins % JOINS_PER_TURN === 0) await turn();
  }
}

/** Lets finished work end and collects garbage, so that a snapshot shows what is retained. */
async function settle() {
  for (let round = 0; round < SETTLE_ROUNDS; round += 1) {
    await turn();
    globalThis.gc();
  }
}

/** From a callback, as in an idle server: no frame on the stack holds the service. @param {string} file */
function takeSnapshot(file) {
  return new Promise((resolve) => setImmediate(() => resolve(writeHeapSnapshot(file))));
}

const counts = {};
for (const moment of MOMENTS) {
  await driveTo(joinsAt[moment]);
  await settle();
  counts[moment] = service.leakedCounts();
  await takeSnapshot(join(folder, `${moment}.heapsnapshot`));
}

writeFileSync(join(folder, 'counts.json'), JSON.stringify({ node: process.version, joins: joinsAt, counts }));
process.exit(0); // the planted timers would keep the process alive
