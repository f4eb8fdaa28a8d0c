import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { missingParts } from './catalog.mjs';
import { readJson } from './root.mjs';
import { tempTree } from './temp-tree.mjs';

const catalog = readJson('scripts/catalog.json');
const rulePage = ['What it means', 'How it is found', 'When it is wrong', 'How to fix']
  .map((title) => `## ${title}\n`)
  .join('');

const whole = {
  'src/formats/README.md': '',
  'src/formats/index.ts': "import { read } from './pprof/read.ts';",
  'src/formats/pprof/detect.ts': '',
  'src/formats/pprof/read.ts': '',
  'src/formats/pprof/README.md': '',
  'src/formats/_skeleton/read.ts': '',
  'docs/formats/pprof.md': '',
  'src/diagnosis/README.md': '',
  'src/diagnosis/rules/index.ts': "import { rule } from './node/timer-leak.ts';",
  'src/diagnosis/rules/node/timer-leak.ts': '',
  'src/diagnosis/rules/node/timer-leak.test.ts': '',
  'docs/rules/node/timer-leak.md': rulePage,
  'src/cli/README.md': '',
  'src/cli/commands/diff.ts': '',
  'src/cli/commands/diff.test.ts': '',
  'docs/commands/diff.md': '',
};

test('a house with all its parts has nothing missing', () => {
  expect(missingParts(tempTree(whole), catalog)).toEqual([]);
});

test.each([
  ['src/cli/README.md', ['folder src/cli/: src/cli/README.md is missing']],
  ['src/formats/pprof/detect.ts', ['format src/formats/pprof/: src/formats/pprof/detect.ts is missing']],
  ['src/formats/index.ts', ["format src/formats/pprof/: src/formats/index.ts has no line with './pprof/"]],
  ['docs/formats/pprof.md', ['format src/formats/pprof/: docs/formats/pprof.md is missing']],
  [
    'src/diagnosis/rules/node/timer-leak.test.ts',
    ['rule src/diagnosis/rules/node/timer-leak.ts: src/diagnosis/rules/node/timer-leak.test.ts is missing'],
  ],
  [
    'src/diagnosis/rules/index.ts',
    [
      "rule src/diagnosis/rules/node/timer-leak.ts: src/diagnosis/rules/index.ts has no line with './node/timer-leak.ts'",
    ],
  ],
  ['docs/commands/diff.md', ['command src/cli/commands/diff.ts: docs/commands/diff.md is missing']],
  ['src/cli/commands/diff.ts', ['docs/commands/diff.md: there is no command src/cli/commands/diff.ts']],
])('without %s the catalog says so', (path, problems) => {
  const house = tempTree(whole);
  rmSync(join(house, path));
  expect(missingParts(house, catalog)).toEqual(problems);
});

test('a rule page that lacks a section is reported', () => {
  const house = tempTree(whole);
  writeFileSync(join(house, 'docs/rules/node/timer-leak.md'), rulePage.replace('When it is wrong', 'Limits'));
  expect(missingParts(house, catalog)).toEqual([
    'rule src/diagnosis/rules/node/timer-leak.ts: docs/rules/node/timer-leak.md has no section "When it is wrong"',
  ]);
});
