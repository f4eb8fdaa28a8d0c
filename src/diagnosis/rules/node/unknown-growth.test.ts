import { expect, test } from 'vitest';
import { SERVICE, series } from '../../../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, leaksOf } from '../../testing/diagnose-drawn.ts';

const STEADY = [50, 100, 150];

const leaks = [
  {
    name: 'an object of a class that is no collection has ever more fields',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      scope -$registry-> registry:Registry#64<app/registry.js:2:1>
      ${Array.from({ length: n }, (_, nth) => `registry -.plugin_${nth}-> p${nth}_:Plugin#500<app/plugin.js:1:1>`).join('\n')}`,
    ),
    leak: { title: expect.stringContaining('keeps ever more: Plugin'), growth: { objects: 100 } },
  },
];

test.each(leaks)('leaks: $name', async ({ dumps, leak }) => {
  const found = leaksOf(await diagnoseDrawn(dumps));
  expect(found).toMatchObject([{ pattern: 'unknown-growth', ...leak }]);
  expect(found[0]!.against).toContain('no known pattern fits; the path says who holds it, not why');
  expect(found[0]!.path.some((step) => step.leaking === 'yes')).toBe(true);
});

const clean = [
  {
    name: 'fields that are replaced: other objects in each dump, as many as before',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${SERVICE}
      scope -$registry-> registry:Registry#64<app/registry.js:2:1>
      ${Array.from({ length: 60 }, (_, nth) => `registry -.plugin_${nth}-> ${name}${nth}_:Plugin#500`).join('\n')}`,
    ),
  },
  {
    name: 'compiled code and feedback, which the engine keeps for itself',
    dumps: series(
      [100, 300, 500],
      (n) => `
      ${SERVICE}
      root -[]-> gcRoots:synthetic"(GC roots)" -[]-> strong:synthetic"(Strong roots)" -[]-> cache:code"(compilation cache)"
      cache -#0-> code*${n}:code"(code for handle)"#900`,
    ),
  },
  {
    name: 'a handful of new objects under a root, as any running program has them',
    dumps: series(
      [4, 12, 20],
      (n) => `
      ${SERVICE}
      scope -$big-> big:Big#4000000
      root -[]-> gcRoots:synthetic"(GC roots)" -[]-> handles:synthetic"(Global handles)" -[]-> x*${n}:MessagePort#120`,
    ),
  },
];

test.each(clean)('clean: $name', async ({ dumps }) => {
  const diagnosis = await diagnoseDrawn(dumps);
  expect(leaksOf(diagnosis)).toEqual([]);
  expect(diagnosis.verdict).toBe('no-leak');
});
