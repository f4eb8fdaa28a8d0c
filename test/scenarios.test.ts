import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import type { RunGrowth, RunResult } from '../src/scenario/run-result.ts';
import { runScenario } from '../src/scenario/run-scenario.ts';

const MINUTES = 60_000;
const labs = join(import.meta.dirname, '..', 'labs');
const folder = mkdtempSync(join(tmpdir(), 'stanch-scenarios-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function missingRuntime(lab: string): Promise<string | null> {
  if (lab === 'collabcanvas') return null;
  const file = lab === 'cloudvault' ? 'start-build.js' : 'missing-runtime.js';
  const module = (await import(join(labs, lab, file))) as { missingRuntime(): { message: string } | null };
  return module.missingRuntime()?.message ?? null;
}

async function run(lab: string): Promise<RunResult> {
  return runScenario(await loadScenario(join(labs, lab, 'scenario.js')), {
    name: lab,
    ops: 80,
    rounds: 4,
    captures: 3,
    folder: mkdtempSync(join(folder, lab)),
    signal: new AbortController().signal,
  });
}

function causes(lab: string): Record<string, unknown>[] {
  return JSON.parse(readFileSync(join(labs, lab, 'causes.json'), 'utf8')).causes;
}

/** The growth of the finding at a line of the lab's source, and what it goes with. */
function growthAt(
  { diagnosis, causes: grown }: RunResult,
  cause: Record<string, unknown>,
): RunGrowth | undefined {
  const finding = diagnosis?.findings.find(({ location, alsoSee }) =>
    [location, ...alsoSee].some((place) => place?.file === cause['file'] && place?.line === cause['line']),
  );
  return grown.find(({ finding: id }) => id === finding?.id);
}

function holds(growth: RunGrowth | undefined, planted: number): void {
  expect(growth).toBeDefined();
  expect(growth!.low).toBeLessThanOrEqual(planted);
  expect(growth!.high).toBeGreaterThanOrEqual(planted);
  expect(growth!.exactly).toBe(planted);
}

const absent = Object.fromEntries(
  await Promise.all(
    ['collabcanvas', 'cloudvault', 'taskforge', 'lafactoria'].map(
      async (lab) => [lab, await missingRuntime(lab)] as const,
    ),
  ),
);

/** What is not there is told by the name of the test. */
function withLab(lab: string, name: string, check: () => Promise<void>): void {
  const missing = absent[lab];
  const title = missing ? `${name} (NOT TESTED: ${missing})` : name;
  test.skipIf(missing !== null)(title, { timeout: 6 * MINUTES }, check);
}

describe('stanch run gives what was planted, each with an interval that holds it', () => {
  withLab('collabcanvas', '3 listeners for each join', async () => {
    const result = await run('collabcanvas');
    expect(result.verdict).toBe('leak');
    const listeners = [...result.patterns, ...result.causes].find(
      ({ exactly, what }) => exactly === 3 && /listener/i.test(what),
    );
    holds(listeners, 3);
    expect(listeners!.per).toBe('join');
  });

  withLab('cloudvault', 'a goroutine for each upload with progress and each watch', async () => {
    const result = await run('cloudvault');
    expect(result.verdict).toBe('leak');
    const per: Readonly<Record<string, string>> = {
      fileUploadsWithProgress: 'upload with progress',
      watchersStarted: 'watch',
    };
    for (const cause of causes('cloudvault').filter((each) => String(each['per']) in per)) {
      const growth = growthAt(result, cause);
      holds(growth, 1);
      expect(growth!.per).toBe(per[String(cause['per'])]);
    }
  });

  withLab(
    'taskforge',
    'an entry for each user notified for the first time, and one for each task',
    async () => {
      const result = await run('taskforge');
      expect(result.verdict).toBe('leak');
      const [preferences, options] = causes('taskforge').map((cause) => growthAt(result, cause));
      holds(preferences, 1);
      expect(preferences!.per).toBe('user notified for the first time');
      holds(options, 1);
      expect(options!.per).toBe('task created');
    },
  );

  withLab('lafactoria', 'what each visit leaves, by all that leak', async () => {
    const result = await run('lafactoria');
    expect(result.verdict).toBe('leak');
    const planted = causes('lafactoria').filter((cause) => cause['perVisit'] === 1);
    const found = planted.map((cause) => growthAt(result, cause)).filter((growth) => growth !== undefined);
    expect(found.length).toBeGreaterThanOrEqual(planted.length - 1);
    for (const growth of found) {
      expect(growth.per).toBe('visit');
      holds(growth, 1);
    }
  });
});
