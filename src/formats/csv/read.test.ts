import { describe, expect, test } from 'vitest';
import { type ByteSource, bytesSource } from '../../base/byte-source.ts';
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

test('labels in a head are those of its series, as dashboards export them', async () => {
  const { series } = await read(
    'Time,"rss_mb{pod=""api-1"", zone=""a,b""}","{pod=""api-2""}",system.mem.used{host:i-1}\n0,1,2,3\n',
  );
  expect(series.map(({ name, labels, unit }) => [name, labels, unit])).toEqual([
    ['rss_mb', { pod: 'api-1', zone: 'a,b' }, 'bytes'],
    ['value', { pod: 'api-2' }, null],
    ['system.mem.used', { host: 'i-1' }, null],
  ]);
});

describe('the time', () => {
  const start = Date.UTC(2024, 0, 21, 23, 59);
  test.each([
    ['in any column', 'pid,rss,timestamp\n7,1,2024-01-21T23:59:00Z\n7,2,2024-01-22T00:00:00Z\n', start],
    ['as a date and the time of day', 'Date,Time,RSS\n2024-01-21,23:59:00,1\n2024-01-22,00:00,2\n', start],
    [
      'as the time of day, over midnight',
      'time,rss\n11:59:00 PM,1\n12:00:00 AM,2\n',
      (23 * 60 + 59) * 60_000,
    ],
    ['in minutes since the beginning', 'elapsed_min,rss\n0,1\n1,2\n', 0],
    ['in seconds since the beginning', 't,rss\n0,1\n60,2\n', 0],
    ['in a column of no such name', 'measured,rss\n2024-01-21 23:59,1\n2024-01-22 00:00,2\n', start],
  ])('%s', async (_, text, from) => {
    expect(detectCsv(bytes(text), 'x.csv')).toBeGreaterThan(0.4);
    const { series } = await read(text);
    const { times, values } = series.find(({ name }) => /rss/i.test(name))!;
    expect([...times]).toEqual([from, from + 60_000]);
    expect([...values]).toEqual([1, 2]);
  });
});

