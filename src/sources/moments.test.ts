import { expect, test } from 'vitest';
import type { EvidenceProfile } from './evidence.ts';
import { inMoments } from './moments.ts';

const labelled = (...files: string[]): string[] =>
  inMoments(
    files.map(
      (file): EvidenceProfile => ({
        label: '',
        file,
        format: 'pprof',
        sizeBytes: null,
        at: null,
        load: () => Promise.reject(new Error('not read')),
      }),
    ),
  ).map(({ label, file }) => `${label} ${file}`);

test('a folder for each moment says which files belong together', () => {
  expect(labelled('x/A/heap.pb.gz', 'x/A/goroutine.txt', 'x/B/goroutine.txt', 'x/B/heap.pb.gz')).toEqual([
    'A x/A/heap.pb.gz',
    'A x/A/goroutine.txt',
    'B x/B/goroutine.txt',
    'B x/B/heap.pb.gz',
  ]);
});

test('folders with numbers come in the order of the numbers', () => {
  expect(labelled('10/g.txt', '9/g.txt', '10/h.gz', '9/h.gz').map((line) => line.slice(0, 4))).toEqual([
    'A 9/',
    'A 9/',
    'B 10',
    'B 10',
  ]);
});

test('in one folder the beginnings of the names say it', () => {
  expect(
    labelled('A-heap.gz', 'A-goroutine.txt', 'B-heap.gz', 'B-goroutine.txt').map((line) => line[0]),
  ).toEqual(['A', 'A', 'B', 'B']);
});

test('else each file is a moment of its own', () => {
  expect(labelled('before.gz', 'later.gz')).toEqual(['A before.gz', 'B later.gz']);
});
