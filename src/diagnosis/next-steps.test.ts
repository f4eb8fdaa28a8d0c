import { expect, test } from 'vitest';
import { SERVICE, series } from '../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, sourceTree } from './testing/diagnose-drawn.ts';

const cache = (n: number): string => `
  ${SERVICE}
  scope -$cache-> cache:Array#32 -[]-> e*${n}:Entry#2000<app/entry.js:1:1>`;
const commands = (next: readonly { command: string }[]): string[] => next.map(({ command }) => command);

test('after one dump: what is in it, and two dumps more', async () => {
  const { next, verdict } = await diagnoseDrawn([cache(100)]);
  expect(verdict).toBe('inconclusive');
  expect(commands(next)).toEqual([
    'stanch objects A.heapsnapshot',
    'stanch diagnose A.heapsnapshot B.heapsnapshot C.heapsnapshot',
  ]);
});

test('after two dumps: one dump more', async () => {
  const { next, verdict, summary } = await diagnoseDrawn(series([100, 300], cache));
  expect(verdict).toBe('inconclusive');
  expect(summary).toContain('two dumps cannot tell a leak from a cache that fills');
  expect(commands(next)[0]).toMatch(/^stanch diagnose A\.heapsnapshot B\.heapsnapshot .*dump/);
});

test('of a leak: all ways in which its newest member is held, which the dump has', async () => {
  const { next, findings } = await diagnoseDrawn(series([100, 200, 300], cache));
  const handle = findings[0]!.path.at(-1)!.handle;
  expect(commands(next)).toContain(`stanch path C.heapsnapshot ${handle} --all`);
});

test('the source is asked for where it is missing, and only there', async () => {
  const dumps = series([100, 200, 300], cache);
  const without = await diagnoseDrawn(dumps);
  expect(commands(without.next).at(-1)).toContain('--source');
  const source = sourceTree({
    'app/server.js': 'const cache = [];\nexport const serve = (e) => cache.push(e);\n',
  });
  const withSource = await diagnoseDrawn(dumps, { source });
  expect(commands(withSource.next).join()).not.toContain('--source');
  const other = await diagnoseDrawn(dumps, { source: sourceTree({ 'elsewhere.js': '' }) });
  expect(commands(other.next).join()).not.toContain('--source');
});

test('no leak needs no next step', async () => {
  const { next, verdict } = await diagnoseDrawn(series([100, 100, 100], cache));
  expect(verdict).toBe('no-leak');
  expect(next).toEqual([]);
});
