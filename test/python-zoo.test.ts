import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');
const ZOO = join(ROOT, 'fixtures', 'python-zoo');
const PYTHON = process.env['STANCH_PYTHON'] ?? 'python3';

/** A few programs of each kind; `fixtures/python-zoo/judge.mjs` judges all of them. */
const CASES = [
  'module-dict',
  'mutable-default',
  'tasks-stuck',
  'gc-disabled',
  'lru-at-cap',
  'cycles-collected',
];

function hasPython(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import sys; assert sys.version_info >= (3, 8)'], { stdio: 'ignore' });
    return process.platform === 'linux';
  } catch {
    return false;
  }
}

if (hasPython()) {
  test('real Python programs are judged right: leaks named with their line, healthy ones left alone', async () => {
    const captures = mkdtempSync(join(tmpdir(), 'stanch-python-zoo-'));
    try {
      await run(process.execPath, [join(ZOO, 'capture.mjs'), ...CASES, '-o', captures, '--python', PYTHON]);
      const cli = process.env['STANCH_CLI'] ?? join(ROOT, 'dist', 'cli', 'main.js');
      const { stdout } = await run(process.execPath, [
        join(ZOO, 'judge.mjs'),
        ...CASES,
        '--in',
        captures,
        '--cli',
        cli,
      ]).catch((failure: { stdout: string }) => failure);
      expect(stdout.trim().split('\n').at(-1), stdout).toBe(`${CASES.length} of ${CASES.length} pass`);
    } finally {
      rmSync(captures, { recursive: true, force: true });
    }
  }, 180_000);
} else {
  test.skip('not tested: python3', () => undefined);
}
