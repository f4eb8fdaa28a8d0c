import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Diagnosis } from '../../model/finding.ts';
import { addEvidence } from '../add-evidence.ts';
import { openIntake } from '../capture-intake.ts';
import { newCase } from '../case-folder.ts';
import { closeCase, log } from '../case-view.ts';
import type { KeptConfirmation } from '../keep-confirmation.ts';
import { keepResult } from '../results.ts';
import { setInCase } from '../settings.ts';
import { storeDocument } from '../stored-document.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { hashOf } from '../timeline.ts';
import { nextOfCase } from './next.ts';
import type { StepId } from './step.ts';

const root = temporaryFolder('next', afterAll);
let count = 0;

async function opened(): Promise<string> {
  const folder = join(root, `case-${count++}`);
  await newCase(folder, { title: 'leak' });
  return folder;
}

const leak = (hours: number, changes: Partial<KeptConfirmation> = {}): KeptConfirmation =>
  ({
    schema: 'stanch/confirm@1',
    metric: 'rss_bytes',
    labels: {},
    unit: 'bytes',
    verdict: 'leak',
    shape: 'linear',
    ratePerHour: { value: 1e6, low: 1e6, high: 1e6 },
    timeToLimit: { limitBytes: 1e9, hours, low: hours, high: hours },
    onset: null,
    restarts: [],
    correlates: [],
    reasons: [],
    missing: [],
    samples: { times: [0, 1], values: [1e8, 9e8], of: 2 },
    ...changes,
  }) as KeptConfirmation;

/** A diagnosis as `case diagnose` stores it. */
async function diagnosed(folder: string, changes: Partial<Diagnosis> = {}): Promise<void> {
  const finding = { title: 'cache grows', location: { file: 'a.js', line: 1, role: 'adds' }, signature: 's' };
  const diagnosis = {
    verdict: 'leak',
    confidence: 0.9,
    summary: 'Leak',
    runtime: 'ruby',
    next: [],
    findings: [finding],
    ...changes,
  } as unknown as Diagnosis;
  const stored = await storeDocument(folder, diagnosis);
  const { verdict, confidence, summary } = diagnosis;
  await log(folder, {
    kind: 'findings',
    text: summary,
    findings: { ...stored, verdict, confidence, summary, signatures: [] },
  });
}

async function captured(folder: string, pid: number, labels: string): Promise<void> {
  const intake = await openIntake(folder, {
    target: `process ${pid}`,
    runtime: 'ruby',
    role: 'puma worker 1',
    pid,
    kinds: ['heap'],
    checks: [],
    extraMemoryBytes: null,
    pauseMs: null,
    diskBytes: null,
  });
  for (const label of labels) {
    const text = `{"type":"ROOT", "root":"vm", "references":[]}\n{"address":"0x${label}", "type":"OBJECT", "class":"0x1", "memsize":40}\n`;
    const file = join(intake.folder, `${label}.json`);
    writeFileSync(file, text);
    const sha256 = hashOf(Buffer.from(text));
    await intake.take({
      label,
      at: new Date().toISOString(),
      files: [{ file, kind: 'heap', bytes: text.length, sha256, elapsedMs: 1 }],
    });
  }
  await intake.close();
}

const stateOf = async (folder: string, id: StepId) =>
  (await nextOfCase(folder)).steps.find((step) => step.id === id)!;

test('a new case begins with the question whether it is a leak', async () => {
  const folder = await opened();
  const { next, steps, escalation } = await nextOfCase(folder);
  expect(next).toBe('confirm');
  expect(steps.map(({ id }) => id)).toEqual([
    'confirm',
    'locate',
    'capture',
    'diagnose',
    'mitigate',
    'verify',
    'report',
    'close',
  ]);
  expect(steps[0]!.commands[0]!.command).toContain(`--case ${folder}`);
  expect(escalation.reached).toBe(false);
});

test('each step is done by what stands on the timeline, and the next one has its command', async () => {
  const folder = await opened();
  await setInCase(folder, ['limit=1GB', 'metrics=memory.csv', 'source=/srv/app dir']);
  expect((await stateOf(folder, 'confirm')).commands[0]!.command).toBe(
    `stanch confirm memory.csv --limit 1GB --case ${folder}`,
  );
  await keepResult(folder, leak(12), 'leak');
  expect((await nextOfCase(folder)).next).toBe('locate');
  await captured(folder, process.pid, 'AB');
  const two = await nextOfCase(folder);
  expect(two).toMatchObject({
    next: 'capture',
    runtime: 'ruby',
    target: { what: String(process.pid), state: 'alive' },
  });
  expect(two.steps[2]).toMatchObject({
    says: '2 of 3 moments of one process',
    commands: [{ command: `stanch capture ${process.pid} --count 1 --every 10m -o ${folder}` }],
  });
  await captured(folder, process.pid, 'C');
  const three = await nextOfCase(folder);
  expect(three.next).toBe('diagnose');
  expect(three.steps[3]!.commands[0]!.command).toBe(`stanch diagnose ${folder} --source '/srv/app dir'`);
  await diagnosed(folder);
  expect(await nextOfCase(folder)).toMatchObject({ next: 'mitigate' });
  await log(folder, {
    kind: 'action',
    text: 'worker replaced',
    facts: { phase: 'outcome', mitigation: 'm' },
  });
  expect((await nextOfCase(folder)).next).toBe('verify');
  await keepResult(folder, { schema: 'stanch/verify@1', verdict: 'not-enough-data' }, 'needs 3 h');
  expect(await stateOf(folder, 'verify')).toMatchObject({ state: 'open', says: 'needs 3 h' });
  await keepResult(folder, { schema: 'stanch/verify@1', verdict: 'fixed' }, 'Fixed');
  expect((await nextOfCase(folder)).next).toBe('report');
  await log(folder, { kind: 'note', text: 'report written', facts: { report: 'report.html' } });
  const last = await nextOfCase(folder);
  expect(last.next).toBe('close');
  expect(last.steps[7]!.commands[0]!.command).toBe(`stanch case close ${folder} --verdict fixed`);
  await closeCase(folder, 'fixed');
  expect((await nextOfCase(folder)).next).toBeNull();
});

