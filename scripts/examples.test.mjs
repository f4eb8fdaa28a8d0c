import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';
import { exportsOf, publicDeclaration } from './declaration.mjs';
import { root } from './root.mjs';

// Every @example of the public API is a program: it runs against the built package, as a user would run it, in a
// folder with three real snapshots called A, B and C.
const folder = mkdtempSync(join(tmpdir(), 'stanch-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
execFileSync(process.execPath, [join(root, 'test', 'tiny-leak.mjs'), folder]);
mkdirSync(join(folder, 'node_modules'));
symlinkSync(root, join(folder, 'node_modules', 'stanch'), 'junction');

const examples = exportsOf(await publicDeclaration()).flatMap(({ name, examples }) =>
  examples.map((code, index) => ({ name: `${name}${index === 0 ? '' : ` (${index + 1})`}`, code })),
);

test('the public API has examples', () => {
  expect(examples.length).toBeGreaterThan(0);
});

test.each(examples)('the example of $name runs', ({ name, code }) => {
  const file = join(folder, `${name.replace(/\W+/g, '-')}.mjs`);
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
  };
  writeFileSync(file, ts.transpileModule(code, { compilerOptions }).outputText);
  const { status, stderr } = spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
