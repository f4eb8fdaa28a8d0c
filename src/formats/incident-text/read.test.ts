import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectIncidentText } from './detect.ts';
import { quantitiesOf } from './quantities.ts';
import { ratesOf } from './rates.ts';
import { readIncidentText } from './read.ts';
import { momentsOf } from './times.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('quantities', () => {
  const one: [string, Partial<ReturnType<typeof quantitiesOf>[number]>][] = [
    ['3.2GB', { value: 3.2e9, low: 3.15e9, high: 3.25e9, dimension: 'bytes' }],
    ['2Gi', { value: 2 * 1024 ** 3, dimension: 'bytes' }],
    ['512 MiB', { value: 512 * 1024 ** 2 }],
    ['1,048,576 bytes', { value: 1_048_576, dimension: 'bytes' }],
    ['~50MB', { value: 5e7, low: 4e7, high: 6e7, approximate: true }],
    ['about 36 hours', { value: 36 * HOUR, dimension: 'time', approximate: true }],
    ['10-15 minutes', { low: 10 * MINUTE, high: 15 * MINUTE, range: true }],
    ['5–10 min', { low: 5 * MINUTE, high: 10 * MINUTE }],
    ['2+ hours', { value: 2 * HOUR, bound: 'at-least' }],
    ['at least 30 minutes', { value: 30 * MINUTE, bound: 'at-least' }],
    ['> 85%', { value: 85, dimension: 'percent', bound: 'at-least' }],
    ['< 80 %', { value: 80, bound: 'at-most' }],
    ['1,892 listeners', { value: 1892, dimension: 'count', unit: 'listeners' }],
    ['12k sessions', { value: 12_000, unit: 'sessions' }],
    ['+50MB', { value: 5e7, signed: true }],
  ];
  for (const [text, expected] of one) {
    test(text, () => {
      const found = quantitiesOf(text);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject(expected);
    });
  }

  test('parts of names, versions, dates, clocks and addresses are none', () => {
    for (const text of [
      'v3.2.5',
      '2024-01-22 06:30',
      '12:05 UTC',
      'storage.go:67',
      'sock_a1b2c3',
      '0x3f',
      '#123',
      'api-prod-1',
      'http://localhost:3000/x',
      'January 22, 2024',
      'Step 4',
    ])
      expect(quantitiesOf(text).map(({ text: found }) => found)).toEqual([]);
  });

  test('columns point at the number', () => {
    const text = 'from 1.3GB to 2GB';
    expect(quantitiesOf(text).map(({ start, end }) => text.slice(start, end))).toEqual(['1.3GB', '2GB']);
  });
});

describe('rates', () => {
  const rates: [string, number, string][] = [
    ['~50MB/hour', 5e7, ''],
    ['+50MB every 10 minutes', 3e8, ''],
    ['~40MB every 15 minutes', 1.6e8, ''],
    ['5 MB/min', 3e8, ''],
    ['30 MB an hour', 3e7, ''],
    ['1.2 GB per day', 5e7, ''],
    ['~500 board joins per hour', 500, 'board joins'],
    ['3 abandoned per minute average', 180, 'abandoned'],
    ['~120/min', 7200, ''],
    ['200 req/s', 720_000, 'req'],
  ];
  for (const [text, perHour, noun] of rates) {
    test(text, () => {
      const [rate] = ratesOf(text);
      expect(rate!.perHour).toBeCloseTo(perHour, 3);
      expect(rate!.noun).toBe(noun);
    });
  }

  test('a period alone is no rate', () => {
    for (const text of [
      'restarts every 4 hours',
      '18 minutes of uptime',
      'from 2Gi to 4Gi',
      '90% for 5 minutes',
    ])
      expect(ratesOf(text)).toEqual([]);
  });
});

describe('moments', () => {
  test('clocks, dates, numbered days', () => {
    expect(momentsOf('03:42 UTC - x')[0]).toMatchObject({ minutes: 222, dayKind: 'none', start: 0 });
    expect(momentsOf('at 2:17 PM')[0]).toMatchObject({ minutes: 857 });
    expect(momentsOf('2024-01-22 06:30 UTC')[0]).toMatchObject({
      minutes: 390,
      day: 19_744,
      dayKind: 'date',
    });
    expect(momentsOf('Day 2 - 12:05 UTC: x')[0]).toMatchObject({ day: 2, minutes: 725, dayKind: 'numbered' });
    expect(momentsOf('00:00: 5')[0]).toMatchObject({ minutes: 0 });
  });

  test('are none in places and ratios', () => {
    for (const text of ['presence.service.js:57', 'a ratio of 1:1', 'localhost:3000', '25:61'])
      expect(momentsOf(text)).toEqual([]);
  });
});

describe('blocks', () => {
  test('have the kinds, captions, headings and line numbers of the text', () => {
    const { title, blocks, lines } = readIncidentText(
      '# T\n\nIntro\nwrapped\n\n## S\n\nTop list:\n\n```js\na\n// b\n```\n- x\n- y\n> q\n',
    );
    expect(title).toBe('T');
    expect(blocks.map(({ kind, lines: own }) => `${kind} ${own[0]!.number}`)).toEqual([
      'heading 1',
      'prose 3',
      'heading 6',
      'prose 8',
      'code 11',
      'list 14',
      'quote 16',
    ]);
    expect(blocks[4]).toMatchObject({ language: 'js', caption: 'Top list:', headings: ['T', 'S'] });
    expect(lines.map(({ number }) => number)).toEqual(lines.map((_, at) => at + 1));
  });

  test('an open fence runs to the end, and line ends of any system are the same', () => {
    const texts = ['# T\n```\na\n# b', '# T\r\n```\r\na\r\n# b', '\uFEFF# T\r```\ra\r# b'];
    for (const text of texts)
      expect(readIncidentText(text).blocks.map(({ kind }) => kind)).toEqual(['heading', 'code']);
  });

  test('every line of any text is in its place', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom('```', '# h', '- i', '| a |', '> q', ''), fc.string()), {
          maxLength: 20,
        }),
        (parts) => {
          const text = parts.join('\n').replace(/[\r\uFEFF]/g, '');
          expect(readIncidentText(text).lines.map(({ raw }) => raw)).toEqual(text.split('\n'));
        },
      ),
    );
  });
});

test('detection: reports yes; logs, tables, dumps and source no', () => {
  const sure = (text: string, name = 'x'): number => detectIncidentText(new TextEncoder().encode(text), name);
  expect(sure('# Incident Report: Memory Leak\n\n**Severity**: High\n\n```\nx\n```\n')).toBeGreaterThan(0.6);
  for (const text of [
    'time,rss\n1,2\n',
    '2024-01-22T06:30:12Z INFO x\n',
    '{"snapshot":{}}',
    'goroutine 1 [running]:\n',
    '\0\0',
  ])
    expect(sure(text)).toBeLessThan(0.3);
});
