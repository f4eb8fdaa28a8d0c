import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import { detectLog } from './detect.ts';
import { readLog, readLogLines } from './read.ts';
import { stampOf } from './timestamps.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the time of a line', () => {
  const at = Date.UTC(2024, 0, 22, 6, 30, 12);
  const forms: [string, string, number][] = [
    ['ISO with Z', '2024-01-22T06:30:12Z [Rails] INFO: x', 0],
    ['ISO with milliseconds and a blank', '2024-01-22 06:30:12.123 UTC x', 123],
    ['a zone', '2024-01-22T08:30:12+02:00 x', 0],
    ['Python', '2024-01-22 06:30:12,123 - app - INFO - x', 123],
    ["Rails' logger", 'I, [2024-01-22T06:30:12.500000 #1234]  INFO -- : x', 500],
    ['Go', '2024/01/22 06:30:12 x', 0],
    ['Go with microseconds', '2024/01/22 06:30:12.250000 x', 250],
    ['syslog', 'Jan 22 06:30:12 web-1 app[12]: x', 0],
    ['RFC 5424', '<34>1 2024-01-22T06:30:12Z web app 1 - - x', 0],
    ['glog', 'I0122 06:30:12.000000   12 main.go:9] x', 0],
    ['an access log', '10.0.0.1 - - [22/Jan/2024:06:30:12 +0000] "GET /"', 0],
    ['Redis', '12:M 22 Jan 2024 06:30:12.000 * x', 0],
    ['logfmt', 'level=info time="2024-01-22T06:30:12Z" msg=x', 0],
    ['epoch seconds', '1705905012 x', 0],
    ['epoch milliseconds', '1705905012000 x', 0],
    ['brackets', '[2024-01-22 06:30:12] x', 0],
  ];
  for (const [name, line, ms] of forms) {
    test(name, () => expect(stampOf(line, 2024)?.atMs).toBe(at + ms));
  }

  test('is none for numbers and words', () => {
    for (const line of ['45,892 entries', 'at main.go:12:30', 'v1.2.3', '1234 x', ''])
      expect(stampOf(line, 2024)).toBeNull();
  });
});

describe('collectors', () => {
  const inner = '2024-01-22T06:30:12Z INFO cache size: 5 entries';
  const packed = [
    inner,
    `web-1  | ${inner}`,
    `[pod/web-0/app] ${inner}`,
    `2024-01-22T06:30:12.5Z stdout F ${inner}`,
    JSON.stringify({ log: `${inner}\n`, stream: 'stdout', time: '2024-01-22T06:30:12.9Z' }),
    `\u001b[32m${inner}\u001b[0m`,
  ];
  for (const line of packed) {
    test(line.slice(0, 40), () => {
      const reading = readLogLines([line, line.replaceAll(' 5 ', ' 9 ').replaceAll(':12', ':42')], 'x');
      expect(reading.series[0]).toMatchObject({ name: 'cache size entries' });
      expect([...reading.series[0]!.values]).toEqual([5, 9]);
    });
  }

  test('JSON lines give their numeric fields', () => {
    const lines = [1, 2, 3].map((n) =>
      JSON.stringify({ ts: 1705905012 + n, msg: 'stats', heap: { used_bytes: n * 100 }, pid: 7 }),
    );
    const reading = readLogLines(lines, 'x');
    expect(reading.series.map(({ name, unit, values }) => [name, unit, ...values])).toEqual([
      ['heap.used_bytes', 'bytes', 100, 200, 300],
    ]);
    expect(reading.growing[0]).toMatchObject({ name: 'heap.used_bytes', from: 100, to: 300 });
  });
});

describe('numbers', () => {
  test('that only grow are told with their rate', () => {
    const lines = [45_892, 45_923, 45_967].map(
      (n, at) =>
        `2024-01-22T06:3${at}:12Z [Rails] INFO: Users cache size: ${n.toLocaleString('en-US')} entries`,
    );
    const { growing } = readLogLines(lines, 'x');
    expect(growing).toMatchObject([
      { name: 'Users cache size entries', from: 45_892, to: 45_967, points: 3, perHour: 2250 },
    ]);
  });

  test('that fall once do not only grow, and sizes come in bytes', () => {
    const lines = [5, 9, 7, 12].map((n, at) => `2024-01-22T06:3${at}:12Z pool used=${n}MB`);
    const reading = readLogLines(lines, 'x');
    expect(reading.growing).toEqual([]);
    expect([...reading.series[0]!.values]).toEqual([5e6, 9e6, 7e6, 12e6]);
  });

  test('that name a thing are no series', () => {
    const lines = [1, 2, 3].map((n) => `2024-01-22T06:30:1${n}Z worker pid=${n} done`);
    expect(readLogLines(lines, 'x').series).toEqual([]);
  });

  test('expected against actual, in the usual wordings', () => {
    const pairs = readLogLines(
      [
        '2024-01-22T06:35:00Z WARN: options has 12,847 keys (expected 2)',
        '2024-01-22T06:35:00Z expected 3 workers but got 5',
        '2024-01-22T06:35:00Z pool at 120 connections, limit 100',
        '2024-01-22T06:35:00Z served 12 requests in 3 ms',
      ],
      'x',
    ).expectations;
    expect(pairs.map(({ actual, expected, relation }) => [actual, expected, relation])).toEqual([
      [12_847, 2, 'expected'],
      [5, 3, 'expected'],
      [120, 100, 'limit'],
    ]);
  });
});

