/**
 * Stanch and its peers side by side on real snapshots (`npm run bench`):
 *
 *   node bench/run.mjs [--sizes 30,270] [--peers devtools,memlab] [--tasks open] [--runs 3] [--skip-generate]
 *
 * Prints one table and writes `.bench/results.json`. Every run is a fresh process. Stanch always runs; `--peers ''`
 * runs it alone.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeSet } from './generate/make.mjs';
import { MOMENTS, SET_SIZES } from './generate/sizes.mjs';
import { DATA, RESULTS } from './layout.mjs';
import { CONTENDERS } from './measure/contenders.mjs';
import { race } from './measure/race.mjs';
import { markdownTable } from './measure/table.mjs';
import { installPeers } from './peers/install.mjs';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: Object.keys(SET_SIZES).join(',') },
    peers: { type: 'string', default: 'devtools,memlab,floor' },
    tasks: { type: 'string', default: 'open,diagnose,floor' },
    runs: { type: 'string', default: '3' },
    'skip-generate': { type: 'boolean', default: false },
  },
});

/** @param {string} size @returns {string[]} baseline, target, final */
function snapshotsOf(size) {
  if (!options['skip-generate']) return makeSet(size).files;
  const files = MOMENTS.map((moment) => join(DATA, size, `${moment}.heapsnapshot`));
  const missing = files.find((file) => !existsSync(file));
  if (missing) throw new Error(`${missing} is missing: run without --skip-generate`);
  return files;
}

await installPeers();
const families = ['stanch', ...options.peers.split(',')];
const tasks = options.tasks.split(',');
const chosen = CONTENDERS.filter(({ family, task }) => families.includes(family) && tasks.includes(task));
const machine = {
  cpus: cpus().length,
  model: cpus()[0]?.model,
  memoryBytes: totalmem(),
  node: process.version,
};
const rows = [];
for (const size of options.sizes.split(',')) {
  rows.push(...(await race(size, snapshotsOf(size), chosen, Number(options.runs))));
  // After each size, since all of them take long.
  writeFileSync(RESULTS, `${JSON.stringify({ machine, rows }, null, 2)}\n`);
}
process.stdout.write(markdownTable(rows));
