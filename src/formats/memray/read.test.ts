import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { choppedSource, randomNumbers } from '../../base/chopped-source.ts';
import { FormatError } from '../../base/errors.ts';
import { type StackProfile, totalOf } from '../../model/stack-profile.ts';
import { detectMemray } from './detect.ts';
import { readMemray } from './read.ts';

const FIXTURES = new URL('../../../fixtures/memray/', import.meta.url);
const fixture = (name: string): Uint8Array => readFileSync(new URL(name, FIXTURES));
const read = (name: string): Promise<StackProfile> => readMemray(bytesSource(fixture(name), name));
const readText = (text: string): Promise<StackProfile> =>
  readMemray(bytesSource(new TextEncoder().encode(text)));

/** Stacks as text, leaf first, with the values of the samples on them added up. */
function stacksOf(profile: StackProfile): Map<string, [number, number]> {
  const { strings, functions, lines, locations, firstFrame, stackLocation } = profile;
  const found = new Map<string, [number, number]>();
  for (let sample = 0; sample < profile.sampleCount; sample++) {
    const stack = profile.sampleStack[sample]!;
    const frames: string[] = [];
    for (let at = firstFrame[stack]!; at < firstFrame[stack + 1]!; at++) {
      const line = locations.firstLine[stackLocation[at]!]!;
      const fn = lines.function[line]!;
      frames.push(`${strings[functions.name[fn]!]} ${strings[functions.file[fn]!]}:${lines.line[line]}`);
    }
    const key = frames.join(' < ');
    const [count, bytes] = found.get(key) ?? [0, 0];
    found.set(key, [count + profile.values[sample * 2]!, bytes + profile.values[sample * 2 + 1]!]);
  }
  return found;
}

test('leaks: totals are the sums of the columns, and what the program keeps is on its lines', async () => {
  const rows = new TextDecoder().decode(fixture('leaks.csv')).trim().split('\r\n').slice(1);
  const column = (index: number): number => rows.reduce((sum, row) => sum + Number(row.split(',')[index]), 0);
  const profile = await read('leaks.csv');
  expect(profile.sampleCount).toBe(rows.length);
  expect(totalOf(profile, 0)).toBe(column(1));
  expect(totalOf(profile, 1)).toBe(column(2));

  const stacks = [...stacksOf(profile)];
  const bytesAt = (frame: string): number =>
    stacks.filter(([key]) => key.startsWith(frame)).reduce((sum, [, [, bytes]]) => sum + bytes, 0);
  expect(bytesAt('main program.py:34')).toBeGreaterThan(2_000_000);
  expect(bytesAt('render program.py:8')).toBeGreaterThan(20_000);
  expect(bytesAt('freed')).toBe(0);
  expect(
    stacks.some(([key]) => key.startsWith('grow /srv/café, "a;b|c".py:2 < odd program.py:24 < main')),
  ).toBe(true);
});

test('leaks: allocations are labelled with allocator and thread, also where no Python code asked for them', async () => {
  const profile = await read('leaks.csv');
  const text = (sample: number): string[] => {
    const found: string[] = [];
    for (let at = profile.firstLabel[sample]!; at < profile.firstLabel[sample + 1]!; at++) {
      const value = profile.labels.text[at]!;
      found.push(
        `${profile.strings[profile.labels.key[at]!]}=${profile.strings[value] ?? profile.labels.number[at]}`,
      );
    }
    return found;
  };
  const labels = Array.from({ length: profile.sampleCount }, (_, sample) => text(sample));
  expect(labels).toContainEqual(['allocator=PYMALLOC_MALLOC', 'tid=2', 'thread=0x2 (content, writer)']);
  expect(stacksOf(profile).get('')).toEqual([9, 576]);
});

test('leaks: native frames stand in the same stacks', async () => {
  const stacks = [...stacksOf(await read('native.csv')).keys()];
  expect(
    stacks.some((key) => key.includes('_PyObject_Malloc Objects/obmalloc.c:') && key.includes('program.py:')),
  ).toBe(true);
});

