import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { capturedOutput } from '../captured-output.ts';
import { demoLines } from '../render/demo.ts';
import { paint } from '../render/text.ts';
import { run } from '../run.ts';

// A real server, real clients, real snapshots, as a user runs it: with fewer joins compiled code would weigh too much.
test('the demo finds the leak of the lab, with its lines, and nothing in the repaired build', async () => {
  const output = capturedOutput();
  const exitCode = await run(['demo', 'collabcanvas', '--keep', '--json'], output);
  const demo = JSON.parse(output.results());
  try {
    expect(output.messages()).toBe('');
    expect(exitCode).toBe(0);
    const [leaking, fixed] = demo.builds;
    expect(leaking).toMatchObject({ build: 'leaking', joins: 800, listenersPerJoin: 3 });
    expect(leaking.diagnosis.verdict).toBe('leak');
    expect(leaking.diagnosis.growth.explainedShare).toBeGreaterThan(0.9);
    const places = leaking.diagnosis.findings
      .slice(0, 2)
      .map(({ location }: { location: { file: string } }) => basename(location.file));
    expect(new Set(places)).toEqual(new Set(['presence.handler.js', 'presence.service.js']));
    expect(fixed).toMatchObject({ build: 'fixed', listenersPerJoin: 0, diagnosis: { verdict: 'no-leak' } });
    expect(readdirSync(demo.kept)).toHaveLength(6);
    const text = paint(
      demoLines(demo, () => 'code', 100),
      false,
    );
    expect(text).toMatch(/listeners per join +3\.00/);
    expect(
      Math.max(
        ...text
          .split('stanch diagnose')[0]!
          .split('\n')
          .map((each) => each.length),
      ),
    ).toBeLessThanOrEqual(100);
  } finally {
    if (demo.kept?.startsWith(tmpdir()) && existsSync(demo.kept)) rmSync(demo.kept, { recursive: true });
  }
});
