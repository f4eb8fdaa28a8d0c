import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';
import { drawDump } from '../src/formats/python-gc/draw-dump.ts';
import { service } from '../src/formats/python-gc/drawn-service.ts';
import { exportsOf, publicDeclaration } from './declaration.mjs';
import { root } from './root.mjs';

// Every @example of the public API is a program: it runs against the built package, as a user would run it, in a
// folder with three real snapshots called A, B and C, and evidence of the other runtimes.
const folder = mkdtempSync(join(tmpdir(), 'stanch-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
execFileSync(process.execPath, [join(root, 'test', 'tiny-leak.mjs'), folder]);
const fixture = (path) => readFileSync(join(root, 'fixtures', path));
const evidence = {
  'C.json': gunzipSync(fixture('ruby-objspace/3.1-plain.json.gz')),
  'C.names.jsonl': Buffer.from('{"t":"head","schema":"stanch/ruby-names@1"}\n{"t":"end"}\n'),
  'C.pygc': drawDump(service),
  'A.pickle': fixture('python-tracemalloc/python-3.11/A.pickle'),
  'leaks.csv': fixture('memray/leaks.csv'),
  'memory.csv': Buffer.from(
    `time,rss_bytes\n${Array.from({ length: 200 }, (_, at) => `${1_700_000_000 + at * 60},${2e8 + at * 1e5}`).join('\n')}\n`,
  ),
  'metrics.txt': Buffer.from(
    '# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes 1e8\n',
  ),
  'samples.jsonl': Buffer.from('{"time":1700000000,"rss_bytes":1}\n{"time":1700000060,"rss_bytes":2}\n'),
  'base.pb.gz': fixture('pprof/go1.26/heap-A.pb.gz'),
  'heap.pb.gz': fixture('pprof/go1.26/heap-B.pb.gz'),
  'goroutine-debug1.txt': fixture('profile-text/zoo-go1.19-goroutine-debug1.txt'),
  ...Object.fromEntries(
    ['A', 'B', 'C'].map((moment) => [
      `${moment}.txt`,
      gunzipSync(fixture(`go-goroutines/captured/ticker-range/${moment}.txt.gz`)),
    ]),
  ),
};
for (const [name, bytes] of Object.entries(evidence)) writeFileSync(join(folder, name), bytes);
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
