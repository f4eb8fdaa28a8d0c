import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { addEvidence } from './add-evidence.ts';
import { maskedContents, readContents } from './case-contents.ts';
import { newCase, readCase } from './case-folder.ts';
import { log, viewCase } from './case-view.ts';
import { checkCase } from './check-case.ts';
import { blobPath } from './evidence-store.ts';
import { handOver } from './hand-over.ts';
import { keepResult, readResults } from './results.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { hashOf } from './timeline.ts';

const root = temporaryFolder('results', afterAll);
let count = 0;
const MAIL = ['anna', 'shop.example.org'].join('@');
const document = {
  schema: 'stanch/verify@1',
  verdict: 'fixed',
  owner: `cache of ${MAIL}`,
  ratePerHour: [1, 2],
};

async function withResult(): Promise<string> {
  const folder = join(root, `case-${count++}`);
  await newCase(folder);
  await keepResult(folder, document, 'fixed: 0 bytes an hour', { build: 'v2' });
  return folder;
}

test('a result is kept whole, and stands on the timeline with its verdict', async () => {
  const folder = await withResult();
  const [kept] = await readResults(folder);
  expect(kept).toMatchObject({
    document,
    result: { schema: 'stanch/verify@1', verdict: 'fixed', summary: 'fixed: 0 bytes an hour' },
    record: { kind: 'result', facts: { build: 'v2' } },
  });
  expect((await viewCase(folder)).results).toEqual([kept!.result]);
  expect(await checkCase(folder)).toMatchObject({ whole: true, filesChecked: 1, damage: [] });
});

test('an altered result is named, and is not believed', async () => {
  const folder = await withResult();
  const { file } = (await viewCase(folder)).results[0]!;
  writeFileSync(join(folder, file), readFileSync(join(folder, file), 'utf8').replace('fixed', 'wrong'));
  expect((await checkCase(folder)).damage).toMatchObject([{ problem: 'changed', path: file }]);
  expect((await readResults(folder))[0]!.document).toBeNull();
});

test('a record whose result leads out of the case is no record', async () => {
  const folder = await withResult();
  const path = join(folder, 'timeline.jsonl');
  const { file } = (await viewCase(folder)).results[0]!;
  writeFileSync(path, readFileSync(path, 'utf8').replace(file, 'findings/../../secret.json'));
  expect((await readCase(folder)).timeline.records.map(({ kind }) => kind)).toEqual(['opened']);
});

test('a copy for others has the result without secrets, and is whole', async () => {
  const folder = await withResult();
  const zip = join(root, `${count}.zip`);
  await handOver(folder, zip);
  const texts = entriesOf(readFileSync(zip));
  expect([...texts.keys()].some((name) => name.includes('/findings/'))).toBe(true);
  expect([...texts.values()].join('')).not.toContain(MAIL);
  expect([...texts.values()].join('')).toContain('cache of mail-1');
});

test('names that the case is held together by are not taken for secrets', async () => {
  const folder = await withResult();
  const series = 'node-4711-20240121T093000Z-815';
  const sha256 = hashOf(Buffer.from('evidence'));
  await log(folder, { kind: 'capture', text: 'A', facts: { series } });
  const file = join(root, 'evidence');
  writeFileSync(file, 'evidence');
  await addEvidence(folder, [file]);
  const text = `stanch path ${blobPath(sha256)} n-1; ${series}/A.heapsnapshot`;
  await log(folder, { kind: 'note', text });
  const { view } = await maskedContents(folder, await readContents(folder));
  expect(view.timeline.at(-1)!.text).toBe(text);
});

/** Local entries of a zip file that was written in one go. */
function entriesOf(zip: Buffer): Map<string, string> {
  const texts = new Map<string, string>();
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const method = zip.readUInt16LE(at + 10);
    const packed = zip.readUInt32LE(at + 20);
    const nameBytes = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameBytes);
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(start, start + packed);
    texts.set(name, (method === 8 ? inflateRawSync(bytes) : bytes).toString('utf8'));
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return texts;
}
