import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnosePython, type PythonHeap, pairs } from '../../testing/draw-python.ts';

const source = sourceTree({
  'pages.py': '@lru_cache(maxsize=None)\ndef render(template, number):\n    ...\n',
});
const cache =
  (maxsize: number | null) =>
  (heap: PythonHeap, size: number): void => {
    const render = heap.lruCache(
      'render',
      { name: 'render', place: 'pages.py:2', maxsize },
      pairs(heap, size),
    );
    heap.module('pages', { render });
  };

test('leaks: a cache without a limit, with the function that it is for', async () => {
  const { verdict, findings } = await diagnosePython([60, 120, 180], cache(null), { source });
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    pattern: 'unbounded-collection',
    location: { file: 'pages.py', line: 2 },
  });
  expect(findings[0]!.title).toContain('The lru_cache of render has no limit');
  expect(findings[0]!.reasons.join()).toContain('180 entries, maxsize None');
});

test('clean: a cache with a limit that is full', async () => {
  expect(leaksOf(await diagnosePython([128, 128, 128], cache(128), { source }))).toEqual([]);
});

test('clean: a cache with a limit that is filling is told so', async () => {
  const { findings } = await diagnosePython([60, 120, 180], cache(4096), { source });
  expect(findings[0]!.against.join()).toContain('it has a limit');
});
