/**
 * Ruby dumps beside the peers that can be had here: `wc -l`, `jq`, `JSON.parse` of each line, reap (Rust, dominators).
 *
 *   node bench/ruby/run.mjs [--megabytes 300] [--runs 3] [--reap PATH]
 *
 * Prints user CPU seconds and peak resident memory of each, the least of all runs, as one table with ratios to Stanch.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DATA } from '../layout.mjs';

const { values: options } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '300' },
    runs: { type: 'string', default: '3' },
    reap: { type: 'string', default: 'reap' },
  },
});
mkdirSync(DATA, { recursive: true });
const file = join(DATA, `ruby-${options.megabytes}.json`);
if (!existsSync(file)) {
  const made = spawnSync(
    process.execPath,
    [new URL('generate.mjs', import.meta.url).pathname, file, options.megabytes],
    { stdio: 'inherit' },
  );
  if (made.status !== 0) process.exit(1);
}

const node = (program) => [process.execPath, new URL(program, import.meta.url).pathname, file];
const CONTENDERS = [
  { name: 'Stanch: open, dominators, retained sizes, names', command: node('open.mjs') },
  { name: 'Node, JSON.parse of each line (reads only)', command: node('parse-lines.mjs') },
  { name: 'wc -l', command: ['wc', '-l', file] },
  { name: 'jq, tally of types', command: ['jq', '-n', 'reduce inputs as $o ({}; .[$o.type] += 1)', file] },
  { name: 'reap (dominators)', command: [options.reap, file] },
];

/** User CPU and peak memory of one run, as GNU time tells; null where the program is not there. */
function measure([program, ...args]) {
  const log = join(DATA, 'ruby-time.txt');
  const run = spawnSync('/usr/bin/time', ['-f', '%U %S %M', '-o', log, program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (run.status !== 0) return null;
  const [user, system, kilobytes] = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .at(-1)
    .split(' ')
    .map(Number);
  return { cpuSeconds: user + system, megabytes: kilobytes / 1024 };
}

const rows = CONTENDERS.map(({ name, command }) => {
  const runs = Array.from({ length: Number(options.runs) }, () => measure(command)).filter(
    (run) => run !== null,
  );
  return {
    name,
    cpuSeconds: runs.length ? Math.min(...runs.map((run) => run.cpuSeconds)) : null,
    megabytes: runs.length ? Math.min(...runs.map((run) => run.megabytes)) : null,
  };
});
const own = rows[0];
process.stdout.write(
  `${(statSync(file).size / 1e6).toFixed(0)} MB\n\n| | CPU s | of Stanch's | peak MB | of Stanch's |\n| --- | --- | --- | --- | --- |\n`,
);
for (const { name, cpuSeconds, megabytes } of rows) {
  process.stdout.write(
    cpuSeconds === null
      ? `| ${name} | not run | | | |\n`
      : `| ${name} | ${cpuSeconds.toFixed(2)} | ${(cpuSeconds / own.cpuSeconds).toFixed(2)} | ${megabytes.toFixed(0)} | ${(megabytes / own.megabytes).toFixed(2)} |\n`,
  );
}
