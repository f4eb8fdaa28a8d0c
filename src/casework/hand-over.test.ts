import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diagnoseFiles } from '../library/diagnose-files.ts';
import { addEvidence } from './add-evidence.ts';
import { newCase, readCase } from './case-folder.ts';
import { log, viewCase } from './case-view.ts';
import { checkCase } from './check-case.ts';
import { crc32 } from './crc32.ts';
import { diagnoseCase, readFindings } from './findings.ts';
import { handOver } from './hand-over.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const root = temporaryFolder('zip', afterAll);
const folder = join(root, 'case');
const MAIL = ['anna', 'shop.example.org'].join('@');
const TOKEN = ['ghp', '16C7e42F292c6912E7710c838347Ae178B4a'].join('_');
const HOST = 'db-1.eu.internal';
const hasPython = spawnSync('python3', ['--version']).status === 0;

// A real leaking program's dumps, under names that tell their order, and texts with secrets.
beforeAll(async () => {
  const dumps = join(root, 'dumps');
  mkdirSync(dumps);
  execFileSync(process.execPath, [
    fileURLToPath(new URL('../../test/tiny-leak.mjs', import.meta.url)),
    dumps,
  ]);
  writeFileSync(
    join(root, 'app.log'),
    `2024-01-21T00:00:01Z INFO user ${MAIL} logged in with ${TOKEN}\n`.repeat(4),
  );
  await newCase(folder, { title: `leak that ${MAIL} saw on ${HOST}` });
  await addEvidence(folder, [dumps]);
  await addEvidence(folder, [join(root, 'app.log')], { note: `token was ${TOKEN}` });
  await log(folder, { kind: 'alert', text: `https://${HOST}/metrics?key=abc says 95 %` });
});

/** The files of a zip file, by its central directory. */
function unzipped(path: string): Map<string, Buffer> {
  const zip = readFileSync(path);
  const files = new Map<string, Buffer>();
  const end = zip.lastIndexOf('PK\x05\x06');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [packedBytes, bytes] = [zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 24)];
    const [nameBytes, extraBytes, offset] = [
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
      zip.readUInt32LE(at + 42),
    ];
    const start = offset + 30 + zip.readUInt16LE(offset + 26) + zip.readUInt16LE(offset + 28);
    const packed = zip.subarray(start, start + packedBytes);
    const content = zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed;
    expect([content.length, crc32(content)]).toEqual([bytes, zip.readUInt32LE(at + 16)]);
    files.set(zip.toString('utf8', at + 46, at + 46 + nameBytes), content);
    at += 46 + nameBytes + extraBytes;
  }
  return files;
}

function extracted(path: string, name: string): string {
  const to = join(root, name);
  for (const [file, content] of unzipped(path)) {
    mkdirSync(join(to, file, '..'), { recursive: true });
    writeFileSync(join(to, file), content, { mode: 0o600 });
  }
  return join(to, readdirSync(to)[0]!);
}

test('the evidence is diagnosed under its own names, and the answer is kept', async () => {
  const { diagnosis, findings } = await diagnoseCase(folder, (paths) => diagnoseFiles(paths));
  expect(diagnosis.verdict).toBe('leak');
  const names = ['A.heapsnapshot', 'B.heapsnapshot', 'C.heapsnapshot'];
  expect(diagnosis.evidence.map(({ file }) => file)).toEqual(names);
  const { evidence } = await readCase(folder);
  expect(diagnosis.evidence.map(({ sha256 }) => sha256)).toEqual(
    names.map((name) => evidence.find((item) => item.name === name)!.sha256),
  );
  expect(await readFindings(folder, findings)).toEqual(diagnosis);
  expect(JSON.stringify(diagnosis)).not.toContain('stanch-case-');
});

test('a copy for hand-over has the same findings and signatures, and no secret that was planted', async () => {
  const zip = join(root, 'out.zip');
  const result = await handOver(folder, zip, { maskHosts: true });
  expect(result.leftOut.map(({ name }) => name)).toEqual([
    'A.heapsnapshot',
    'B.heapsnapshot',
    'C.heapsnapshot',
    'app.log',
  ]);
  expect(statSync(zip).mode & 0o777).toBe(0o600);
  for (const [name, content] of unzipped(zip)) {
    for (const secret of [MAIL, TOKEN, HOST, 'user-1999', 'key=abc'])
      expect(`${name} ${content}`).not.toContain(secret);
  }
  const copy = extracted(zip, 'second');
  expect(await checkCase(copy)).toMatchObject({ whole: true, damage: [] });
  const [here, there] = [await viewCase(folder), await viewCase(copy)];
  expect(there).toMatchObject({
    id: here.id,
    findings: { signatures: here.findings!.signatures, verdict: 'leak' },
  });
  const signaturesOf = async (at: string, { findings }: typeof here) =>
    (await readFindings(at, findings!)).findings.map(({ signature, title, growth }) => [
      signature,
      title,
      growth,
    ]);
  expect(await signaturesOf(copy, there)).toEqual(await signaturesOf(folder, here));
  expect(there.evidence.map(({ sha256 }) => sha256)).toEqual(here.evidence.map(({ sha256 }) => sha256));
  await expect(diagnoseCase(copy, (paths) => diagnoseFiles(paths))).rejects.toMatchObject({
    code: 'no-evidence',
  });
});

test('with its evidence the copy gives the same diagnosis anew', async () => {
  const zip = join(root, 'raw.zip');
  await handOver(folder, zip, { raw: true });
  const copy = extracted(zip, 'third');
  expect((await checkCase(copy)).whole).toBe(true);
  const { findings } = await diagnoseCase(copy, (paths) => diagnoseFiles(paths));
  expect(findings.signatures).toEqual((await viewCase(folder)).findings!.signatures);
});

test.runIf(hasPython)("Python's zipfile finds nothing wrong with it", async () => {
  const zip = join(root, 'python.zip');
  await handOver(folder, zip, { raw: true });
  const program =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()))';
  const said = execFileSync('python3', ['-c', program, zip], { encoding: 'utf8' });
  expect(said.trim()).toBe(`None ${unzipped(zip).size}`);
});

test('altered evidence is not handed over', async () => {
  const broken = join(root, 'broken');
  await newCase(broken);
  await addEvidence(broken, [join(root, 'app.log')]);
  const { evidence } = await readCase(broken);
  const { sha256 } = evidence[0]!;
  writeFileSync(join(broken, 'evidence', sha256.slice(0, 2), sha256), 'altered');
  await expect(handOver(broken, join(root, 'x.zip'), { raw: true })).rejects.toMatchObject({ exitCode: 2 });
});