describe('lives', () => {
  const line = (second: number, text: string): string =>
    `2024-01-22T06:30:${String(second).padStart(2, '0')}Z ${text}`;

  test('activity after the end is found', () => {
    const { lateActivity } = readLogLines(
      [
        line(1, 'User connected socket=ab12'),
        line(5, 'User disconnected socket=ab12'),
        line(20, 'Heartbeat received socket=ab12'),
        line(30, 'Heartbeat received socket=ab12'),
      ],
      'x',
    );
    expect(lateActivity).toMatchObject([
      { kind: 'socket', id: 'ab12', lateCount: 2, firstLateLine: 3, endLine: 2 },
    ]);
  });

  test('an id that is used again, and what belongs to the end, are not', () => {
    const { lateActivity } = readLogLines(
      [
        line(1, 'session opened session=ab12'),
        line(5, 'session closed session=ab12'),
        line(5, 'bytes flushed session=ab12'),
        line(9, 'session opened session=ab12'),
        line(12, 'data session=ab12'),
      ],
      'x',
    );
    expect(lateActivity).toEqual([]);
  });

  test('opens without closes are counted', () => {
    const lines = Array.from({ length: 10 }, (_, at) => line(at, `Added heartbeat listener for u${at}`));
    lines.push(line(30, 'Removed heartbeat listener for u1'));
    expect(readLogLines(lines, 'x').openClose[0]).toMatchObject({
      about: 'heartbeat listener for',
      opened: 10,
      closed: 1,
    });
  });
});

test('templates part lines by their words and keep opposite verbs apart', () => {
  const lines = Array.from({ length: 50 }, (_, at) => [
    `2024-01-22T06:30:00Z user u${at} connected from 10.0.0.${at}`,
    `2024-01-22T06:30:01Z user u${at} disconnected from 10.0.0.${at}`,
  ]).flat();
  expect(readLogLines(lines, 'x').templates.map(({ text, count }) => [text, count])).toEqual([
    ['user <id> connected from <id>', 50],
    ['user <id> disconnected from <id>', 50],
  ]);
});

test('restarts, deploys and kills become events', () => {
  const { events } = readLogLines(
    [
      '2024-01-22T06:30:00Z kernel: Out of memory: Killed process 12 (ruby)',
      '2024-01-22T06:31:00Z Puma starting in cluster mode',
      '2024-01-22T06:32:00Z deployed v3.2.5',
    ],
    'x',
  );
  expect(events[0]!.kinds).toEqual(['oom-kill', 'restart', 'deploy']);
});

test('a clock without a date goes on after midnight', () => {
  const { fromMs, toMs, dated } = readLogLines(['23:59:50 x y', '00:00:10 x y'], 'x');
  expect([toMs - fromMs, dated]).toEqual([20_000, false]);
});

test('memory stays bounded: a long log keeps a bounded number of points, with the last one', async () => {
  const lines = Array.from(
    { length: 30_000 },
    (_, at) => `${new Date(1.7e12 + at * 1000).toISOString()} queue depth: ${at}`,
  ).join('\n');
  const reading = await readLog(bytesSource(bytes(lines), 'x', 1000));
  expect(reading.series[0]!.times.length).toBeLessThan(5000);
  expect(reading.series[0]!.values.at(-1)).toBe(29_999);
  expect(reading.growing[0]).toMatchObject({ from: 0, to: 29_999, points: 30_000, perHour: 3600 });
});

test('what is no log is refused', async () => {
  await expect(readLog(bytesSource(bytes('hello\nworld\n'), 'x'))).rejects.toThrow(FormatError);
  await expect(readLog(bytesSource(new Uint8Array([0, 1, 2]), 'x'))).rejects.toThrow(FormatError);
});

test('detection: logs yes; tables, prose and dumps no', () => {
  expect(
    detectLog(
      bytes('2024-01-22T06:30:12Z INFO started server\n2024-01-22T06:30:13Z INFO cache size: 3 entries\n'),
    ),
  ).toBeGreaterThan(0.8);
  expect(detectLog(bytes('time,rss_mb\n2024-01-22T06:30:12Z,12\n2024-01-22T06:31:12Z,13\n'))).toBe(0);
  expect(detectLog(bytes('# Incident\n\n```\n2024-01-22T06:30:12Z INFO server started\n```\n'))).toBe(0);
  expect(detectLog(bytes('goroutine 1 [running]:\nmain.main()\n'))).toBe(0);
  expect(detectLog(new Uint8Array([0, 1]))).toBe(0);
});

test('no line makes it fail', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `2024-01-22T06:30:12Z ${text}`),
          fc.json(),
        ),
        { maxLength: 20 },
      ),
      (lines) => {
        readLogLines(lines, 'x');
        detectLog(bytes(lines.join('\n')));
      },
    ),
    { numRuns: 200 },
  );
});
