import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { PreFlight } from '../capture/targets/pre-flight.ts';
import type { CapturedMoment } from '../capture/targets/series.ts';
import { openIntake, settleIncoming } from './capture-intake.ts';
import { groupsOf, latestGroup } from './captured-series.ts';
import { newCase, readCase } from './case-folder.ts';
import { checkCase } from './check-case.ts';
import { ownIdentity } from './process-identity.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { hashOf } from './timeline.ts';

const root = temporaryFolder('intake', afterAll);
let count = 0;
const preFlight = (pid: number | null, target: string = `process ${pid}`): PreFlight => ({
  target,
  runtime: 'node',
  role: 'server.js',
  pid,
  kinds: ['heap'],
  checks: [],
  extraMemoryBytes: null,
  pauseMs: 120,
  diskBytes: null,
});

async function opened(): Promise<string> {
  const folder = join(root, `case-${count++}`);
  await newCase(folder);
  return folder;
}

/** As a target leaves it: whole files in the folder that it was given. */
function captured(folder: string, label: string, names: readonly string[]): CapturedMoment {
  const files = names.map((name) => {
    const text = `${name} at moment ${label}`;
    const file = join(folder, name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text, { mode: 0o600 });
    return { file, kind: 'heap', bytes: text.length, sha256: hashOf(Buffer.from(text)), elapsedMs: 1500 };
  });
  return { label, at: `2024-01-21T00:0${label.charCodeAt(0) - 65}:00.000Z`, files };
}

test('moments of a capture stay apart, with what they cost, and nothing is left in between', async () => {
  const folder = await opened();
  const intake = await openIntake(folder, preFlight(4711));
  for (const label of ['A', 'B'])
    await intake.take(captured(intake.folder, label, [`${label}/heap.pb.gz`, `${label}/allocs.pb.gz`]));
  await intake.close();
  const { evidence, timeline } = await readCase(folder);
  expect(evidence.map(({ name }) => name.split('/').slice(1).join('/'))).toEqual([
    'A/heap.pb.gz',
    'A/allocs.pb.gz',
    'B/heap.pb.gz',
    'B/allocs.pb.gz',
  ]);
  expect(timeline.records.at(-1)).toMatchObject({
    kind: 'capture',
    at: '2024-01-21T00:01:00.000Z',
    facts: { pid: '4711', label: 'B', elapsedMs: '3000', runtime: 'node', pauseExpectedMs: '120' },
  });
  expect(readdirSync(join(folder, '.incoming'))).toEqual([]);
  expect(await checkCase(folder)).toMatchObject({ whole: true, damage: [] });
});

test('after a capture that was killed, whole moments become evidence and halves are removed', async () => {
  const folder = await opened();
  const intake = await openIntake(folder, preFlight(4711));
  await intake.take(captured(intake.folder, 'A', ['A.heapsnapshot']));
  // Killed after B was whole and before it was evidence, and while C was written.
  captured(intake.folder, 'B', ['B.heapsnapshot']);
  const manifest = {
    at: '2024-01-21T00:01:00.000Z',
    text: 'B',
    facts: { process: '4711-1', label: 'B', series: 'x' },
  };
  writeFileSync(
    join(intake.folder, 'B.taken.json'),
    JSON.stringify({ ...manifest, files: ['B.heapsnapshot', '../../../outside'] }),
  );
  captured(intake.folder, 'C', ['C.heapsnapshot', 'C.names.jsonl.part']);
  writeFileSync(join(intake.folder, 'owner.json'), JSON.stringify({ ...ownIdentity(), startTicks: '1' }));
  const added = await settleIncoming(folder);
  expect(added.map(({ text }) => text)).toEqual([expect.stringContaining('B.heapsnapshot')]);
  expect((await readCase(folder)).evidence.map(({ name }) => name.split('/')[1])).toEqual([
    'A.heapsnapshot',
    'B.heapsnapshot',
  ]);
  expect(existsSync(intake.folder)).toBe(false);
  expect((await checkCase(folder)).damage).toEqual([]);
});

test('a capture that goes on is left alone', async () => {
  const folder = await opened();
  const intake = await openIntake(folder, preFlight(4711));
  captured(intake.folder, 'A', ['A.heapsnapshot']);
  expect(await settleIncoming(folder)).toEqual([]);
  expect(existsSync(join(intake.folder, 'A.heapsnapshot'))).toBe(true);
  await intake.close();
  expect(existsSync(intake.folder)).toBe(false);
});

test('captures of one process are compared with each other, those of another are not', async () => {
  const folder = await opened();
  for (const [target, labels] of [
    ['http://one', 'AB'],
    ['http://two', 'ABC'],
    ['http://three', 'A'],
  ] as const) {
    const intake = await openIntake(folder, preFlight(null, target));
    for (const label of labels)
      await intake.take(captured(intake.folder, label, [`${label}.${target.slice(-3)}`]));
    await intake.close();
  }
  const groups = groupsOf(await readCase(folder), () => true);
  expect(groups.map(({ process, moments }) => `${process} ${moments}`)).toEqual([
    'http://one 2',
    'http://two 3',
    'http://three 1',
  ]);
  expect(latestGroup(groups)?.process).toBe('http://two');
});
