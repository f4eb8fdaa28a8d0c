import { expect, test } from 'vitest';
import { SERVICE, series } from '../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn } from './testing/diagnose-drawn.ts';

/** 400 variables, each with as many entries of 4,000 bytes. */
const inManyPlaces = (entries: number): string =>
  [
    SERVICE,
    ...Array.from(
      { length: 400 },
      (_, at) =>
        `scope -$held${at}-> held${at}:Array#32 -[]-> e${at}_*${entries}:Entry${at}#4000<app/a.js:1:1>`,
    ),
  ].join('\n');

test('growth that goes on in many small places clears nobody', async () => {
  const diagnosis = await diagnoseDrawn(series([1, 2, 3], inManyPlaces));
  expect(diagnosis).toMatchObject({ verdict: 'inconclusive', confidence: 0.5, findings: [] });
  expect(diagnosis.summary).toMatch(/^Cannot tell yet: .* 3\.20 MB .* small places/);
  expect(diagnosis.next[0]!.why).toContain('more load');
});

test('when it ends, or is no visible part of the heap, there is no leak', async () => {
  expect((await diagnoseDrawn(series([1, 3, 3], inManyPlaces))).verdict).toBe('no-leak');
  const withBulk = (n: number) => `${inManyPlaces(n)}\nscope -$bulk-> bulk:Bulk#900000000`;
  expect((await diagnoseDrawn(series([1, 2, 3], withBulk))).verdict).toBe('no-leak');
});
