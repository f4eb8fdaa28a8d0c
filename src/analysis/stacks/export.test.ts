import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { parsePprof } from '../../formats/pprof/read.ts';
import { writePprof } from '../../formats/pprof/write.ts';
import { drawProfile } from '../../model/draw-profile.ts';
import { type StackProfile, totalOf } from '../../model/stack-profile.ts';
import { diffProfiles } from './diff.ts';
import { toFolded } from './export-folded.ts';
import { toSpeedscope } from './export-speedscope.ts';
import { top } from './top.ts';

const FOLDER = new URL('../../../fixtures/pprof/', import.meta.url).pathname;
const read = (name: string): StackProfile =>
  parsePprof(gunzipSync(readFileSync(`${FOLDER}${name}.pb.gz`)), name);

/** Reads folded stacks back as flame graph tools do: the value is behind the last space. */
function unfold(text: string): StackProfile {
  const samples = text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const space = line.lastIndexOf(' ');
      return `${line.slice(0, space).replaceAll('>', '»').replaceAll(';', ' > ')} | ${line.slice(space + 1)}`;
    });
  return drawProfile(['x/count', ...samples].join('\n'));
}

const table = (profile: StackProfile, sampleType: string): string[] =>
  top(profile, { sampleType }).rows.map(({ name, flat, cum }) => `${name} ${flat} ${cum}`);

test('folded stacks read back give the same table', () => {
  for (const [name, type] of [
    ['go1.27/heap-B', 3],
    ['go1.22/cpu', 1],
    ['go1.26/goroutine-B', 0],
  ] as const) {
    const profile = read(name);
    expect(table(unfold(toFolded(profile, type)), '0')).toEqual(table(profile, String(type)));
  }
});

test('names cannot break folded lines', () => {
  const profile = drawProfile('x/count\na;b > c | 2\n > d | 3');
  expect(toFolded(profile, 0)).toBe('a:b;c 2\n<unknown>;d 3\n');
});

test('speedscope gets every stack of every type, outermost frame first', () => {
  const profile = read('go1.27/heap-B');
  const { shared, profiles, activeProfileIndex } = JSON.parse(JSON.stringify(toSpeedscope(profile, 3)));
  expect(profiles.map(({ name, unit }: { name: string; unit: string }) => `${name} ${unit}`)).toEqual([
    'alloc_objects none',
    'alloc_space bytes',
    'inuse_objects none',
    'inuse_space bytes',
  ]);
  expect(activeProfileIndex).toBe(3);
  const { samples, weights, endValue } = profiles[3];
  expect(endValue).toBe(totalOf(profile, 3));
  const folded = samples.map((stack: number[], at: number) => {
    return `${stack.map((frame) => shared.frames[frame].name).join(';')} ${weights[at]}`;
  });
  expect(table(unfold(folded.join('\n')), '0')).toEqual(table(profile, 'inuse_space'));
});

test('what shrank is a profile of its own in speedscope, since weights cannot be negative', () => {
  const difference = diffProfiles(drawProfile('x/bytes\na | 5\nb | 1'), drawProfile('x/bytes\na | 2\nb | 9'));
  const { profiles } = toSpeedscope(difference, 0);
  expect(profiles.map(({ name, weights }) => [name, weights])).toEqual([
    ['x', [2, 9]],
    ['x (shrunk)', [5, 1]],
  ]);
});

test('differences and text profiles can be written as pprof', () => {
  const difference = diffProfiles(read('go1.27/heap-A'), read('go1.27/heap-B'));
  const again = parsePprof(writePprof(difference), difference.file);
  expect(top(again)).toEqual(top(difference));
});
