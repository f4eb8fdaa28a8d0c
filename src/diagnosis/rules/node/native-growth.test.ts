import { expect, test } from 'vitest';
import { SERVICE, series } from '../../../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, leaksOf } from '../../testing/diagnose-drawn.ts';

const STEADY = [50, 100, 150];
const buffer = (group: string, bytes: number): string => `
  ${group} -#buffer-> ab${group}*:ArrayBuffer#88 -#backing_store-> data${group}*:native"system / JSArrayBufferData"#${bytes}
`;

const leaks = [
  {
    name: 'ever more decoders, each with its native memory, hang from the runtime',
    dumps: series(
      STEADY,
      (n) => `
      root -[]-> gcRoots:synthetic"(GC roots)" -[]-> handles:synthetic"(Global handles)"
      ${SERVICE}
      handles -[]-> b*${n}:WASI#96
      ${buffer('b', 9000)}`,
    ),
    leak: {
      title: expect.stringMatching(/^Native memory \(buffers, handles\) is kept by/),
      growth: { objects: 100 },
    },
  },
  {
    name: 'a small object of the runtime keeps much memory outside the heap',
    dumps: series(
      STEADY,
      (n) => `
      root -[]-> gcRoots:synthetic"(GC roots)" -[]-> handles:synthetic"(Global handles)"
      ${SERVICE}
      handles -[]-> z*${n}:Zlib#60 -#native-> state*:native"Node / ZlibStream"#8000`,
    ),
    leak: { title: expect.stringContaining('Zlib') },
  },
];

test.each(leaks)('leaks: $name', async ({ dumps, leak }) => {
  const found = leaksOf(await diagnoseDrawn(dumps));
  expect(found).toMatchObject([{ pattern: 'native-growth', ...leak }]);
  expect(found[0]!.reasons.join()).toMatch(/\d+ % of the bytes below the members are native memory/);
});

const clean = [
  {
    name: 'packets that are handed on: other ones in each dump, as many as before',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${SERVICE}
      scope -$packets-> packets:Array#32 -[]-> ${name}*80:Buffer#96
      ${buffer(name, 9000)}`,
    ),
  },
  {
    name: 'a ring of buffers that are written again and again',
    dumps: series(
      [1, 2, 3],
      (n) => `
      ${SERVICE}
      scope -$at-> at:number"heap number"#${16 * n}
      scope -$ring-> ring:Array#32 -[]-> b*256:Buffer#96
      ${buffer('b', 4096)}`,
    ),
  },
  {
    name: 'a pool of buffers that is full by the second dump',
    dumps: series(
      [10, 200, 200],
      (n) => `
      ${SERVICE}
      scope -$pool-> pool:Array#32 -[]-> b*${n}:Buffer#96
      ${buffer('b', 16_000)}`,
    ),
  },
];

test.each(clean)('clean: $name', async ({ dumps }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toEqual([]);
});

test.each([
  { name: 'objects with a small buffer each', bytes: 200 },
  { name: 'objects with a large buffer each, in a list that could be limited', bytes: 9000 },
  { name: 'views of one buffer that lives anyway', bytes: 0 },
])('$name are an unbounded collection', async ({ bytes }) => {
  const dumps = series(
    STEADY,
    (n) => `
    ${SERVICE}
    scope -$shared-> slab:ArrayBuffer#88 -#backing_store-> data:native"system / JSArrayBufferData"#8192
    scope -$frames-> frames:Array#32 -[]-> frame*${n}:Frame#400<app/frame.js:1:1> -.bytes-> b*:Buffer#96
    ${bytes > 0 ? buffer('b', bytes) : 'b -#buffer-> slab'}`,
  );
  expect(leaksOf(await diagnoseDrawn(dumps))).toMatchObject([{ pattern: 'unbounded-collection' }]);
});

test('objects that hang from the runtime and are mostly JavaScript are of no known pattern', async () => {
  const dumps = series(
    STEADY,
    (n) => `
    root -[]-> gcRoots:synthetic"(GC roots)" -[]-> handles:synthetic"(Global handles)"
    ${SERVICE}
    handles -[]-> p*${n}:Port#700 -#native-> state*:native"Node / MessagePort"#300`,
  );
  expect(leaksOf(await diagnoseDrawn(dumps))).toMatchObject([{ pattern: 'unknown-growth' }]);
});
