import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { StanchError } from '../../base/errors.ts';
import { newCase } from '../../casework/case-folder.ts';
import { readResults } from '../../casework/results.ts';
import { capturedOutput } from '../captured-output.ts';
import type { Context } from '../context.ts';
import { runCommand } from './run.ts';

const MINUTES = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'stanch-run-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function stanch(...args: string[]) {
  const output = capturedOutput({ width: 90 });
  const context: Context = { output, run: async () => 0, exitCode: 0 };
  try {
    await runCommand(context).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof StanchError)) throw error;
    return { exitCode: error.exitCode, out: output.results(), message: error.message };
  }
  return { exitCode: context.exitCode, out: output.results(), message: '' };
}

/** A tiny service; `work` is what it does for each request. */
function service(name: string, work: string): string {
  const path = join(folder, name);
  writeFileSync(path, serviceText(work));
  return `"${process.execPath}" "${path}"`;
}

function serviceText(work: string): string {
  return `const kept = new Map();
const bus = new (require('node:events'))();
bus.setMaxListeners(0);
require('node:http').createServer((request, response) => {
  ${work}
  response.end('ok');
}).listen(0, '127.0.0.1');
`;
}

const LEAKS =
  'kept.set(request.url, { text: "x".repeat(300) + Math.random(), at: Date.now() }); bus.on("tick", () => request.url);';
const quick = ['--ops', '60', '--rounds', '4', '--concurrency', '4', '--captures', '3'];

test('a request to a service that leaks: what each leaves behind, by number and by byte', {
  timeout: 3 * MINUTES,
}, async () => {
  const kept = join(folder, 'evidence');
  const dir = join(folder, 'case');
  await newCase(dir, {});
  const start = service('leaking.cjs', LEAKS);
  const { exitCode, out, message } = await stanch(
    'GET /notes/{i}',
    '--start',
    start,
    ...quick,
    '--warm-up',
    '1',
    '-o',
    kept,
    '--case',
    dir,
    '--json',
  );
  expect(message).toBe('');
  const result = JSON.parse(out);
  expect({ exitCode, schema: result.schema, verdict: result.verdict }).toEqual({
    exitCode: 1,
    schema: 'stanch/run@1',
    verdict: 'leak',
  });
  expect(result.operations).toBe(240);
  const exact = result.causes.map(({ exactly, per }: { exactly: number; per: string }) => ({ exactly, per }));
  expect(exact).toContainEqual({ exactly: 1, per: 'request' });
  const heap = result.metrics.find(({ what }: { what: string }) => what === 'heap_used_bytes');
  expect(heap.low).toBeGreaterThan(300);
  expect(readdirSync(kept).sort()).toEqual(['A.heapsnapshot', 'B.heapsnapshot', 'C.heapsnapshot']);
  expect((await readResults(dir))[0]?.result).toMatchObject({ schema: 'stanch/run@1', verdict: 'leak' });
});

test('a service that keeps nothing is no leak, and nothing is left running', {
  timeout: 3 * MINUTES,
}, async () => {
  const start = service('healthy.cjs', 'kept.set(Math.floor(Math.random() * 20), request.url);');
  const { exitCode, out, message } = await stanch(
    'GET /notes/{i}',
    '--start',
    start,
    ...quick,
    '--warm-up',
    '3',
  );
  expect(message).toBe('');
  expect(out).toMatch(/^✓ No leak over 240 × request/);
  expect(exitCode).toBe(0);
  expect(Math.max(...out.split('\n').map((each) => each.length))).toBeLessThanOrEqual(90);
  const running = execFileSync('ps', ['-eo', 'args']).toString();
  expect(running).not.toContain(join(folder, 'healthy.cjs'));
});

test('a module, and counts of its own', { timeout: 2 * MINUTES }, async () => {
  const path = join(folder, 'scenario.mjs');
  const text = `import { spawn } from 'node:child_process';
import { once } from 'node:events';
export const name = 'login';
let kept;
export async function start() {
  const program = "const kept = []; process.on('message', (n) => { for (let i = 0; i < n; i++) kept.push({ i }, [i]); process.send(n); })";
  const child = spawn(process.execPath, ['--inspect-port=0', '--eval', program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  kept = child;
  return { target: child.pid, stop: async () => { const gone = once(child, 'exit'); child.kill(); await gone; } };
}
export async function round(count) {
  kept.send(count);
  await once(kept, 'message');
  return { login: count, half: Math.floor(count / 2) };
}
`;
  writeFileSync(path, text);
  const { out, message } = await stanch(path, '--ops', '5000', '--rounds', '3', '--captures', '4', '--json');
  expect(message).toBe('');
  const { causes, verdict } = JSON.parse(out);
  expect(verdict).toBe('leak');
  expect(causes[0]).toMatchObject({ per: 'login', exactly: 2 });
  expect(causes[0].also).toContainEqual({ per: 'half', exactly: 4 });
});

