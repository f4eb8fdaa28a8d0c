import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const ZOO = join(import.meta.dirname, '..', 'fixtures', 'node-zoo');

/** A few programs of each kind; `npm run zoo` judges all of them. */
const CASES = [
  'bus-two-files',
  'nested-maps',
  'lazy-service',
  'stuck-await',
  'lru-at-cap',
  'cache-fills',
  'jit-warmup',
  'leak-two-snapshots',
];

test('real programs are judged right: leaks named, healthy ones left alone, two dumps not enough', async () => {
  const captures = mkdtempSync(join(tmpdir(), 'stanch-zoo-'));
  try {
    await run(process.execPath, [join(ZOO, 'capture.mjs'), ...CASES, '-o', captures]);
    const { stdout } = await run(process.execPath, [
      join(ZOO, 'judge.mjs'),
      ...CASES,
      '--in',
      captures,
    ]).catch((failure: { stdout: string }) => failure);
    expect(stdout.trim().split('\n').at(-1), stdout).toBe(`${CASES.length} of ${CASES.length} pass`);
  } finally {
    rmSync(captures, { recursive: true, force: true });
  }
}, 180_000);
