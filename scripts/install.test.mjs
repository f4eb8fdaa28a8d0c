import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isInstalled } from './install.mjs';
import { tempTree } from './temp-tree.mjs';

const lock = (packages) => JSON.stringify({ lockfileVersion: 3, packages });
const a = { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } };
const forWindows = { 'node_modules/w': { version: '1.0.0', integrity: 'sha512-w', optional: true } };

const checkout = (wanted, present) =>
  tempTree({
    'package-lock.json': lock({ '': { name: 'x' }, ...wanted }),
    ...(present === undefined ? {} : { 'node_modules/.package-lock.json': lock(present) }),
  });

test('without node_modules nothing is installed', () => {
  expect(isInstalled(checkout(a))).toBe(false);
});

test('what npm installed by hand is recognised, an optional package for another system may be absent', () => {
  const folder = checkout({ ...a, ...forWindows }, a);
  expect(isInstalled(folder)).toBe(true);
  expect(existsSync(join(folder, 'node_modules', '.stanch-lock'))).toBe(true);
});

test('a missing, a different or a superfluous package is not what the lockfile says', () => {
  expect(isInstalled(checkout(a, {}))).toBe(false);
  expect(isInstalled(checkout(a, { 'node_modules/a': { version: '1.0.1', integrity: 'sha512-b' } }))).toBe(
    false,
  );
  expect(isInstalled(checkout({}, a))).toBe(false);
});

test('a lockfile that changes after the installation is noticed', () => {
  const folder = checkout(a, a);
  expect(isInstalled(folder)).toBe(true);
  writeFileSync(
    join(folder, 'package-lock.json'),
    lock({ ...a, 'node_modules/b': { version: '1.0.0', integrity: 'sha512-b' } }),
  );
  expect(isInstalled(folder)).toBe(false);
});
