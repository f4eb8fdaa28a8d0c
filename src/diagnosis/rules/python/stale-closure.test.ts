import { expect, test } from 'vitest';
import { leaksOf } from '../../testing/diagnose-drawn.ts';
import { diagnosePython, type PythonHeap, things } from '../../testing/draw-python.ts';

const jobs = (heap: PythonHeap, size: number): void => {
  const functions = things(heap, size, 'app.Request').map((request, nth) =>
    heap.function(`send_mail ${nth}`, 'app.py:12', { captured: { request } }),
  );
  heap.module('hooks', { AFTER: heap.list('after', functions) });
};

test('leaks: functions that each keep a request', async () => {
  const { verdict, findings } = await diagnosePython([60, 120, 180], jobs);
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    pattern: 'stale-closure',
    owner: 'hooks.AFTER (list, 180 entries)',
    location: { file: 'app.py', line: 12 },
  });
  expect(findings[0]!.title).toContain('(request)');
});

test('leaks: generators that were begun and not ended are told as what they are', async () => {
  const { findings } = await diagnosePython([60, 120, 180], (heap, size) => {
    const rows = things(heap, size).map((thing, nth) =>
      heap.unnamed(`rows ${nth}`, 'generator', [thing], 200),
    );
    heap.module('paging', { CURSORS: heap.list('cursors', rows) });
  });
  expect(findings[0]).toMatchObject({ pattern: 'stale-closure' });
  expect(findings[0]!.title).toContain('Generators that did not end');
});

test('clean: functions that are registered once', async () => {
  expect(leaksOf(await diagnosePython([60, 60, 60], jobs))).toEqual([]);
});