describe('what is no table', () => {
  test.each([
    ['1,2\n3,4\n', /byte 0: expected a head line/],
    ['hello\n', /expected a head line/],
    ['time,m\nnever,1\n', /byte 7: expected a row with a time.*'never'/],
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

/** Rows made while they are read, so that the table itself takes no memory. */
function madeTable(rows: number, row: (at: number) => string, onChunk: () => void = () => {}): ByteSource {
  return {
    name: 'made.csv',
    sizeBytes: null,
    async *chunks() {
      yield bytes('time,pod_memory_bytes,rss_mb,requests_total\n');
      for (let from = 0; from < rows; from += 2000) {
        const count = Math.min(2000, rows - from);
        yield bytes(`${Array.from({ length: count }, (_, at) => row(from + at)).join('\n')}\n`);
        onChunk();
      }
    },
  };
}

describe('long tables', () => {
  const row = (at: number): string => `${1_705_795_500 + at},${1e8 + at},${100 + (at % 7)},${at * 3}`;

  test('200,000 rows are read whole, and hold little more than their numbers', async () => {
    const before = process.memoryUsage();
    let buffers = 0;
    let resident = 0;
    const { series, notes } = await readCsv(
      madeTable(200_000, row, () => {
        const now = process.memoryUsage();
        buffers = Math.max(buffers, now.arrayBuffers - before.arrayBuffers);
        resident = Math.max(resident, now.rss - before.rss);
      }),
    );
    expect(notes).toEqual([]);
    expect(series.map(({ values }) => values.length)).toEqual([200_000, 200_000, 200_000]);
    expect(series[0]!.values.at(-1)).toBe(1e8 + 199_999);
    expect(series[1]!.values[3]).toBe(103e6);
    // 9.6 MB of numbers, in lists that double; texts of rows are thrown away as they are read.
    expect(buffers).toBeGreaterThan(9.6e6);
    expect(buffers).toBeLessThan(60e6);
    expect(resident).toBeLessThan(300e6);
  });

  test('beyond the most that is held, neighbours are thinned: as long a time, the floor, and a word of it', async () => {
    const sawtooth = (at: number): string =>
      `${1_705_795_500 + at * 10},${1e8 + at * 10 + (at % 50) * 1e5},${100},${at}`;
    const mostSamples = 6000;
    const { series, notes } = await readCsv(madeTable(40_000, sawtooth), { mostSamples });
    expect(notes.join()).toMatch(/very long/);
    const [{ times, values }] = series as [(typeof series)[number]];
    expect(series.reduce((sum, each) => sum + each.values.length, 0)).toBeLessThanOrEqual(mostSamples);
    expect(values.length).toBeGreaterThan(mostSamples / 8);
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(0.99 * 400_000 * 1000);
    // The lowest of each tooth is what a leak is told by: it may not be thinned away.
    const lowest = Math.min(...values.slice(-100));
    expect(lowest).toBeLessThan(1e8 + 40_000 * 10 + 2e5);
    expect(Math.min(...values)).toBe(1e8);
  });
});

describe('bad input changes nothing that can be saved', () => {
  const clean = Array.from({ length: 40 }, (_, at) => [1_705_795_500 + at * 60, 1e8 + at * 1e6] as const);
  const expected = clean.map(([, value]) => value);

  test('rows in no order, rows twice, rows without numbers, Infinity', async () => {
    const rows = clean.map(([time, value]) => `${time},${value}`);
    const shuffled = rows.map((_, at) => rows[(at * 17) % rows.length]!);
    const doubled = shuffled.flatMap((each, at) => (at % 5 === 0 ? [each, each] : [each]));
    const spoilt = doubled.flatMap((each, at) => [
      each,
      ['1705795530,NaN', '1705795531,', '1705795532,-', '1705795533,Infinity', '1705795534,null'][at % 5]!,
    ]);
    const { series } = await read(`time,memory_bytes\n${spoilt.join('\n')}\n`);
    expect([...series[0]!.values]).toEqual(expected);
    expect([...series[0]!.times]).toEqual(clean.map(([time]) => time * 1000));
  });

  test('one column in four units is one column', async () => {
    const written = [
      (value: number) => `${value}`,
      (value: number) => `${value / 1e6} MB`,
      (value: number) => `${value / 1024} KiB`,
      (value: number) => `${value / 1e9}GB`,
    ];
    const rows = clean.map(([time, value], at) => `${time},${written[at % 4]!(value)}`);
    const { series, notes } = await read(`time,memory_bytes\n${rows.join('\n')}\n`);
    expect(series).toHaveLength(1);
    for (const [at, value] of series[0]!.values.entries()) expect(value / expected[at]!).toBeCloseTo(1, 9);
    expect(series[0]!.unit).toBe('bytes');
    expect(notes.join()).toMatch(/'memory_bytes' mixes units/);
  });

  test('of three columns of one name each stays, and labels part them as usual', async () => {
    const { series, notes } = await read('time,pod,rss,rss,rss\n0,a,1,2,3\n0,b,4,5,6\n60,a,7,8,9\n');
    expect(series.map(({ name, labels, values }) => [name, labels['pod'], ...values])).toEqual([
      ['rss', 'a', 1, 7],
      ['rss#2', 'a', 2, 8],
      ['rss#3', 'a', 3, 9],
      ['rss', 'b', 4],
      ['rss#2', 'b', 5],
      ['rss#3', 'b', 6],
    ]);
    expect(notes).toHaveLength(2);
  });

  test('rows that are too short are gaps, cells too many are left out', async () => {
    const { series } = await read('time,a,b\n0,1\n60,2,3,4,5\n120,3,4\n');
    expect(series.map(({ values }) => [...values])).toEqual([
      [1, 2, 3],
      [3, 4],
    ]);
  });
});
