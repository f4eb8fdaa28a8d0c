import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newCase, readCase } from './case-folder.ts';
import { log } from './case-view.ts';
import { checkCase } from './check-case.ts';
import { withLock } from './lock.ts';
import { ownIdentity } from './process-identity.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const root = temporaryFolder('interrupted', afterAll);
const program = join(root, 'command.mjs');

beforeAll(async () => {
  await build({
    input: fileURLToPath(new URL('testing/command.ts', import.meta.url)),
    platform: 'node',
    logLevel: 'silent',
    output: { file: program, codeSplitting: false },
  });
});

function start(...args: string[]): {
  child: ChildProcess;
  said: () => string;
  ended: Promise<number | null>;
} {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  return { child, said: () => text, ended };
}

/** Kills a process with -9 some moments after it has begun to work; what it acknowledged until then. */
async function killed(delayMs: number, ...args: string[]): Promise<number> {
  const { child, said, ended } = start(...args);
  await new Promise<void>((resolve) => {
    child.stdout!.once('data', () => resolve());
    child.once('close', () => resolve());
  });
  setTimeout(() => child.kill('SIGKILL'), delayMs);
  await ended;
  return said().split('done ').length - 1;
}

test('whatever was acknowledged before a kill -9 is on the timeline, in order and whole', async () => {
  const folder = join(root, 'kill-log');
  await newCase(folder);
  for (let turn = 0; turn < 20; turn++) {
    const acknowledged = await killed(turn * 4, 'log', folder, `turn ${turn} note`, '1000');
    const { timeline, damage } = await readCase(folder);
    const notes = timeline.records
      .filter(({ text }) => text.startsWith(`turn ${turn} `))
      .map(({ text }) => text);
    expect(notes.length).toBeGreaterThanOrEqual(acknowledged);
    expect(notes).toEqual(notes.map((_, nth) => `turn ${turn} note ${nth}`));
    expect(damage.filter(({ severity }) => severity === 'damage')).toEqual([]);
  }
  await log(folder, { kind: 'note', text: 'after all' });
  expect((await checkCase(folder)).whole).toBe(true);
});

test('a kill -9 while evidence is taken in leaves a whole case with all that was acknowledged', async () => {
  const folder = join(root, 'kill-add');
  await newCase(folder);
  const name = (turn: number): string => join(root, `dump${turn}`);
  for (let turn = 0; turn < 10; turn++) {
    for (let nth = 0; nth < 12; nth++)
      writeFileSync(`${name(turn)}-${nth}`, Buffer.alloc(3_000_000, `${turn}-${nth} `));
    const acknowledged = await killed(turn * 15, 'add', folder, name(turn), '12');
    const { evidence } = await readCase(folder);
    const here = evidence.filter((item) => item.name.startsWith(`dump${turn}-`));
    expect(here.length).toBeGreaterThanOrEqual(acknowledged);
  }
  expect((await checkCase(folder)).damage.filter(({ severity }) => severity === 'damage')).toEqual([]);
});

test('a kill -9 while a case is opened leaves none or a whole one, and opening it again helps', async () => {
  for (let turn = 0; turn < 8; turn++) {
    const folder = join(root, `kill-new-${turn}`);
    const acknowledged = await killed(turn * 2, 'new', folder, 'leak');
    const opened = await newCase(folder, { title: 'leak' }).then(
      () => true,
      () => false,
    );
    if (acknowledged > 0) expect(opened).toBe(false);
    expect(await readCase(folder)).toMatchObject({ file: { title: 'leak' } });
    expect((await readCase(folder)).timeline.records.filter(({ kind }) => kind === 'opened')).toHaveLength(1);
  }
});

test('ten processes that write at once lose nothing and keep one order', async () => {
  const folder = join(root, 'ten');
  await newCase(folder);
  const writers = Array.from({ length: 10 }, (_, nth) => start('log', folder, `writer ${nth}:`, '5'));
  expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual(Array.from({ length: 10 }, () => 0));
  const { timeline, damage } = await readCase(folder);
  expect(damage).toEqual([]);
  expect(timeline.records.map(({ seq }) => seq)).toEqual(Array.from({ length: 51 }, (_, nth) => nth + 1));
  for (let nth = 0; nth < 10; nth++) {
    const own = timeline.records
      .filter(({ text }) => text.startsWith(`writer ${nth}:`))
      .map(({ text }) => text);
    expect(own).toEqual([0, 1, 2, 3, 4].map((turn) => `writer ${nth}: ${turn}`));
  }
  expect(existsSync(join(folder, '.lock'))).toBe(false);
});

test('the lock of a dead process is broken, by one of many who want it', async () => {
  const folder = join(root, 'stale');
  await newCase(folder);
  const dead = start('none', folder, 'x', '0');
  const { pid } = dead.child;
  await dead.ended;
  const holder = { ...ownIdentity(), pid, startTicks: '1', nonce: 'abc123', since: '2024-01-01T00:00:00Z' };
  writeFileSync(join(folder, '.lock'), JSON.stringify(holder));
  // A breaker that was itself killed half-way.
  writeFileSync(join(folder, '.lock-abc123-1'), JSON.stringify({ ...holder, nonce: 'def456' }));
  let within = 0;
  const most = await Promise.all(
    Array.from({ length: 8 }, () =>
      withLock(folder, async () => {
        within++;
        await new Promise((resolve) => setTimeout(resolve, 2));
        return within--;
      }),
    ),
  );
  expect(Math.max(...most)).toBe(1);
  expect(existsSync(join(folder, '.lock-abc123-1'))).toBe(false);
});

test('a pid that was given to another process since does not keep the lock', async () => {
  const folder = join(root, 'reused');
  await newCase(folder);
  const holder = { ...ownIdentity(), startTicks: '1', nonce: 'abc', since: '2024-01-01T00:00:00Z' };
  writeFileSync(join(folder, '.lock'), JSON.stringify(holder));
  if (ownIdentity().startTicks !== null) expect(await withLock(folder, async () => 'in', 1000)).toBe('in');
});

test('the lock of another host is not broken but named', async () => {
  const folder = join(root, 'elsewhere');
  await newCase(folder);
  const holder = { ...ownIdentity(), host: 'other-host', nonce: 'abc', since: '2024-01-01T00:00:00Z' };
  writeFileSync(join(folder, '.lock'), JSON.stringify(holder));
  await expect(withLock(folder, async () => 'in', 50)).rejects.toMatchObject({ code: 'case-busy' });
  expect(readFileSync(join(folder, '.lock'), 'utf8')).toContain('other-host');
});
