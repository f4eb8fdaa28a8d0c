import { expect, test } from 'vitest';
import type { EvidenceItem } from '../model/finding.ts';
import { processAccount } from './process-account.ts';

const MB = 1_000_000;

/** Dumps with their resident, trimmed and object megabytes. */
function dumps(
  rows: readonly [rss: number | null, trimmed: number | null, heap: number][],
  settings: string[] = [],
) {
  return rows.map(
    ([rss, trimmed, heap]): EvidenceItem => ({
      id: '',
      label: '',
      kind: 'heap-graph',
      format: '',
      file: '',
      sha256: null,
      at: null,
      bytes: null,
      objects: 0,
      heapBytes: heap * MB,
      partial: null,
      process: {
        pid: 1,
        at: null,
        version: null,
        rssBytes: rss === null ? null : rss * MB,
        rssAfterTrimBytes: trimmed === null ? null : trimmed * MB,
        allocator: 'glibc',
        settings,
        collects: true,
      },
    }),
  );
}

test.each([
  {
    name: 'objects grew',
    rows: [
      [100, 90, 40],
      [160, 150, 100],
    ],
    kind: 'objects',
  },
  {
    name: 'free memory stayed with the allocator',
    rows: [
      [30, 22, 2],
      [166, 22, 2],
    ],
    kind: 'allocator',
  },
  {
    name: 'C code holds it',
    rows: [
      [30, 28, 2],
      [122, 118, 2],
    ],
    kind: 'native',
  },
  {
    name: 'nobody asked the allocator',
    rows: [
      [30, null, 2],
      [122, null, 2],
    ],
    kind: 'unknown',
  },
  {
    name: 'hardly anything grew',
    rows: [
      [100, 100, 40],
      [104, 104, 40],
    ],
    kind: 'objects',
  },
] as const)('$name', ({ rows, kind }) => {
  expect(processAccount(dumps(rows as never))!.kind).toBe(kind);
});

test('without the memory of the process nothing is said', () => {
  expect(
    processAccount(
      dumps([
        [100, 90, 40],
        [null, null, 40],
      ]),
    ),
  ).toBeNull();
});

test('what was set already is not recommended', () => {
  const rows = [
    [30, 22, 2],
    [166, 22, 2],
  ] as const;
  expect(processAccount(dumps(rows as never))!.text).toContain('MALLOC_ARENA_MAX=2 roughly halves it');
  expect(processAccount(dumps(rows as never, ['MALLOC_ARENA_MAX=2']))!.text).toContain('is set already');
});

test('shares never add up to more than what the process grew by', () => {
  const account = processAccount(
    dumps([
      [30, 22, 2],
      [100, 60, 30],
    ]),
  )!;
  expect(account.allocatorBytes! + account.nativeBytes! + 28 * MB).toBeCloseTo(70 * MB);
});