test('an act that was only begun is none', async () => {
  const folder = await opened();
  await keepResult(folder, leak(12), 'leak');
  await log(folder, {
    kind: 'action',
    text: 'about to restart',
    facts: { phase: 'intent', mitigation: 'm' },
  });
  expect((await stateOf(folder, 'mitigate')).state).toBe('open');
});

test('with little time left time is won first, but not before there is evidence', async () => {
  const folder = await opened();
  await keepResult(folder, leak(1), 'leak');
  expect((await nextOfCase(folder)).next).toBe('locate');
  await captured(folder, process.pid, 'A');
  expect((await nextOfCase(folder)).next).toBe('mitigate');
  const calm = await opened();
  await keepResult(calm, leak(100), 'leak');
  expect((await stateOf(calm, 'mitigate')).state).toBe('not-needed');
});

test('nothing leaks only where that was found, not where it could not be told', async () => {
  const folder = await opened();
  await keepResult(folder, leak(12, { verdict: 'inconclusive', timeToLimit: null }), 'cannot tell');
  expect((await stateOf(folder, 'mitigate')).state).toBe('open');
  await keepResult(folder, leak(12, { verdict: 'no-leak', timeToLimit: null }), 'no leak');
  expect(await stateOf(folder, 'mitigate')).toMatchObject({ state: 'not-needed', says: 'nothing leaks' });
  await diagnosed(folder);
  expect((await stateOf(folder, 'mitigate')).state).toBe('open');
});

test('a process that is gone is not named in a command', async () => {
  const folder = await opened();
  await captured(folder, 2 ** 22 - 1, 'A');
  const { target, steps } = await nextOfCase(folder);
  expect(target?.state).toBe('gone');
  expect(
    steps.flatMap(({ commands }) => commands).some(({ command }) => command.includes(String(2 ** 22 - 1))),
  ).toBe(false);
});

test('conditions for calling help are watched, and each threshold can be set', async () => {
  const folder = await opened();
  const others = [leak(12), leak(12)];
  await keepResult(folder, leak(12, { others }), 'leak');
  const reached = async (nowMs: number = Date.now()) =>
    (await nextOfCase(folder, { nowMs })).escalation.conditions
      .filter(({ state }) => state === 'reached')
      .map(({ id }) => id);
  expect(await reached()).toEqual(['escalate.workers']);
  await setInCase(folder, ['escalate.workers=4', 'escalate.memoryPerWorker=500MB']);
  expect(await reached()).toEqual(['escalate.memoryPerWorker']);
  await setInCase(folder, ['escalate.memoryPerWorker=']);
  expect(await reached(Date.now() + 3 * 3_600_000)).toEqual(['escalate.withoutCause']);
  await setInCase(folder, ['escalate.withoutCause=1d']);
  expect(await reached(Date.now() + 3 * 3_600_000)).toEqual([]);
  await log(folder, { kind: 'impact', text: '502s' });
  expect(await reached()).toEqual(['escalate.restarts']);
  await diagnosed(folder);
  expect(await reached(Date.now() + 48 * 3_600_000)).toEqual(['escalate.restarts']);
});

test('the bundle is the redacted case, and what it lacks is named with its command', async () => {
  const folder = await opened();
  const file = join(root, 'app.log');
  writeFileSync(file, '2024-01-21T00:00:01Z INFO started\n'.repeat(5));
  await addEvidence(folder, [file]);
  const { bundle, checklist } = (await nextOfCase(folder)).escalation;
  expect(bundle).toBe(`stanch case zip ${folder} -o escalation.zip --mask-hosts`);
  expect(checklist.find(({ what }) => what === 'logs')).toEqual({ what: 'logs', there: true, command: null });
  expect(checklist.filter(({ there }) => !there).every(({ command }) => command?.startsWith('stanch '))).toBe(
    true,
  );
});

test('the checklist of the runtime stands with its steps, filled in', async () => {
  const folder = await opened();
  await setInCase(folder, ['runtime=python', 'target=4711']);
  const { steps } = await nextOfCase(folder);
  const notes = steps.flatMap((step) => step.notes);
  expect(notes.some(({ kind, text }) => kind === 'never' && text.includes('railway run'))).toBe(true);
  expect(
    notes
      .flatMap(({ command }) => command ?? [])
      .filter((command) => /<case>|<target>|<last-dump>/.test(command)),
  ).toEqual([]);
});

test('what cannot be set is refused, and nothing is set then', async () => {
  const folder = await opened();
  for (const bad of [
    'escalate.memoryPerWorker=much',
    'nonsense=1',
    'escalate.withoutCause=soon',
    'runtime=cobol',
    'limit',
    'toString=1',
  ])
    await expect(setInCase(folder, ['severity=P1', bad])).rejects.toMatchObject({ exitCode: 2 });
  expect((await nextOfCase(folder)).steps).toHaveLength(8);
});

test('moments that an interrupted capture left are taken in by looking', async () => {
  const folder = await opened();
  const incoming = join(folder, '.incoming', 'node-1-x');
  mkdirSync(incoming, { recursive: true });
  writeFileSync(join(incoming, 'half'), '');
  expect((await nextOfCase(folder)).settled).toBe(0);
  expect(existsSync(incoming)).toBe(false);
});
