import { expect, test } from 'vitest';
import type { Diagnosis } from '../../../model/finding.ts';
import type { StackProfile } from '../../../model/stack-profile.ts';
import { StackProfileBuilder } from '../../../model/stack-profile-builder.ts';
import { diagnoseGoroutines } from '../../go/diagnose-goroutines.ts';
import { type Drawn, drawCapture } from '../../go/testing/draw-goroutines.ts';

const MB = 1e6;

/** A heap of 1 kB objects by line of the service, in MB. */
function heap(
  lines: Readonly<Record<string, number>>,
  figures: Readonly<Record<string, number>> = {},
): StackProfile {
  const builder = new StackProfileBuilder('go', 'pprof', 'heap.pb.gz', [
    { type: 'inuse_objects', unit: 'count' },
    { type: 'inuse_space', unit: 'bytes' },
  ]);
  for (const [name, megabytes] of Object.entries(lines)) {
    const [fn, line] = name.split(':');
    const leaf = builder.location(
      builder.function('bytes.makeSlice', '/usr/lib/go/src/bytes/buffer.go'),
      229,
    );
    const own = builder.location(builder.function(fn!, '/srv/app/store.go'), Number(line));
    builder.sample(builder.stack([leaf, own]), [(megabytes * MB) / 1000, megabytes * MB]);
    builder.numberLabel('bytes', 1000, 'bytes');
  }
  return builder.finish({
    periodType: { type: 'space', unit: 'bytes' },
    period: 524_288,
    figures: new Map(Object.entries(figures)),
  });
}

const main: Drawn = { state: 'IO wait', count: 1, firstId: 1, frames: ['main.main /srv/main.go:9'] };
const clients = (count: number): Drawn => ({
  state: 'IO wait',
  count,
  firstId: 100,
  frames: ['net/http.(*conn).serve /usr/lib/go/src/net/http/server.go:2100'],
});

async function diagnoseHeaps(
  heaps: readonly Readonly<Record<string, number>>[],
  load: readonly number[] = heaps.map(() => 20),
): Promise<Diagnosis> {
  const inputs = await Promise.all(
    heaps.map(async (lines, at) => {
      const capture = await drawCapture('ABCD'[at]!, [main, clients(load[at]!)]);
      return [capture, { ...capture, dump: undefined, file: 'heap.pb.gz', profile: heap(lines) }];
    }),
  );
  return diagnoseGoroutines(inputs.flat().map(({ dump, ...rest }) => (dump ? { ...rest, dump } : rest)));
}

test('leaks: a line that grows in each interval while connections do not', async () => {
  const { verdict, findings } = await diagnoseHeaps([
    { 'app.put:7': 20, 'app.load:9': 50 },
    { 'app.put:7': 60, 'app.load:9': 52 },
    { 'app.put:7': 100, 'app.load:9': 49 },
  ]);
  expect(verdict).toBe('leak');
  expect(findings).toMatchObject([
    { pattern: 'unbounded-collection', location: { file: '/srv/app/store.go', line: 7, role: 'allocates' } },
  ]);
  expect(findings[0]!.against).toContain('a heap profile tells where memory was allocated, not who holds it');
});

test('leaks: memory that stays when the clients have left', async () => {
  const heaps = [{ 'app.put:7': 20 }, { 'app.put:7': 100 }, { 'app.put:7': 100 }];
  expect((await diagnoseHeaps(heaps, [20, 80, 5])).verdict).toBe('leak');
});

test.each([
  ['two heaps', [{ 'app.put:7': 20 }, { 'app.put:7': 100 }], [20, 20]],
  ['a cache that filled', [{ 'app.put:7': 20 }, { 'app.put:7': 100 }, { 'app.put:7': 101 }], [20, 20, 20]],
  [
    'buffers of more and more clients',
    [{ 'app.put:7': 20 }, { 'app.put:7': 60 }, { 'app.put:7': 100 }],
    [20, 60, 100],
  ],
  [
    'what goes with the clients',
    [{ 'app.put:7': 20 }, { 'app.put:7': 100 }, { 'app.put:7': 22 }],
    [20, 80, 5],
  ],
  ['too few samples', [{ 'app.put:7': 0.5 }, { 'app.put:7': 2 }, { 'app.put:7': 4 }], [20, 20, 20]],
  ['noise', [{ 'app.put:7': 100 }, { 'app.put:7': 103 }, { 'app.put:7': 106 }], [20, 20, 20]],
])('clean: %s', async (_, heaps, load) => {
  expect((await diagnoseHeaps(heaps as unknown as Record<string, number>[], load)).verdict).not.toBe('leak');
});

