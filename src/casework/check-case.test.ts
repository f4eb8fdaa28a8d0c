import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { addEvidence } from './add-evidence.ts';
import { newCase, readCase } from './case-folder.ts';
import { log } from './case-view.ts';
import { checkCase } from './check-case.ts';
import { blobPath } from './evidence-store.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const root = temporaryFolder('check', afterAll);
let count = 0;

/** A case with one file of evidence and three notes; timeline records 1 to 5. */
async function drawn(): Promise<{ folder: string; blob: string; timeline: string }> {
  const folder = join(root, `case-${count++}`);
  await newCase(folder);
  const file = join(root, 'evidence.txt');
  writeFileSync(file, 'evidence');
  const { added } = await addEvidence(folder, [file]);
  for (const text of ['one', 'two', 'three']) await log(folder, { kind: 'note', text });
  return { folder, blob: join(folder, blobPath(added[0]!.sha256)), timeline: join(folder, 'timeline.jsonl') };
}

const found = async (folder: string) =>
  (await checkCase(folder)).damage.map(({ problem, severity, path }) => `${severity}: ${problem} ${path}`);
const edit = (path: string, change: (lines: string[]) => string[]): void =>
  writeFileSync(path, change(readFileSync(path, 'utf8').split('\n')).join('\n'));

test('a case as it was written is whole', async () => {
  const { folder } = await drawn();
  expect(await checkCase(folder)).toEqual({
    schema: 'stanch/case-check@1',
    whole: true,
    filesChecked: 1,
    damage: [],
  });
});

test('lost and altered evidence is named, and added again it is cured', async () => {
  const { folder, blob } = await drawn();
  const path = blob.slice(folder.length + 1);
  writeFileSync(blob, 'EVIDENCE');
  expect(await found(folder)).toEqual([`damage: changed ${path}`]);
  writeFileSync(blob, 'longer than it was');
  expect(await found(folder)).toEqual([`damage: changed ${path}`]);
  rmSync(blob);
  expect(await found(folder)).toEqual([`damage: missing ${path}`]);
  await addEvidence(folder, [join(root, 'evidence.txt')]);
  expect(await found(folder)).toEqual([]);
});

test.each([1, 2, 20, 60])(
  'a last line of which %i bytes were written is passed over, and nothing is taken away',
  async (bytes) => {
    const { folder, timeline } = await drawn();
    const before = readFileSync(timeline, 'utf8');
    const piece = before.split('\n')[4]!.slice(0, bytes);
    appendFileSync(timeline, piece);
    expect(await found(folder)).toEqual(['note: torn timeline.jsonl:6']);
    await log(folder, { kind: 'note', text: 'four' });
    expect(readFileSync(timeline, 'utf8').startsWith(`${before}${piece}\n{`)).toBe(true);
    expect(await found(folder)).toEqual(['note: torn timeline.jsonl:6']);
    expect((await readCase(folder)).timeline.records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  },
);

test('a torn write within a sign of several bytes is no other damage', async () => {
  const { folder, timeline } = await drawn();
  appendFileSync(timeline, Buffer.from('{"v":1,"text":"ä').subarray(0, -1));
  expect(await found(folder)).toEqual(['note: torn timeline.jsonl:6']);
});

test('an altered record is named, also the last one', async () => {
  const { folder, timeline } = await drawn();
  edit(timeline, (lines) => lines.map((line) => line.replace('"two"', '"2"')));
  expect(await found(folder)).toEqual(['damage: changed timeline.jsonl:4']);
  const last = await drawn();
  edit(last.timeline, (lines) => lines.map((line) => line.replace('"three"', '"3"')));
  expect(await found(last.folder)).toEqual(['damage: changed timeline.jsonl']);
});

test('records that were taken out are named, also the last ones', async () => {
  const { folder, timeline } = await drawn();
  edit(timeline, (lines) => lines.filter((_, at) => at !== 2));
  expect(await found(folder)).toEqual(['damage: missing timeline.jsonl:3']);
  const cut = await drawn();
  edit(cut.timeline, (lines) => [...lines.slice(0, 3), '']);
  expect(await found(cut.folder)).toEqual(['damage: missing timeline.jsonl']);
});

test('a line that was overwritten is damage, not a torn write', async () => {
  const { folder, timeline } = await drawn();
  edit(timeline, (lines) => lines.map((line, at) => (at === 2 ? '#'.repeat(line.length) : line)));
  expect(await found(folder)).toEqual(['damage: changed timeline.jsonl:3']);
});

test('without its timeline a case still knows its evidence', async () => {
  const { folder, timeline } = await drawn();
  rmSync(timeline);
  expect(await found(folder)).toEqual(['damage: missing timeline.jsonl']);
  expect((await readCase(folder)).evidence.map(({ name }) => name)).toEqual(['evidence.txt']);
});

test('files that no record names and files that others may read are noted', async () => {
  const { folder, blob } = await drawn();
  const stray = join(folder, blobPath('ab'.repeat(32)));
  mkdirSync(dirname(stray), { recursive: true });
  writeFileSync(stray, 'stray');
  chmodSync(blob, 0o644);
  expect(await found(folder)).toEqual([
    `note: exposed ${blob.slice(folder.length + 1)}`,
    `note: unlisted ${stray.slice(folder.length + 1)}`,
  ]);
  expect((await checkCase(folder)).whole).toBe(true);
});
