import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawProcess, SERVICE, series } from '../formats/v8-heapsnapshot/draw-process.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { totalBytes } from '../model/heap-graph.ts';
import { diagnose } from './diagnose.ts';
import { diagnoseDrawn, dumpsOf } from './testing/diagnose-drawn.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const SELF_CHANGE = 'objects that changed their own size';

/** A heap in which collections of all kinds, the engine and old objects grow and shrink as told. */
const heapOf = (
  size: Readonly<Record<'users' | 'jobs' | 'handlers' | 'code' | 'store' | 'text', number>>,
  at: number,
): string => `
  ${SERVICE}
  root -[]-> strong:synthetic"(Strong roots)" -[]-> cache:code"(cache)" -#0-> code*${size.code}:code"(code)"#700
  scope -$users-> users:Map#32 -#table-> table:array#${size.users * 24}
  table -#key-> name*${size.users}:string"u"#20
  table -#value-> user*${size.users}:User#90 -.cart-> cart*:Array#16
  scope -$jobs-> jobs${at}:Array#${size.jobs * 8} -[]-> job*${size.jobs}:Job#50, passing${at}*${size.jobs}:Job#50
  scope -$bus-> bus:EventEmitter -._events-> events -.tick-> list:Array#${size.handlers * 8}
  list -[]-> a*${size.handlers}:closure"a"#64<app/a.js:3:3>
  list -[]-> b*${size.handlers}:closure"b"#64<app/b.js:4:4>
  scope -$samples-> samples:Array#32 -#elements-> elements:array"(object elements)"#${size.store}
  scope -$note-> note:Note#${size.text}`;

const size = fc.oneof(fc.constantFrom(0, 10), fc.integer({ min: 0, max: 150 }));
const sizes = fc.record({
  users: size,
  jobs: size,
  handlers: size,
  code: size,
  store: fc.nat(60_000),
  text: fc.nat(3000),
});

test('the parts add up to the growth, and no byte is in two of them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(sizes, { minLength: 2, maxLength: 4 }),
      fc.integer({ min: 0, max: 9 }),
      async (dumps, top) => {
        const graphs = await drawProcess(dumps.map(heapOf));
        const { growth, findings } = await diagnose(dumpsOf(graphs), { top });
        expect(growth.fromBytes).toBe(totalBytes(graphs[0]!));
        expect(growth.toBytes).toBe(totalBytes(graphs[graphs.length - 1]!));
        expect(growth.grownBytes - growth.shrunkBytes).toBe(growth.toBytes - growth.fromBytes);
        expect(growth.explainedBytes).toBe(sum(findings.map((finding) => finding.growth.bytes)));
        expect(growth.explainedBytes + sum(growth.unexplained.map(({ bytes }) => bytes))).toBe(
          growth.grownBytes,
        );
        expect(growth.explainedShare).toBeGreaterThanOrEqual(0);
        expect(growth.explainedShare).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 40 },
  );
});

/** What old objects gained in their own size. */
function ownChange([first, last]: readonly HeapGraph[]): number {
  const before = new Map([...first!.nodeId].map((id, node) => [id, first!.selfBytes[node]!]));
  return sum(
    [...last!.nodeId].map((id, node) => (before.has(id) ? last!.selfBytes[node]! - before.get(id)! : 0)),
  );
}

test('what is told as old objects that changed their size is just that', async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.integer({ min: 20, max: 90 }),
      fc.integer({ min: 0, max: 9 }),
      async (first, more, top) => {
        const steady = [0, 1, 2].map((dump) => ({
          ...first,
          users: first.users + dump * more,
          jobs: first.jobs + dump * more,
          handlers: first.handlers + dump * more,
          store: 0,
          text: first.text + dump * 100,
        }));
        const graphs = await drawProcess(steady.map(heapOf));
        const { growth } = await diagnose(dumpsOf(graphs), { top });
        const told = growth.unexplained.find(({ what }) => what === SELF_CHANGE)?.bytes ?? 0;
        expect(told).toBeLessThanOrEqual(ownChange([graphs[0]!, graphs[2]!]));
      },
    ),
    { numRuns: 30 },
  );
});

test('two causes of one holder do not both claim its store', async () => {
  const dumps = series(
    [20, 60, 100],
    (n) => `
    ${SERVICE}
    scope -$bus-> bus:EventEmitter -._events-> events${n} -.tick-> list${n}:Array#${n * 1000}
    list${n} -[]-> a*${n}:closure"a"#64<app/a.js:3:3>
    list${n} -[]-> b*${n}:closure"b"#64<app/b.js:4:4>`,
  );
  const { findings, growth } = await diagnoseDrawn(dumps);
  expect(findings).toHaveLength(2);
  expect(growth.explainedBytes).toBe(80 * 1000 + 2 * 80 * 64);
  expect(growth.unexplained).toEqual([]);
});

test('findings that are not shown stay in the account', async () => {
  const dumps = series(
    [20, 60, 100],
    (n) => `
    ${SERVICE}
    scope -$a-> a:Array#32 -[]-> x*${n}:X#500<app/x.js:1:1>
    scope -$b-> b:Array#32 -[]-> y*${n}:Y#100<app/y.js:1:1>`,
  );
  const { findings, growth } = await diagnoseDrawn(dumps, { top: 1 });
  expect(findings.map(({ growth: { bytes } }) => bytes)).toEqual([40_000]);
  expect(growth).toMatchObject({ grownBytes: 48_000, explainedBytes: 40_000 });
  expect(growth.unexplained.map(({ what }) => what)).not.toContain(SELF_CHANGE);
});

test('what shrank cannot hide what grew', async () => {
  const { growth } = await diagnoseDrawn(
    series(
      [20, 60, 100],
      (n) => `
      ${SERVICE}
      scope -$a-> a:Array#32 -[]-> x*${n}:X#500<app/x.js:1:1>
      scope -$cold-> cold:Array#32 -[]-> y*${200 - n}:Y#1000`,
    ),
  );
  expect(growth).toMatchObject({
    grownBytes: 40_000,
    shrunkBytes: 80_000,
    explainedBytes: 40_000,
    explainedShare: 1,
  });
});
