import { expect, test } from 'vitest';
import { SERVICE, series } from '../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, leaksOf } from './testing/diagnose-drawn.ts';

/** What grows under a root of the runtime, in a heap whose other growth is `rest` bytes. */
const ofRuntime = (count: number, bytes: number, rest: number): string => `
  ${SERVICE}
  scope -$big-> big:Big#${rest}
  root -[]-> gc:synthetic"(GC roots)" -[]-> handles:synthetic"(Global handles)" -[]-> x*${count}:Port#${bytes}`;
const ofService = (count: number, bytes: number): string => `
  ${SERVICE}
  scope -$list-> list:Array#32 -[]-> x*${count}:Item#${bytes}`;

test.each([
  {
    name: 'eight members an interval in the own code',
    dumps: series([10, 18, 26], (n) => ofService(n, 100)),
    leaks: 1,
  },
  { name: 'fewer', dumps: series([10, 17, 24], (n) => ofService(n, 100)), leaks: 0 },
  { name: 'fewer, but large ones', dumps: series([10, 17, 24], (n) => ofService(n, 10_000)), leaks: 1 },
  {
    name: 'a store of numbers that grows by little',
    dumps: series([9000, 14_000, 19_000], numbers),
    leaks: 0,
  },
  {
    name: 'a store of numbers that grows by much',
    dumps: series([90_000, 190_000, 290_000], numbers),
    leaks: 1,
  },
  {
    name: 'many small things of the runtime',
    dumps: series([50, 100, 150], (n) => ofRuntime(n, 100, 0)),
    leaks: 0,
  },
  { name: 'many larger ones', dumps: series([50, 100, 150], (n) => ofRuntime(n, 1000, 0)), leaks: 1 },
  {
    name: 'larger ones that are a trifle of all growth',
    dumps: series([50, 100, 150], (n) => ofRuntime(n, 1000, n * 100_000)),
    leaks: 1,
    not: 'Port',
  },
])('$name: $leaks', async ({ dumps, leaks, not }) => {
  const found = leaksOf(await diagnoseDrawn(dumps));
  expect(found).toHaveLength(leaks);
  if (not) expect(found.map(({ owner }) => owner).join()).not.toContain(not);
});

function numbers(bytes: number): string {
  return `${SERVICE}\nscope -$numbers-> list:Array#32 -#elements-> store:array"(object elements)"#${bytes}`;
}
