import { expect, test } from 'vitest';
import { brokenFloors } from './floors.mjs';
import { readJson } from './root.mjs';
import { tempTree } from './temp-tree.mjs';

const table = readJson('scripts/floors.json');

/** @param {Record<string, string>} files below src */
const broken = (files) =>
  brokenFloors(
    tempTree(Object.fromEntries(Object.entries(files).map(([path, text]) => [`src/${path}`, text]))),
    table,
  ).map(({ file, line, import: name, why }) => `${file}:${line} ${name}: ${why}`);

test('an upward import is reported with its file, line and reason', () => {
  expect(broken({ 'model/graph.ts': "const a = 1;\nimport { x } from '../diagnosis/x.ts';\n" })).toEqual([
    'src/model/graph.ts:2 ../diagnosis/x.ts: diagnosis (floor 3) stands above model (floor 1)',
  ]);
});

test('a Node module in a folder that also runs in a browser is reported', () => {
  expect(broken({ 'analysis/a.ts': "import { readFileSync } from 'node:fs';\nimport 'path';\n" })).toEqual([
    'src/analysis/a.ts:1 node:fs: analysis also runs in a browser: no Node modules',
    'src/analysis/a.ts:2 path: analysis also runs in a browser: no Node modules',
  ]);
});

test('a Node global in a folder that also runs in a browser is reported, a property of that name is not', () => {
  const text = 'export const a = Buffer.from([]);\nexport const b = { process: 1 }.process;\n';
  expect(broken({ 'formats/a/read.ts': text, 'sources/a.ts': text })).toEqual([
    'src/formats/a/read.ts:1 Buffer: formats also runs in a browser, which has no Buffer',
  ]);
});

test('every way to import is seen: types, re-exports, import() and the file of a worker', () => {
  const text = [
    "import type { A } from '../cli/a.ts';",
    "export * from '../cli/b.ts';",
    "export type C = import('../cli/c.ts').C;",
    "export const d = () => import('../cli/d.ts');",
    "export const e = new Worker(new URL('../cli/e.ts', import.meta.url));",
    'export const f = (name: string) => import(name);',
  ].join('\n');
  expect(broken({ 'base/all.ts': text })).toHaveLength(6);
});

test('siblings on one floor are reported, except those that the table names', () => {
  expect(broken({ 'formats/a/read.ts': "import '../../analysis/a.ts';" })).toEqual([
    'src/formats/a/read.ts:1 ../../analysis/a.ts: analysis (floor 2) stands beside formats (floor 2)',
  ]);
  expect(broken({ 'web/a.ts': "import '../server/api-types.ts';" })).toEqual([]);
  expect(broken({ 'web/a.ts': "import '../server/store.ts';\nimport '../confirm/a.ts';" })).toHaveLength(2);
});

test('two formats never import each other, but share what lies beside them', () => {
  expect(
    broken({ 'formats/a/read.ts': "import '../b/read.ts';\nimport '../format.ts';\nimport './inner/x.ts';" }),
  ).toEqual(['src/formats/a/read.ts:1 ../b/read.ts: a and b are of different kinds']);
  expect(broken({ 'formats/index.ts': "import './a/read.ts';\nimport './b/read.ts';" })).toEqual([]);
});

test('a package must be in the table', () => {
  expect(broken({ 'base/a.ts': "import 'fzstd';\nimport 'ws';" })).toEqual([
    'src/base/a.ts:2 ws: the table gives base no package ws',
  ]);
});

test('a file outside src must be in the table', () => {
  const text = "import a from '../../package.json' with { type: 'json' };";
  expect(broken({ 'cli/version.ts': text })).toEqual([]);
  expect(broken({ 'report/version.ts': text })).toEqual([
    'src/report/version.ts:1 ../../package.json: package.json lies outside src',
  ]);
});

test('the public entry takes from every floor up to the fourth, and nothing takes from it', () => {
  expect(broken({ 'index.ts': "export * from './casework/a.ts';\nexport * from './server/a.ts';" })).toEqual([
    'src/index.ts:2 ./server/a.ts: server is on floor 5, above 4',
  ]);
  expect(broken({ 'report/a.ts': "import '../index.ts';" })).toHaveLength(1);
});

test('a test file may take anything below the command line', () => {
  const text = "import '../server/a.ts';\nimport 'node:fs';\nimport 'fast-check';\nimport '../cli/main.ts';";
  expect(broken({ 'base/a.test.ts': text })).toEqual([
    'src/base/a.test.ts:4 ../cli/main.ts: tests may import anything below cli, not cli itself',
  ]);
});

test('a folder or a file that the table does not know is reported', () => {
  expect(broken({ 'utils/a.ts': '', 'stray.ts': '' })).toEqual([
    'src/stray.ts:1 : not in scripts/floors.json: give it a floor',
    'src/utils:1 : not in scripts/floors.json: give it a floor',
  ]);
});
