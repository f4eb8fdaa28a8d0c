import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCase } from '../fixtures/ruby-zoo/cases.mjs';
import { judge } from '../fixtures/ruby-zoo/judging.mjs';
import { diagnoseFiles } from '../src/library/diagnose-files.ts';

const ZOO = join(import.meta.dirname, '..', 'fixtures', 'ruby-zoo');
const hasRuby = spawnSync('ruby', ['-e', 'require "objspace"; exit Process.respond_to?(:fork)']).status === 0;

/** A few programs of each kind; `node fixtures/ruby-zoo/judge.mjs` judges all of them. */
const CASES = [
  'singleton-service',
  'subscriber-procs',
  'thread-variable',
  'queue-no-consumer',
  'defined-methods',
  'healthy-lru-at-cap',
  'healthy-pool-refilled',
];

describe.skipIf(!hasRuby)(`real Ruby programs${hasRuby ? '' : ' (not tested: ruby)'}`, () => {
  const captures = mkdtempSync(join(tmpdir(), 'stanch-ruby-zoo-'));
  beforeAll(() => {
    const only = CASES.flatMap((id) => ['--only', id]);
    const { stderr } = spawnSync(process.execPath, [join(ZOO, 'capture.mjs'), '-o', captures, ...only], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
  }, 120_000);
  afterAll(() => rmSync(captures, { recursive: true, force: true }));

  test.each(CASES)('%s is judged right', async (id) => {
    const expected = readCase(id);
    const files = Array.from({ length: expected.dumps }, (_, at) =>
      join(captures, id, `${String.fromCharCode(65 + at)}.json`),
    );
    const { diagnosis } = await diagnoseFiles(files, { source: expected.dir });
    expect(judge(expected, diagnosis)).toEqual([]);
  });
});
