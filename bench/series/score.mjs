// Error rates of `confirm` on made-up series, shape by shape, beside two tests that people use alone.
// node bench/series/score.mjs [--generator drawn|simulated|foreign] [--runs 40] [--seed 1] [--shape name] [--bare] [--wrong]

import { parseArgs } from 'node:util';
import { bundled } from '../bundled.mjs';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    shape: { type: 'string' },
    generator: { type: 'string', default: 'drawn' },
    wrong: { type: 'boolean', default: false },
    bare: { type: 'boolean', default: false },
  },
});

const parts = await bundled('series');
const { confirm, confirmSet, mannKendallSaysLeak, predictLinearSaysLeak } = parts;
const GENERATORS = {
  drawn: [parts.LEAKING, parts.HEALTHY, parts.UNTELLABLE, parts.fieldSeries],
  simulated: [parts.LEAKS, parts.SOUND, [], parts.service],
  foreign: [parts.FOREIGN_LEAKS, parts.FOREIGN_SOUND, parts.FOREIGN_OPEN, parts.foreignSeries],
};
const [LEAKING, HEALTHY, UNTELLABLE, make] = GENERATORS[options.generator];

const print = (...parts) => process.stdout.write(`${parts.join(' ')}\n`);
const runs = Number(options.runs);
const first = Number(options.seed);
const shapes = [...LEAKING, ...HEALTHY, ...UNTELLABLE].filter(
  (each) => !options.shape || each === options.shape,
);
const rows = [];
const sum = { leak: [0, 0, 0, 0, 0], healthy: [0, 0, 0, 0, 0] };
let covered = 0;
let intervals = 0;
let near = 0;
let limits = 0;
let onsets = 0;
let onsetNear = 0;
let cpuMs = 0;
for (const shape of shapes) {
  const row = {
    shape,
    right: 0,
    wrong: 0,
    unsure: 0,
    mk: 0,
    pl: 0,
    covered: 0,
    intervals: 0,
    names: new Map(),
  };
  for (let seed = first; seed < first + runs; seed++) {
    const field = await make(shape, seed);
    const before = process.cpuUsage();
    // Bare: as from a table with one column of no telling name.
    const result = options.bare
      ? confirm({ memory: { ...field.memory, name: 'value', unit: null } })
      : field.set
        ? confirmSet(field.set, { metric: field.metric, limit: field.limit ?? undefined })[0]
        : confirm({ memory: field.memory, others: field.others, limit: field.limit });
    cpuMs += process.cpuUsage(before).user / 1000;
    const wanted = field.untellable ? 'inconclusive' : field.leaks ? 'leak' : 'no-leak';
    if (result.verdict === wanted) row.right++;
    else if (field.untellable && result.verdict === (field.leaks ? 'leak' : 'no-leak')) row.right++;
    else if (result.verdict === 'inconclusive' || (field.untellable && result.verdict === 'no-leak'))
      row.unsure++;
    else row.wrong++;
    if (options.wrong && result.verdict !== wanted) {
      const { verdict, shape: seen, reasons, missing } = result;
      print(
        shape,
        seed,
        verdict,
        seen,
        `${field.memory.values.length} samples`,
        reasons.join(' | '),
        missing.join(' | '),
      );
    }
    row.names.set(result.shape, (row.names.get(result.shape) ?? 0) + 1);
    row.mk += mannKendallSaysLeak(field.memory) ? 1 : 0;
    row.pl += predictLinearSaysLeak(field.memory, field.limit) ? 1 : 0;
    if (result.verdict !== 'leak' || !field.leaks) continue;
    if (field.ratePerHour !== null && result.ratePerHour) {
      row.intervals++;
      const { low, high } = result.ratePerHour;
      if (low <= field.ratePerHour && field.ratePerHour <= high) row.covered++;
    }
    if (field.hoursToLimit !== null && result.timeToLimit) {
      limits++;
      if (Math.abs(result.timeToLimit.hours / field.hoursToLimit - 1) <= 0.2) near++;
    }
    if (field.onsetMs !== null) {
      onsets++;
      const span = field.memory.times.at(-1) - field.memory.times[0];
      if (result.onset !== null && Math.abs(Date.parse(result.onset) - field.onsetMs) <= 0.05 * span)
        onsetNear++;
    }
  }
  covered += row.covered;
  intervals += row.intervals;
  if (!UNTELLABLE.includes(shape)) {
    const total = LEAKING.includes(shape) ? sum.leak : sum.healthy;
    [runs, row.right, row.wrong, row.mk, row.pl].forEach((count, at) => {
      total[at] += count;
    });
  }
  rows.push(row);
}
const percent = (count, of) => (of === 0 ? '–' : `${((100 * count) / of).toFixed(1)} %`).padStart(8);
print(
  `shape                                 right    wrong   unsure  covered |  MK leak  predict_linear   (${runs} each, seeds from ${first})`,
);
for (const { shape, right, wrong, unsure, mk, pl, ...row } of rows) {
  const named = [...row.names].sort((a, b) => b[1] - a[1])[0]?.[0];
  print(
    shape.padEnd(36),
    percent(right, runs),
    percent(wrong, runs),
    percent(unsure, runs),
    percent(row.covered, row.intervals),
    '|',
    percent(mk, runs),
    percent(pl, runs),
    ' ',
    named,
  );
}
const [leaks, found, , mkFound, plFound] = sum.leak;
const [healthy, clean, accused, mkAccused, plAccused] = sum.healthy;
print(
  `recall ${percent(found, leaks)}  (Mann–Kendall ${percent(mkFound, leaks)}, predict_linear ${percent(plFound, leaks)})`,
);
print(
  `false alarms ${percent(accused, healthy)}  (Mann–Kendall ${percent(mkAccused, healthy)}, predict_linear ${percent(plAccused, healthy)}), healthy called healthy ${percent(clean, healthy)}`,
);
print(
  `interval covers ${percent(covered, intervals)}, time to limit within 20 % ${percent(near, limits)}, onset within 5 % ${percent(onsetNear, onsets)}`,
);
print(`${(cpuMs / (runs * shapes.length)).toFixed(2)} ms of CPU a series`);
