import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Diagnosis, Finding } from '../../model/finding.ts';
import { capturedOutput } from '../captured-output.ts';
import { labFolder, labModule } from '../demo/lab.ts';
import { type DemoDocument, demoLines } from '../render/demo.ts';
import { paint } from '../render/text.ts';
import { run } from '../run.ts';

const kept: string[] = [];
afterAll(() => {
  for (const folder of kept) {
    if (folder.startsWith(tmpdir()) && existsSync(folder)) rmSync(folder, { recursive: true });
  }
});

/** Real processes, real load, real evidence, as a user runs it. */
async function demo(...args: string[]) {
  const output = capturedOutput();
  const exitCode = await run(['demo', ...args, '--json'], output);
  const document = JSON.parse(output.results()) as DemoDocument;
  if (document.kept) kept.push(document.kept);
  const [leaking, fixed] = document.builds;
  return { output, exitCode, document, leaking: leaking!, fixed: fixed! };
}

const placeOf = ({ location }: Finding): string => (location ? `${location.file}:${location.line}` : '');
const verdicts = (...builds: { diagnosis: Diagnosis }[]) => builds.map(({ diagnosis }) => diagnosis.verdict);

// With fewer joins compiled code would weigh too much.
test('the demo finds the leak of the lab, with its lines, and nothing in the repaired build', async () => {
  const { output, exitCode, document, leaking, fixed } = await demo('collabcanvas', '--keep');
  expect(output.messages()).toBe('');
  expect(exitCode).toBe(0);
  expect(leaking).toMatchObject({ build: 'leaking', joins: 800, listenersPerJoin: 3 });
  expect(leaking.diagnosis.verdict).toBe('leak');
  expect(leaking.diagnosis.growth.explainedShare).toBeGreaterThan(0.9);
  const places = leaking.diagnosis.findings.slice(0, 2).map(({ location }) => basename(location!.file));
  expect(new Set(places)).toEqual(new Set(['presence.handler.js', 'presence.service.js']));
  expect(fixed).toMatchObject({ build: 'fixed', listenersPerJoin: 0, diagnosis: { verdict: 'no-leak' } });
  expect(readdirSync(document.kept!)).toHaveLength(6);
  const text = paint(
    demoLines(document, () => 'code', 100),
    false,
  );
  expect(text).toMatch(/listeners per join +3\.00/);
  const widths = text
    .split('stanch diagnose')[0]!
    .split('\n')
    .map((each) => each.length);
  expect(Math.max(...widths)).toBeLessThanOrEqual(100);
});

/** What a lab needs and is not there, by name. */
async function missing(lab: string, file: string): Promise<string> {
  const { missingRuntime } = await labModule<{ missingRuntime(): { message: string } | null }>(
    labFolder(lab),
    file,
  );
  const message = missingRuntime()?.message;
  if (message) process.stderr.write(`stanch demo ${lab} not tested: ${message}\n`);
  return message ? ` (not tested: ${message})` : '';
}

const noRails = await missing('taskforge', 'missing-runtime.js');
describe.skipIf(noRails)(`a Rails service on Puma${noRails}`, () => {
  test('names both causes of the incident, and contradicts the third', async () => {
    const { exitCode, leaking, fixed } = await demo('taskforge', '--keep');
    const [cache, options, ...more] = leaking.diagnosis.findings;
    expect(verdicts(leaking, fixed)).toEqual(['leak', 'no-leak']);
    expect(exitCode).toBe(0);
    expect(cache!.owner).toMatch(/^NotificationService\.@@instance → @user_preferences_cache \(Hash/);
    expect(placeOf(cache!)).toBe('app/services/notification_service.rb:51');
    expect(options!.owner).toMatch(/^TaskService\.@@default_options \(Hash/);
    expect(placeOf(options!)).toBe('app/services/task_service.rb:22');
    expect(more).toEqual([]);
    expect(leaking.diagnosis.growth.explainedShare).toBeGreaterThan(0.9);
    expect(leaking.diagnosis.claims).toMatchObject([
      { verdict: 'contradicted', text: expect.stringContaining('SearchService#search') },
    ]);
  }, 180_000);

  test('is diagnosed without the names file too: class, and from its source the line', async () => {
    const folder = kept.at(-1)!;
    const files = ['A', 'B', 'C'].map((moment) => `${folder}/leaking-${moment}.json`);
    for (const file of files) rmSync(file.replace(/json$/, 'names.jsonl'));
    const output = capturedOutput();
    const exitCode = await run(['diagnose', ...files, '--source', labFolder('taskforge'), '--json'], output);
    const { findings } = JSON.parse(output.results()) as Diagnosis;
    expect(exitCode).toBe(1);
    expect(findings.map(({ owner }) => owner).join()).toMatch(/NotificationService.*TaskService/s);
    expect(findings.slice(0, 2).map(({ location }) => location?.file)).toEqual([
      'app/services/notification_service.rb',
      'app/services/task_service.rb',
    ]);
  }, 60_000);
});

const noGo = await missing('cloudvault', 'start-build.js');
describe.skipIf(noGo)(`a Go service${noGo}`, () => {
  test('names each go statement whose goroutines stay', async () => {
    const { exitCode, leaking, fixed } = await demo('cloudvault', '--ops', '6');
    expect(verdicts(leaking, fixed)).toEqual(['leak', 'no-leak']);
    expect(exitCode).toBe(0);
    expect(leaking.diagnosis.findings.map(placeOf).sort()).toEqual([
      'internal/middleware/ratelimit.go:102',
      'internal/services/storage/storage.go:105',
      'internal/services/storage/storage.go:67',
      'internal/services/sync/sync.go:213',
    ]);
    const patterns = new Set(leaking.diagnosis.findings.map(({ pattern }) => pattern));
    expect(patterns).toEqual(new Set(['goroutine-runaway', 'goroutine-stuck']));
  }, 300_000);
});

const noPython = await missing('lafactoria', 'missing-runtime.js');
describe.skipIf(noPython)(`a Python service${noPython}`, () => {
  test('names what its modules, caches, tasks, threads and defaults keep', async () => {
    const { exitCode, leaking, fixed } = await demo('lafactoria');
    expect(verdicts(leaking, fixed)).toEqual(['leak', 'no-leak']);
    expect(exitCode).toBe(0);
    const places = leaking.diagnosis.findings.map(({ location }) => location?.file);
    for (const name of [
      'content_service',
      'session_service',
      'background',
      'template_service',
      'audit',
      'scoring',
    ])
      expect(places).toContain(`app/services/${name}.py`);
    expect(leaking.diagnosis.growth.explainedShare).toBeGreaterThan(0.9);
  }, 180_000);
});
