import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnosePython, type PythonHeap, things } from '../../testing/draw-python.ts';

const local = (heap: PythonHeap, size: number): void => {
  const trail = heap.list('trail', things(heap, size));
  heap.module('context', { current: heap.object('local', '_thread._local', { trail }) });
};

test('leaks: a list in a threading.local of a thread that never ends', async () => {
  const source = sourceTree({ 'context.py': 'def note(entry):\n    current.trail.append(entry)\n' });
  const { verdict, findings } = await diagnosePython([60, 120, 180], local, { source });
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    pattern: 'thread-local-growth',
    location: { file: 'context.py', line: 2 },
  });
  expect(findings[0]!.owner).toContain('trail');
});

test('leaks: a list in a ContextVar, called by the name of the variable', async () => {
  const source = sourceTree({ 'tracing.py': 'def span(name):\n    SPANS.get().append(Span(name))\n' });
  const { findings } = await diagnosePython(
    [60, 120, 180],
    (heap, size) => {
      const spans = heap.list('spans', things(heap, size));
      heap.module('tracing', { SPANS: heap.unnamed('variable', '_contextvars.ContextVar', [spans]) });
    },
    { source },
  );
  expect(findings[0]).toMatchObject({
    pattern: 'thread-local-growth',
    owner: 'tracing.SPANS (list, 180 entries)',
    location: { file: 'tracing.py', line: 2 },
  });
});

test('clean: what is set anew for each request', async () => {
  expect(leaksOf(await diagnosePython([60, 60, 60], local))).toEqual([]);
});
