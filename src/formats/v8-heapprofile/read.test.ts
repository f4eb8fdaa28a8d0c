import { Session } from 'node:inspector/promises';
import { expect, test } from 'vitest';
import { top } from '../../analysis/stacks/top.ts';
import { bytesSource } from '../../base/byte-source.ts';
import { detectHeapProfile } from './detect.ts';
import { readHeapProfile } from './read.ts';

const source = (value: unknown) =>
  bytesSource(new TextEncoder().encode(JSON.stringify(value)), 'x.heapprofile');
const node = (functionName: string, selfSize: number, children: unknown[] = []) => ({
  callFrame: { functionName, scriptId: '1', url: 'file:///srv/app.js', lineNumber: 9, columnNumber: 2 },
  selfSize,
  id: 1,
  children,
});

test('stacks come innermost first, with lines from 1', async () => {
  const profile = await readHeapProfile(
    source({ head: node('(root)', 0, [node('serve', 10, [node('load', 300)])]), samples: [] }),
  );
  const { rows } = top(profile, { granularity: 'lines' });
  expect(rows.map(({ function: fn, file, line, flat, cum }) => [fn, file, line, flat, cum])).toEqual([
    ['load', '/srv/app.js', 10, 300, 300],
    ['serve', '/srv/app.js', 10, 10, 310],
  ]);
});

test('a profile that V8 takes now is read, and its bytes add up', async () => {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', { samplingInterval: 1024 });
  const kept = Array.from({ length: 20_000 }, (_, at) => ({ at }));
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  const read = await readHeapProfile(source(profile));
  const sum = (each: { selfSize: number; children: { selfSize: number; children: never[] }[] }): number =>
    each.selfSize + each.children.reduce((total, child) => total + sum(child), 0);
  expect(kept).toHaveLength(20_000);
  expect(read.values.reduce((a, b) => a + b, 0)).toBe(sum(profile.head as never));
  expect(detectHeapProfile(new TextEncoder().encode(JSON.stringify(profile).slice(0, 4096)))).toBeGreaterThan(
    0.5,
  );
});

test.each([
  { name: 'cut', text: '{"head":{"callFrame":{"functionName":"(root)"' },
  { name: 'without a tree', text: '{"samples":[]}' },
  { name: 'with another tree', text: '{"head":{"name":"x"}}' },
  {
    name: 'with a size that is none',
    text: '{"head":{"callFrame":{"functionName":"f"},"selfSize":-1,"children":[]}}',
  },
])('a file $name is refused', async ({ text }) => {
  await expect(readHeapProfile(bytesSource(new TextEncoder().encode(text), 'x'))).rejects.toMatchObject({
    exitCode: 3,
  });
});

test('a stack of 3,000 calls is read', async () => {
  let text = '[]';
  const frame = '"callFrame":{"functionName":"f","url":"","lineNumber":0,"columnNumber":0},"selfSize":1';
  for (let depth = 0; depth < 3000; depth++) text = `[{${frame},"children":${text}}]`;
  const profile = await readHeapProfile(
    bytesSource(new TextEncoder().encode(`{"head":{${frame},"children":${text}}}`), 'deep'),
  );
  expect(profile.sampleCount).toBe(3001);
});
