/**
 * Checks that `stanch diagnose` finds every planted leak with its exact count, its path and its file and line, beside
 * what memlab says about the same files:
 *
 *   node bench/planted-check.mjs [--sizes 30,270]
 *
 * Ends with 1 when a leak is missed or a healthy owner is accused.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeSet } from './generate/make.mjs';
import { STANCH_CLI } from './layout.mjs';
import { measure } from './measure/measure.mjs';
import { installPeers } from './peers/install.mjs';
import { findLeaksCommand, leaksFound } from './peers/memlab.mjs';
import { readClusters } from './peers/memlab-clusters.mjs';
import { bestMatch, plantedGrowth, wronglyAccused } from './planted/judge.mjs';

const SOURCE = fileURLToPath(new URL('./generate', import.meta.url));
const SHOWN_PATH_LENGTH = 90;

const { values: options } = parseArgs({ options: { sizes: { type: 'string', default: '30,270' } } });

/** @param {string} line */
const print = (line) => process.stdout.write(`${line}\n`);

/** @param {boolean} ok */
const mark = (ok) => (ok ? 'ok' : 'WRONG');

/**
 * Prints how one leak was found.
 *
 * @param {readonly any[]} findings
 * @param {import('./generate/truth.mjs').PlantedLeak} leak
 * @returns {boolean} whether all of it was
 */
function reportLeak(findings, leak) {
  print(`  ${leak.id} ${leak.pattern}: ${plantedGrowth(leak)} planted`);
  const match = bestMatch(findings, leak);
  if (!match) {
    print('     MISSED');
    return false;
  }
  const { finding, count, path, line } = match;
  const where = finding.location ? `${finding.location.file}:${finding.location.line}` : 'no file';
  print(`     ${finding.id} ${finding.title}`);
  print(`     count ${finding.growth.objects} ${mark(count)}, path ${mark(path)}, ${where} ${mark(line)}`);
  return count && path && line;
}

/**
 * @param {string} folder
 * @param {readonly string[]} files
 * @returns {Promise<boolean>} whether every leak was found and nothing healthy accused
 */
async function checkStanch(folder, files) {
  const { leaks, healthy } = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'));
  const { failure, stdout } = await measure({
    file: process.execPath,
    args: [STANCH_CLI, 'diagnose', ...files, '--source', SOURCE, '--json'],
    successCodes: [0, 1],
  });
  if (failure) {
    print(`Stanch failed: ${failure}`);
    return false;
  }
  const { findings, growth, verdict } = JSON.parse(stdout);
  print(`Stanch: ${verdict}, ${findings.length} findings, explained share ${growth.explainedShare}`);
  let passed = true;
  for (const leak of leaks) if (!reportLeak(findings, leak)) passed = false;
  const accused = wronglyAccused(findings, healthy);
  for (const { id, owner } of accused) print(`  ${id} WRONGLY ACCUSES ${owner}`);
  return passed && accused.length === 0;
}

/** @param {readonly string[]} files */
async function showMemlab(files) {
  const plain = await measure(findLeaksCommand(files, { withFilter: false }));
  print(`memlab find-leaks: ${plain.failure ?? leaksFound(plain)}`);
  const filtered = await measure(findLeaksCommand(files, { withFilter: true }));
  const output = filtered.stdout + filtered.stderr;
  const sampling = /Sampling Ratio: [\d.]+%/.exec(output)?.[0] ?? 'all traces';
  const positions = /\.[mc]?[jt]s:\d+/.test(output) ? 'with' : 'without';
  print(`memlab find-leaks with a filter: ${filtered.failure ?? leaksFound(filtered)}`);
  print(`  ${sampling}, ${positions} file and line`);
  for (const { similar, edges } of readClusters(output)) {
    print(`  ${similar} similar: ${edges.join('.').slice(0, SHOWN_PATH_LENGTH)}`);
  }
}

await installPeers();
let passed = true;
for (const size of options.sizes.split(',')) {
  const { folder, files } = makeSet(size);
  print(`\n${size} MB`);
  if (!(await checkStanch(folder, files))) passed = false;
  await showMemlab(files);
}
process.exitCode = passed ? 0 : 1;