test('a command of the shell; counts only; a target that is running already', {
  timeout: 2 * MINUTES,
}, async () => {
  const log = join(folder, 'operations.txt');
  const args = ['--command', `echo {i} $STANCH_I >> ${log}`];
  const child = ['--ops', '5', '--rounds', '2', '--warm-up', '0', '--captures', '0', '--json'];
  const sleeper = execFileSync('/bin/sh', ['-c', 'sleep 60 >/dev/null 2>&1 & echo $!']).toString().trim();
  try {
    const { out, exitCode, message } = await stanch(...args, '--target', sleeper, ...child);
    expect(message).toBe('');
    expect(exitCode).not.toBe(1);
    expect(JSON.parse(out)).toMatchObject({ operations: 10, diagnosis: null, files: [] });
    const done = readFileSync(log, 'utf8').trim().split('\n');
    expect(done).toEqual(Array.from({ length: 10 }, (_, n) => `${n} ${n}`));
  } finally {
    process.kill(Number(sleeper));
  }
});

test('an operation that fails ends the run and says which', async () => {
  const sleeper = execFileSync('/bin/sh', ['-c', 'sleep 60 >/dev/null 2>&1 & echo $!']).toString().trim();
  try {
    await expect(
      stanch('--command', 'echo no tea >&2; exit 3', '--target', sleeper, '--ops', '1'),
    ).rejects.toThrow(/operation 0: .* ended with code 3: no tea/);
  } finally {
    process.kill(Number(sleeper));
  }
});

test('a service that does not start is told with what it wrote', async () => {
  const { exitCode, message } = await stanch('GET /', '--start', 'echo no database; exit 1');
  expect(exitCode).toBe(4);
  expect(message).toMatch(/ended with code 1 before it served:\nno database/);
});

test('what is missing from the command line is told', async () => {
  expect(await stanch()).toMatchObject({ exitCode: 2 });
  expect(await stanch('GET /x')).toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/does not say where/),
  });
  expect(await stanch('nowhere.js')).toMatchObject({ exitCode: 2 });
  expect(await stanch('a.js', '--command', 'true')).toMatchObject({ exitCode: 2 });
});

test('--bisect names the commit among 16, around one that does not start, and leaves the checkout alone', {
  timeout: 6 * MINUTES,
}, async () => {
  const repository = join(folder, 'repository');
  mkdirSync(repository);
  const git = (...args: string[]): string =>
    execFileSync('git', [
      '-C',
      repository,
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@example.org',
      ...args,
    ]).toString();
  git('init', '--quiet', '--initial-branch=main');
  const LEAKS_FROM = 11;
  for (let number = 0; number <= 16; number++) {
    const work = number >= LEAKS_FROM ? LEAKS : 'kept.set("last", request.url);';
    writeFileSync(
      join(repository, 'server.cjs'),
      number === 8 ? 'this is no program' : `// ${number}\n${serviceText(work)}`,
    );
    git('add', '--all');
    git('commit', '--quiet', '--message', `change ${number}`);
  }
  const planted = git('rev-parse', `HEAD~${16 - LEAKS_FROM}`).trim();
  writeFileSync(join(repository, 'notes.txt'), 'not committed');
  const before = git('status', '--porcelain=v2', '--branch');
  const args = [
    '--bisect',
    'HEAD~16..HEAD',
    '--repo',
    repository,
    '--start',
    `"${process.execPath}" server.cjs`,
  ];
  const { out, exitCode, message } = await stanch(
    'GET /n/{i}',
    ...args,
    '--ops',
    '150',
    '--rounds',
    '4',
    '--concurrency',
    '4',
    '--json',
  );
  expect(message).toBe('');
  const { verdict, commits, steps, schema } = JSON.parse(out);
  expect({ exitCode, schema, verdict }).toEqual({ exitCode: 1, schema: 'stanch/bisect@1', verdict: 'found' });
  expect(commits).toEqual([{ hash: planted, subject: `change ${LEAKS_FROM}` }]);
  expect(steps.find(({ subject }: { subject: string }) => subject === 'change 8')).toMatchObject({
    result: 'skipped',
  });
  expect(steps.length).toBeLessThanOrEqual(8);
  expect(git('status', '--porcelain=v2', '--branch')).toBe(before);
  expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
});