test('stats: totals and places are those of memray', async () => {
  const stats = JSON.parse(new TextDecoder().decode(fixture('stats.json'))) as {
    total_num_allocations: number;
    total_bytes_allocated: number;
    top_allocations_by_size: { location: string; size: number }[];
    metadata: { peak_memory: number };
  };
  const profile = await read('stats.json');
  expect(totalOf(profile, 0)).toBe(stats.total_num_allocations);
  expect(totalOf(profile, 1)).toBe(stats.total_bytes_allocated);
  const stacks = stacksOf(profile);
  for (const { location, size } of stats.top_allocations_by_size) {
    expect(stacks.get(location.replace(':', ' '))?.[1]).toBe(size);
  }
  expect(profile.figures.get('peak_memory')).toBe(stats.metadata.peak_memory);
  expect(profile.timeNanos).toBeGreaterThan(0n);
  expect(profile.warnings.join()).toContain('freed or not');
});

test('each is found by its first bytes; the capture file is told how to become readable', async () => {
  for (const name of ['leaks.csv', 'native.csv', 'stats.json']) {
    expect(detectMemray(fixture(name).subarray(0, 4096))).toBe(1);
  }
  expect(detectMemray(new TextEncoder().encode('time,memory\n1,2\n'))).toBe(0);
  expect(detectMemray(new TextEncoder().encode('{"total": 1}'))).toBe(0);
  const capture = Uint8Array.from([
    4,
    0x22,
    0x4d,
    0x18,
    0x64,
    ...new TextEncoder().encode('...memray\0\x0d'),
  ]);
  expect(detectMemray(capture)).toBe(1);
  await expect(readMemray(bytesSource(capture))).rejects.toMatchObject({
    hint: expect.stringContaining('memray transform csv --leaks') as unknown,
  });
});

test('chunks of any size make no difference', async () => {
  for (const name of ['leaks.csv', 'stats.json']) {
    const random = randomNumbers(7);
    const chopped = choppedSource(fixture(name), () => 1 + Math.floor(random() * 50), name);
    expect(await readMemray(chopped)).toEqual(await read(name));
  }
});

const HEADER = 'allocator,num_allocations,size,tid,thread_name,stack_trace';
test.each([
  [
    'a number that is none',
    `${HEADER}\r\nMALLOC,x,1,1,0x1,f;a.py;1\r\n`,
    60,
    'a whole number as num_allocations',
  ],
  ['a row too short', `${HEADER}\nMALLOC,1\n`, 59, 'expected 6 fields, found 2'],
  ['a stack that is none', `${HEADER}\nMALLOC,1,2,1,0x1,f\n`, 59, 'frames as function;file;line'],
  ['a missing column', 'allocator,num_allocations,size,tid\n', 0, 'a column stack_trace'],
  ['a quote that stays open', `${HEADER}\nMALLOC,1,2,1,0x1,"f`, 78, 'the closing quote'],
  ['stats without totals', '{"total_num_allocations": "x"}', 0, 'a whole number as total_num_allocations'],
  [
    'stats that do not add up',
    '{"total_num_allocations": 1, "total_bytes_allocated": 1, "top_allocations_by_size": [{"location": "f:a:1", "size": 2}]}',
    0,
    'add up',
  ],
  ['stats cut short', '{"total_num_allocations": 1,', 28, 'JSON as'],
])('%s is refused with its place', async (_, text, offset, message) => {
  const error = await readText(text).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FormatError);
  expect((error as FormatError).message).toContain(message);
  expect((error as FormatError).offset).toBe(offset);
});

test('2,000 damaged exports are read or refused, never anything else', async () => {
  const random = randomNumbers(20_261_122);
  const below = (count: number): number => Math.floor(random() * count);
  const seeds = ['leaks.csv', 'stats.json'].map(fixture);
  const failures: string[] = [];
  for (let run = 0; run < 2000; run++) {
    const bytes = Uint8Array.from(seeds[run % 2]!);
    for (let times = below(4); times >= 0; times--) bytes[below(bytes.length)] = below(256);
    const cut = bytes.subarray(
      below(8) === 0 ? below(50) : 0,
      below(4) === 0 ? below(bytes.length) : bytes.length,
    );
    try {
      const profile = await readMemray(bytesSource(cut));
      for (const stack of profile.sampleStack)
        if (stack >= profile.stackCount) throw new Error('no such stack');
      if (!(totalOf(profile, 1) >= 0)) throw new Error('no total');
    } catch (error) {
      const offset = error instanceof FormatError ? error.offset : -1;
      if (offset < 0 || offset > cut.length) failures.push(`run ${run}: ${(error as Error).stack}`);
    }
  }
  expect(failures).toEqual([]);
}, 60_000);