async function diagnoseCounted(
  live: readonly number[],
  line: readonly number[],
  forced: readonly number[] = [1, 2, 3],
): Promise<Diagnosis> {
  const inputs = await Promise.all(
    live.map(async (megabytes, at) => {
      const { dump, ...rest } = await drawCapture('ABC'[at]!, [main, clients(20)]);
      const figures = { HeapAlloc: megabytes * MB, NumForcedGC: forced[at]! };
      return [
        { ...rest, dump: dump! },
        { ...rest, file: 'heap.pb.gz', profile: heap({ 'app.put:7': line[at]! }, figures) },
      ];
    }),
  );
  return diagnoseGoroutines(inputs.flat());
}

test('a heap that grows on by the count of the runtime is not cleared for want of samples', async () => {
  const { verdict, summary, findings, next } = await diagnoseCounted([3.3, 6.3, 9.5], [2, 4, 6]);
  expect(verdict).toBe('inconclusive');
  expect(summary).toContain('the live heap grows on (3.30 MB → 6.30 MB → 9.50 MB)');
  expect(findings).toMatchObject([{ location: { line: 7 }, confidence: 0.3 }]);
  expect(findings[0]?.against.join()).toContain('raw samples');
  expect(next[0]?.why).toContain('times as far apart');
});

test.each([
  ['it stopped', [3.3, 9.4, 9.5], [1, 2, 3]],
  ['it came at the end', [3.3, 3.4, 9.5], [1, 2, 3]],
  ['it is a trifle', [3.3, 3.5, 3.8], [1, 2, 3]],
  ['garbage was counted as well', [3.3, 6.3, 9.5], [0, 0, 0]],
])('a heap that does not grow on for sure is cleared: %s', async (_, live, forced) => {
  expect((await diagnoseCounted(live, [2, 2, 2], forced)).verdict).toBe('no-leak');
});

test('growth of the process is split into heap, stacks, free spans and the rest', async () => {
  const leak = (count: number): Drawn => ({
    state: 'chan send',
    count,
    firstId: 1000,
    frames: ['app.work.func1 /srv/app/store.go:30'],
    by: 'app.work /srv/app/store.go:28',
    creator: (n) => 90_000 + n,
  });
  const figures = [
    { HeapInuse: 100 * MB, HeapIdle: 20 * MB, HeapReleased: 15 * MB, Stack: 2 * MB, GCSys: 3 * MB },
    { HeapInuse: 160 * MB, HeapIdle: 40 * MB, HeapReleased: 25 * MB, Stack: 10 * MB, GCSys: 4 * MB },
  ];
  const inputs = [];
  for (const [at, count] of [1000, 5000].entries()) {
    const capture = await drawCapture('AB'[at]!, [main, leak(count)]);
    inputs.push(capture);
    const { dump: _, ...rest } = capture;
    inputs.push({ ...rest, profile: heap({ 'app.work:29': [20, 60][at]!, 'app.load:9': 40 }, figures[at]) });
  }
  const { growth, findings } = diagnoseGoroutines(inputs, {
    memory: { A: { rssBytes: 130 * MB }, B: { rssBytes: 220 * MB } },
  });
  // 4,000 goroutines of 2,000 bytes and 40 MB allocated in the function that starts them.
  expect(findings[0]!.growth.bytes / MB).toBeCloseTo(48, 1);
  expect(growth).toMatchObject({ fromBytes: 130 * MB, toBytes: 220 * MB, grownBytes: 90 * MB });
  const parts = Object.fromEntries(
    growth.unexplained.map(({ what, bytes }) => [what.slice(0, 12), Math.round(bytes / MB)]),
  );
  expect(parts).toMatchObject({
    'heap in use ': 20,
    'free heap sp': 10,
    "the runtime'": 1,
    'outside the ': 11,
  });
  const accounted = growth.explainedBytes + growth.unexplained.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(Math.abs(accounted - growth.grownBytes)).toBeLessThan(0.01 * MB);
});
