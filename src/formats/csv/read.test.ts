import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { detectCsv } from './detect.ts';
import { readCsv } from './read.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string, chunkBytes?: number) => readCsv(bytesSource(bytes(text), 'test.csv', chunkBytes));

test('columns become series in base units, whatever the chunks are cut at', async () => {
  const text =
    'time,rss_mb,requests_total\r\n2024-01-21T00:00:00Z,512,10\r\n2024-01-21T00:01:00Z,513.5,25\r\n';
  for (const chunk of [1, 7, 1000]) {
    const { series } = await read(text, chunk);
    expect(series.map(({ name, unit, kind }) => [name, unit, kind])).toEqual([
      ['rss_mb', 'bytes', 'unknown'],
      ['requests_total', 'count', 'counter'],
    ]);
    expect([...series[0]!.values]).toEqual([512e6, 513.5e6]);
    expect(series[0]!.times[1]! - series[0]!.times[0]!).toBe(60_000);
  }
});

test('rows in any order, epoch seconds, gaps and NaN', async () => {
  const { series } = await read(
    'timestamp;memory_bytes;gc\n1705795560;2;\n1705795500;1;5\n1705795620;NaN;6\n',
  );
  expect([...series[0]!.values]).toEqual([1, 2]);
  expect([...series[1]!.values]).toEqual([5, 6]);
});

test('columns of words are labels and part the rows', async () => {
  const { series } = await read('time,pod,memory_bytes\n0,a,1\n0,b,10\n60,a,2\n60,b,20\n');
  expect(series.map(({ labels, values }) => [labels['pod'], ...values])).toEqual([
    ['a', 1, 2],
    ['b', 10, 20],
  ]);
});

test('units behind the numbers are taken, and mixed ones are said', async () => {
  const { series, notes } = await read('time,memory\n0,512 MiB\n60,1 GiB\n120,"1,284MB"\n');
  expect([...series[0]!.values]).toEqual([512 * 1024 ** 2, 1024 ** 3, 1284e6]);
  expect(notes.join()).toMatch(/mixes units/);
});

test('a column twice is kept under another name, and said', async () => {
  const { series, notes } = await read('time,rss,rss\n0,1,2\n');
  expect(series.map(({ name }) => name)).toEqual(['rss', 'rss#2']);
  expect(notes.join()).toMatch(/comes 2 times/);
});

test('a column of events becomes dated events', async () => {
  const { events } = await read('time,memory_bytes,event\n0,1,\n60,2,deploy v1.42\n120,3,OOM killed\n');
  expect(events[0]).toMatchObject({ kinds: ['deploy', 'oom-kill'], texts: ['deploy v1.42', 'OOM killed'] });
});

test('rows without a time are counted with the byte at which the first stands', async () => {
  const { notes } = await read('time,m\n0,1\nsum,1\n60,2\n');
  expect(notes).toEqual(['1 rows have no time that can be read and were left out, the first at byte 11']);
});

describe('what is no table', () => {
  test.each([
    ['1,2\n3,4\n', /byte 0: expected a head line/],
    ['hello\n', /expected a head line/],
    ['time,m\nnever,1\n', /byte 7: expected a row that begins with a time.*'never'/],
    ['time,m\n', /expected a row/],
  ])('%j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});

test('tables are told by their content', () => {
  expect(detectCsv(bytes('time,rss_mb\n2024-01-21T00:00:00Z,5\n'), 'x')).toBeGreaterThan(0.8);
  expect(detectCsv(bytes('# made by top\nts\tmem\n1705795500\t5\n'), 'x')).toBeGreaterThan(0.8);
  expect(detectCsv(bytes('name,size\nA,5\n'), 'x.csv')).toBe(0);
  expect(detectCsv(bytes('{"time":1}\n'), 'x')).toBe(0);
  expect(detectCsv(new Uint8Array([0, 255, 1]), 'x')).toBe(0);
});
