import { expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { detectJsonLines } from './detect.ts';
import { readJsonLines } from './read.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string) => readJsonLines(bytesSource(bytes(text), 'test.jsonl'));

test('numbers become series under their path, texts become labels', async () => {
  const { series } = await read(
    '{"time":"2024-01-21T00:00:00Z","pod":"a","memory":{"rss_mb":5,"heapUsed":7},"msg":"tick"}\n{"time":"2024-01-21T00:01:00Z","pod":"a","memory":{"rss_mb":6,"heapUsed":8}}\n',
  );
  expect(series.map(({ name, labels, unit, values }) => [name, labels, unit, ...values])).toEqual([
    ['memory.rss_mb', { pod: 'a' }, 'bytes', 5e6, 6e6],
    ['memory.heapUsed', { pod: 'a' }, null, 7, 8],
  ]);
});

test('{metric, value} lines and the export of VictoriaMetrics', async () => {
  const { series } = await read(
    '{"ts":1705795500,"metric":"rss_bytes","value":3,"labels":{"pod":"b"}}\n{"metric":{"__name__":"m","job":"x"},"values":[1,2],"timestamps":[1000,2000]}\n',
  );
  expect(series.map(({ name, labels, times }) => [name, labels, ...times])).toEqual([
    ['rss_bytes', { pod: 'b' }, 1705795500000],
    ['m', { job: 'x' }, 1000, 2000],
  ]);
});

test('other lines are counted, and only such lines are an error', async () => {
  const { notes } = await read('{"t":0,"m":1}\nnot json\n[1]\n');
  expect(notes).toEqual(['2 lines hold no time and number and were left out, the first at byte 14']);
  await expect(read('{"a":1}\n')).rejects.toThrow(/byte 0: expected a JSON object with a time/);
});

test('it is told by its content', () => {
  expect(detectJsonLines(bytes('{"timestamp":1,"rss":2}\n{"time'))).toBeGreaterThan(0.5);
  expect(detectJsonLines(bytes('{"snapshot":{"meta":1}}'))).toBe(0);
  expect(detectJsonLines(bytes('time,m\n'))).toBe(0);
});
