import { expect, test } from 'vitest';
import { absentPackages, completed } from './lockfile.mjs';

const lock = {
  packages: {
    '': { name: 'x' },
    'node_modules/tool': {
      version: '2.0.0',
      dev: true,
      optionalDependencies: { '@tool/cli-linux-x64-musl': '2.0.0', '@tool/cli-win32-x64': '2.0.0' },
    },
    'node_modules/@tool/cli-win32-x64': { version: '2.0.0', dev: true, optional: true, os: ['win32'] },
    'node_modules/a/node_modules/b': {
      version: '1.0.0',
      optionalDependencies: { '@b/linux-arm64-gnu': '1.0.0' },
    },
    'node_modules/a/node_modules/@b/linux-arm64-gnu': { version: '1.0.0', optional: true },
  },
};

test('a package for another system that the lockfile lacks is named, one that is nested is found', () => {
  expect(absentPackages(lock).map(({ name }) => name)).toEqual(['@tool/cli-linux-x64-musl']);
});

test('it is added with the system that its name tells, in its place', () => {
  const { packages } = completed(lock);
  expect(packages['node_modules/@tool/cli-linux-x64-musl']).toEqual({
    version: '2.0.0',
    cpu: ['x64'],
    dev: true,
    libc: ['musl'],
    optional: true,
    os: ['linux'],
  });
  expect(absentPackages({ packages })).toEqual([]);
});

test('a package whose system cannot be told is not guessed', () => {
  expect(() => completed({ packages: { a: { optionalDependencies: { fast: '^1.0.0' } } } })).toThrow(
    'fast@^1.0.0',
  );
});
