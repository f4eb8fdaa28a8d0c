import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { addEvidence } from './add-evidence.ts';
import { newCase, readCase, record } from './case-folder.ts';
import { closeCase, log, viewCase } from './case-view.ts';
import { blobPath } from './evidence-store.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { hashOf } from './timeline.ts';
import { STEPS, upgradedFile, upgradedRecord } from './upgrade.ts';

const root = temporaryFolder('case', afterAll);
const at = (name: string): string => join(root, name);

test('a case is opened, filled, shown in the order of what happened, and closed', async () => {
  const folder = at('whole');
  await newCase(folder, { title: 'killed every night' });
  writeFileSync(at('app.log'), '2024-01-21T00:00:01Z INFO server started on port\n'.repeat(5), {
    mode: 0o644,
  });
  const { added } = await addEvidence(folder, [at('app.log')], { note: 'from pod one' });
  expect(added).toMatchObject([{ name: 'app.log', kind: 'log', bytes: statSync(at('app.log')).size }]);
  await log(folder, { kind: 'alert', text: 'memory at 90 %', at: '2024-01-20T23:00:00.000Z' });
  await closeCase(folder, 'fixed');
  const view = await viewCase(folder);
  expect(view).toMatchObject({ title: 'killed every night', state: 'closed', verdict: 'fixed', damage: [] });
  expect(view.timeline.map(({ kind }) => kind)[0]).toBe('alert');
  expect(view.timeline.map(({ seq }) => seq).sort()).toEqual([1, 2, 3, 4]);
  const blob = join(folder, blobPath(added[0]!.sha256));
  expect(readFileSync(blob)).toEqual(readFileSync(at('app.log')));
  for (const path of [blob, join(folder, 'case.json'), join(folder, 'timeline.jsonl')])
    expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a folder holds one case, and without one nothing is written', async () => {
  await newCase(at('one'));
  await expect(newCase(at('one'))).rejects.toMatchObject({ code: 'usage' });
  await expect(log(at('nowhere'), { kind: 'note', text: 'x' })).rejects.toMatchObject({ exitCode: 2 });
});

test('the same file is stored once; another one of its name is the second moment of that name', async () => {
  const folder = at('moments');
  await newCase(folder);
  writeFileSync(at('heap.txt'), 'first');
  await addEvidence(folder, [at('heap.txt')]);
  const again = await addEvidence(folder, [at('heap.txt')]);
  expect([again.added, again.record]).toEqual([[], null]);
  expect(again.alreadyThere).toHaveLength(1);
  writeFileSync(at('heap.txt'), 'second');
  await addEvidence(folder, [at('heap.txt')]);
  const { evidence, timeline } = await readCase(folder);
  expect(evidence.map(({ name, sha256 }) => [name, sha256])).toEqual([
    ['heap.txt', hashOf(Buffer.from('first'))],
    ['2/heap.txt', hashOf(Buffer.from('second'))],
  ]);
  expect(timeline.records).toHaveLength(3);
});

test('a hard link stores no second copy', async () => {
  const folder = at('linked');
  await newCase(folder);
  writeFileSync(at('big.bin'), 'bytes');
  const { added } = await addEvidence(folder, [at('big.bin')], { hardLink: true });
  expect(statSync(join(folder, blobPath(added[0]!.sha256))).ino).toBe(statSync(at('big.bin')).ino);
});

test('a batch with a file that is not there adds nothing', async () => {
  const folder = at('batch');
  await newCase(folder);
  writeFileSync(at('there.txt'), 'x');
  await expect(addEvidence(folder, [at('there.txt'), at('not-there.txt')])).rejects.toMatchObject({
    exitCode: 3,
  });
  expect((await readCase(folder)).evidence).toEqual([]);
});

test('a lost case.json is made again from the timeline', async () => {
  const folder = at('rebuilt');
  const { id } = await newCase(folder, { title: 'leak' });
  writeFileSync(join(folder, 'case.json'), '{"schema": "stanch/ca');
  expect((await readCase(folder)).damage).toMatchObject([{ problem: 'changed', path: 'case.json' }]);
  await log(folder, { kind: 'note', text: 'on we go' });
  expect(await readCase(folder)).toMatchObject({ file: { id, title: 'leak' }, damage: [] });
});

test('records that lead out of the case folder are not believed', async () => {
  const folder = at('hostile');
  await newCase(folder);
  const evil = {
    sha256: 'a'.repeat(64),
    name: '../../etc/cron.d/x',
    bytes: 1,
    kind: 'other',
    format: null,
    takenAt: '',
  };
  await record(folder, () => [
    { kind: 'capture', at: '2024-01-01T00:00:00Z', text: 'x', evidence: [evil as never] },
  ]);
  const { evidence, damage } = await readCase(folder);
  expect(evidence).toEqual([]);
  expect(damage.length).toBeGreaterThan(0);
});

// A version that never was: `name` for `title`, `what` for `text`.
const MADE_UP = {
  0: {
    file: ({ name, ...rest }: Record<string, unknown>) => ({ ...rest, title: name, evidence: [] }),
    record: ({ what, ...rest }: Record<string, unknown>) => ({ ...rest, text: what }),
  },
};

test('a case of an older version is read through the steps between, and written as this one', async () => {
  const folder = at('older');
  await newCase(folder);
  const first = JSON.stringify({
    v: 0,
    seq: 1,
    at: '2023-01-01T00:00:00Z',
    kind: 'opened',
    what: 'old leak',
    prev: '',
  });
  writeFileSync(join(folder, 'timeline.jsonl'), `${first}\n`);
  writeFileSync(
    join(folder, 'case.json'),
    JSON.stringify({
      schema: 'stanch/case@0',
      id: 'x1',
      name: 'old leak',
      createdAt: '2023-01-01T00:00:00Z',
      head: { seq: 1, hash: hashOf(Buffer.from(first)) },
    }),
  );
  expect(await readCase(folder, MADE_UP)).toMatchObject({
    file: { title: 'old leak', id: 'x1' },
    damage: [],
  });
  await record(folder, () => [{ kind: 'note', at: '2024-01-01T00:00:00Z', text: 'new' }], MADE_UP);
  expect(JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')).schema).toBe('stanch/case@1');
  const lines = readFileSync(join(folder, 'timeline.jsonl'), 'utf8').split('\n');
  expect(lines[0]).toBe(first);
  const after = await readCase(folder, MADE_UP);
  expect(after.damage).toEqual([]);
  expect(after.timeline.records.map(({ v, text }) => [v, text])).toEqual([
    [1, 'old leak'],
    [1, 'new'],
  ]);
});

test('versions without a step and versions of the future are refused, not guessed', () => {
  expect(() => upgradedFile({ schema: 'stanch/case@0' }, STEPS)).toThrow('version 0');
  expect(() => upgradedFile({ schema: 'stanch/case@99' }, STEPS)).toThrow('later Stanch');
  expect(() => upgradedRecord({ v: 2 }, STEPS)).toThrow('later Stanch');
  expect(() => upgradedFile({ title: 'x' }, STEPS)).toThrow('no schema');
});
