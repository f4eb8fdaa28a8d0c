import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnosePython, type PythonHeap, things } from '../../testing/draw-python.ts';

const failures = (heap: PythonHeap, size: number): void => {
  const errors = things(heap, size, 'app.Rows').map((rows, nth) => {
    const frame = heap.unnamed(`frame ${nth}`, 'frame', [rows], 400);
    const traceback = heap.object(`traceback ${nth}`, 'traceback', { tb_frame: frame }, 64);
    return heap.object(`error ${nth}`, 'app.Rejected', { __traceback__: traceback }, 72);
  });
  heap.module('jobs', { FAILURES: heap.list('failures', errors) });
};

test('leaks: errors with their tracebacks, whatever their class is called', async () => {
  const source = sourceTree({ 'jobs.py': 'def run(job):\n    FAILURES.append(error)\n' });
  const { verdict, findings } = await diagnosePython([60, 120, 180], failures, { source });
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    pattern: 'stale-closure',
    owner: 'jobs.FAILURES (list, 180 entries)',
    location: { file: 'jobs.py', line: 2 },
  });
  expect(findings[0]!.title).toContain('Exceptions (app.Rejected)');
});

test('clean: the last errors, as many as there is room for', async () => {
  expect(leaksOf(await diagnosePython([60, 60, 60], failures))).toEqual([]);
});

test('clean: texts of errors are no exceptions', async () => {
  const { findings } = await diagnosePython([60, 120, 180], (heap, size) => {
    heap.module('jobs', { FAILURES: heap.list('failures', things(heap, size, 'app.Report')) });
  });
  expect(findings[0]!.pattern).toBe('unbounded-collection');
});
