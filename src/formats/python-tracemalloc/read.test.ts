import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { type StackProfile, totalOf } from '../../model/stack-profile.ts';
import { detectTracemalloc } from './detect.ts';
import { readTracemalloc } from './read.ts';
import { compareTo, type GroupBy, type Statistic, type StatisticDiff, statistics } from './statistics.ts';

const FIXTURES = new URL('../../../fixtures/python-tracemalloc/', import.meta.url);
const VERSIONS = ['3.6', '3.7', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13'];

type Row = [[string, number][], ...number[]];
interface Tables {
  traces: [number, number];
  bytes: [number, number];
  tracebackLimit: number;
  statistics: Record<string, Row[]>;
  compare_to: Record<string, Row[]>;
}

function fixture(version: string, name: string): Uint8Array {
  return readFileSync(new URL(`python-${version}/${name}`, FIXTURES));
}

const read = (version: string, name: string, chunkBytes?: number): Promise<StackProfile> =>
  readTracemalloc(bytesSource(fixture(version, name), name, chunkBytes));

const framesOf = (row: Statistic): [string, number][] => row.frames.map(({ file, line }) => [file, line]);
const rowOf = (row: Statistic): Row => [framesOf(row), row.sizeBytes, row.count];
const diffRowOf = (row: StatisticDiff): Row => [
  framesOf(row),
  row.sizeBytes,
  row.sizeDiffBytes,
  row.count,
  row.countDiff,
];

/** 3.6 orders rows of equal figures the other way round. */
const ordered = (version: string, rows: Row[]): unknown =>
  version === '3.6' ? rows.map((row) => JSON.stringify(row)).sort() : rows;

describe.each(VERSIONS)('snapshots of Python %s', (version) => {
  const tables = JSON.parse(new TextDecoder().decode(fixture(version, 'tables.json'))) as Tables;

  test('have the totals that Python counts', async () => {
    for (const [index, name] of ['A.pickle', 'B.pickle'].entries()) {
      const profile = await read(version, name);
      expect(totalOf(profile, 0)).toBe(tables.traces[index]);
      expect(totalOf(profile, 1)).toBe(tables.bytes[index]);
      expect(profile.figures.get('traces')).toBe(tables.traces[index]);
      expect(profile.figures.get('traceback_limit')).toBe(tables.tracebackLimit);
    }
  });

  test.each(Object.keys(tables.compare_to))('give the tables by %s that Python makes', async (key) => {
    const [by, cumulative] = key.split(' ') as [GroupBy, string?];
    const [older, newer] = [await read(version, 'A.pickle'), await read(version, 'B.pickle')];
    const now = statistics(newer, by, cumulative !== undefined).map(rowOf);
    const diff = compareTo(newer, older, by, cumulative !== undefined).map(diffRowOf);
    expect(ordered(version, now)).toEqual(ordered(version, tables.statistics[key]!));
    expect(ordered(version, diff)).toEqual(ordered(version, tables.compare_to[key]!));
  });

  test('are found by their first bytes, and read alike in chunks of any size', async () => {
    expect(detectTracemalloc(fixture(version, 'A.pickle').subarray(0, 4096))).toBe(1);
    const whole = await read(version, 'B.pickle');
    for (const chunkBytes of [1, 7, 100]) {
      expect(await read(version, 'B.pickle', chunkBytes)).toEqual(whole);
    }
  });
});

test('labels carry the domain, the size of a block and the frames before the cut', async () => {
  const profile = await read('3.13', 'A.pickle');
  const labels = (sample: number): Record<string, number> => {
    const found: Record<string, number> = {};
    for (let at = profile.firstLabel[sample]!; at < profile.firstLabel[sample + 1]!; at++) {
      found[profile.strings[profile.labels.key[at]!]!] = profile.labels.number[at]!;
    }
    return found;
  };
  const all = Array.from({ length: profile.sampleCount }, (_, sample) => labels(sample));
  expect(all).toContainEqual({ domain: 389047, bytes: 5_000_000_000, total_nframe: 2 });
  expect(Math.max(...all.map(({ total_nframe }) => total_nframe!))).toBeGreaterThan(5);
  expect(
    all.every(({ bytes }, sample) => profile.values[sample * 2 + 1] === bytes! * profile.values[sample * 2]!),
  ).toBe(true);
  const old = await read('3.8', 'A.pickle');
  expect(old.strings.filter((_, index) => old.labels.key.includes(index))).toEqual(['domain', 'bytes']);
});

test('a file cut anywhere is refused at its end', async () => {
  const bytes = fixture('3.12', 'A.pickle');
  for (let length = 1; length < bytes.length; length += 97) {
    const cut = readTracemalloc(bytesSource(bytes.subarray(0, length), 'cut.pickle'));
    await expect(cut).rejects.toMatchObject({ code: 'format-truncated', offset: length, exitCode: 3 });
  }
});
