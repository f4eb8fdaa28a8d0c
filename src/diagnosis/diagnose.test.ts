import { expect, test } from 'vitest';
import { drawProcess, SERVICE, series } from '../formats/v8-heapsnapshot/draw-process.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { diagnose } from './diagnose.ts';
import { diagnoseDrawn, dumpsOf, leaksOf } from './testing/diagnose-drawn.ts';

const cache = (n: number): string => `
  ${SERVICE}
  scope -$cache-> cache:Array#32 -[]-> e*${n}:Entry#2000<app/entry.js:1:1>`;
const STEADY = [100, 200, 300];

test('what grows in each interval is a leak, and the first sentence says how much of the growth it is', async () => {
  const diagnosis = await diagnoseDrawn(series(STEADY, cache));
  expect(diagnosis).toMatchObject({
    schema: 'stanch/diagnosis@1',
    runtime: 'node',
    verdict: 'leak',
    sameProcess: true,
    summary: 'Leak: 1 cause explains 100 % of the growth (400 kB of 400 kB).',
    growth: {
      grownBytes: 400_000,
      explainedBytes: 400_000,
      explainedShare: 1,
      shrunkBytes: 0,
      unexplained: [],
    },
  });
  expect(diagnosis.confidence).toBe(diagnosis.findings[0]!.confidence);
});

test('a heap that stays as it is has no leak', async () => {
  const diagnosis = await diagnoseDrawn(series([200, 200, 200], cache));
  expect(diagnosis).toMatchObject({ verdict: 'no-leak', findings: [], harmless: [] });
  expect(diagnosis.summary).toMatch(/^No leak: the heap went from .* to .* over 3 dumps/);
});

test('two dumps give suspects, not leaks', async () => {
  const diagnosis = await diagnoseDrawn(series([100, 300], cache));
  expect(diagnosis).toMatchObject({
    verdict: 'inconclusive',
    confidence: 0.5,
    findings: [{ pattern: 'unbounded-collection' }],
  });
  expect(leaksOf(diagnosis)).toEqual([]);
});

test('growth that cannot be told yet is worth a word only where it is a visible part of the heap', async () => {
  const withBulk = (n: number) => `${cache(n)}\nscope -$bulk-> bulk:Bulk#900000000`;
  expect((await diagnoseDrawn(series([100, 300], withBulk))).verdict).toBe('no-leak');
});

test('no dump and one dump cannot tell', async () => {
  expect((await diagnose([])).verdict).toBe('inconclusive');
  const one = await diagnoseDrawn([cache(100)]);
  expect(one).toMatchObject({
    verdict: 'inconclusive',
    findings: [],
    evidence: [{ id: 'e-1', label: 'A', format: 'v8-heapsnapshot' }],
  });
});

test('dumps of two processes are told so, and give suspects at most', async () => {
  const [a] = await drawProcess([cache(100)]);
  const [b] = await drawProcess([`root -.x-> x*30:Other -.y-> y*:Another\n${cache(900)}`]);
  const diagnosis = await diagnose(dumpsOf([a!, b!]));
  expect(diagnosis).toMatchObject({ sameProcess: false, verdict: 'inconclusive' });
  expect(leaksOf(diagnosis)).toEqual([]);
  expect(diagnosis.summary).toContain('the dumps are of different processes');
  expect(diagnosis.next[0]!.why).toContain('three dumps of one process');
});

test('causes are ranked by bytes, numbered, and cut at the number asked for', async () => {
  const two = (n: number) => `${cache(n)}\nscope -$log-> log:Array#32 -[]-> l*${n}:Line#90<app/log.js:1:1>`;
  const { findings } = await diagnoseDrawn(series(STEADY, two));
  expect(findings.map(({ id, rank, owner }) => `${id} ${rank} ${owner.split(' ')[0]}`)).toEqual([
    'f-1 1 cache',
    'f-2 2 log',
  ]);
  expect((await diagnoseDrawn(series(STEADY, two), { top: 1 })).findings).toHaveLength(1);
});

test('growth by hour and by operation, where times and counts are known', async () => {
  // Dumps are drawn an hour apart.
  const { findings } = await diagnoseDrawn(series(STEADY, cache), { operations: 400 });
  expect(findings[0]!.growth).toMatchObject({ objects: 200, perHour: 100, perOperation: 0.5, holders: 1 });
  const graphs = await drawProcess(series(STEADY, cache));
  const undated = await diagnose(dumpsOf(graphs).map((dump) => ({ ...dump, at: null })));
  expect(undated.findings[0]!.growth).toMatchObject({ perHour: null, perOperation: null });
});

test('what one owner keeps is its retained size; of many holders there is no such number', async () => {
  const [one] = (await diagnoseDrawn(series(STEADY, cache))).findings;
  expect(one!.retainedBytes).toBe(32 + 300 * 2000);
  const many = (n: number) => `${SERVICE}
    scope -$sockets-> sockets:Array -[]-> socket*40:Socket -.log-> log*:Array
    ${Array.from({ length: n }, (_, nth) => `log -[]-> e${nth}_*40:Entry#400`).join('\n')}`;
  const [shared] = (await diagnoseDrawn(series([1, 2, 3], many))).findings;
  expect(shared).toMatchObject({ retainedBytes: null, growth: { holders: 40 } });
});

test('others that hold the same members are named', async () => {
  const { findings } = await diagnoseDrawn(
    series(
      STEADY,
      (n) => `${cache(n)}\nscope -$byTime-> byTime:Timeline<app/timeline.js:1:1>\nbyTime -.latest-> e`,
    ),
  );
  expect(findings[0]!.alsoHeldBy).toEqual(['Timeline.latest']);
});

test('each dump is read once, and not before the one before it is done with', async () => {
  const graphs = await drawProcess(series([100, 200, 300, 400], cache));
  const order: string[] = [];
  const dumps = dumpsOf(graphs).map((dump, index) => ({
    ...dump,
    load: async (): Promise<HeapGraph> => {
      order.push(dump.label);
      return graphs[index]!;
    },
  }));
  await diagnose(dumps);
  // The last and the first tell what is old; the others are only counted.
  expect(order).toEqual(['D', 'A', 'B', 'C']);
});

test('a diagnosis can be stopped', async () => {
  const controller = new AbortController();
  const dumps = dumpsOf(await drawProcess(series(STEADY, cache)));
  const diagnosing = diagnose(dumps, { signal: controller.signal, onProgress: () => controller.abort() });
  await expect(diagnosing).rejects.toThrow('abort');
});

test('the result is plain data', async () => {
  const diagnosis = await diagnoseDrawn(series(STEADY, cache));
  expect(JSON.parse(JSON.stringify(diagnosis))).toEqual(diagnosis);
});
