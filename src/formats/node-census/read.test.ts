import { expect, test } from 'vitest';
import { top } from '../../analysis/stacks/top.ts';
import { bytesSource } from '../../base/byte-source.ts';
import { detectCensus } from './detect.ts';
import { readCensus } from './read.ts';

const CENSUS = {
  schema: 'stanch/node-census@1',
  at: '2024-01-21T09:30:00.000Z',
  objects: 460,
  classes: [
    { name: 'Board', kind: 'other', count: 300 },
    { name: 'Map', kind: 'Map', count: 2 },
  ],
  otherClasses: { classes: 3, count: 158 },
  listeners: [{ class: 'Socket', event: 'beat', emitters: 1, listeners: 40, functionName: 'heartbeat' }],
  collections: [
    { class: 'Map', kind: 'Map', size: 300, holds: 'string → Board' },
    { class: 'Map', kind: 'Map', size: 20, holds: 'string → Board' },
  ],
  memory: { rss: 80e6, external: 1e6 },
  heap: { used_heap_size: 20e6 },
};
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value, null, 1));
const read = (value: unknown) => readCensus(bytesSource(bytes(value), 'A.census.json'));

test('classes, listeners below their emitters, and collections are three columns', async () => {
  const profile = await read(CENSUS);
  const rows = (sampleType: string) =>
    top(profile, { sampleType })
      .rows.map(({ function: name, flat }) => [name, flat])
      .filter(([, flat]) => flat !== 0);
  expect(rows('objects')).toEqual([
    ['Board', 300],
    ['(other classes)', 158],
    ['Map', 2],
  ]);
  expect(rows('listeners')).toEqual([["'beat' heartbeat", 40]]);
  expect(rows('entries')).toEqual([['Map of string → Board', 320]]);
  expect(profile.figures.get('heapUsed')).toBe(20e6);
  expect(profile.timeNanos).toBe(BigInt(Date.parse(CENSUS.at)) * 1_000_000n);
});

test('it is known by its schema, not by its name', () => {
  expect(detectCensus(bytes(CENSUS))).toBe(1);
  expect(detectCensus(bytes({ schema: 'stanch/capture@1' }))).toBe(0);
  expect(detectCensus(new Uint8Array(0))).toBe(0);
});

test.each([
  ['cut', JSON.stringify(CENSUS).slice(0, 90)],
  ['without lists', '{"schema":"stanch/node-census@1"}'],
  ['with a count that is none', JSON.stringify({ ...CENSUS, classes: [{ name: 'Board', count: -1 }] })],
  ['with a class without a name', JSON.stringify({ ...CENSUS, classes: [{ count: 1 }] })],
  ['that is null', 'null'],
])('a census %s is refused', async (_, text) => {
  await expect(readCensus(bytesSource(new TextEncoder().encode(text), 'x'))).rejects.toMatchObject({
    exitCode: 3,
  });
});
