import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnosePython, type PythonHeap } from '../../testing/draw-python.ts';

/** A chain: each entry holds the one before. */
const history = (heap: PythonHeap, size: number): void => {
  let newest = heap.object('entry 0', 'history.Entry', {}, 400);
  for (let nth = 1; nth < size; nth++)
    newest = heap.object(`entry ${nth}`, 'history.Entry', { before: newest }, 400);
  heap.module('history', { log: heap.object('log', 'history.History', { newest }) });
};

test('leaks: a chain that grows at its head, called by the name that holds it', async () => {
  const source = sourceTree({
    'history.py': `class History:
    def __init__(self):
        self.newest = None

    def add(self, text):
        self.newest = Entry(text, self.newest)
`,
  });
  const { verdict, findings } = await diagnosePython([60, 120, 180], history, { source });
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    pattern: 'unknown-growth',
    location: { file: 'history.py', line: 6, role: 'adds' },
  });
  expect(findings[0]!.owner).toContain('history.log → History.newest');
  expect(findings[0]!.against.join()).toContain('no known pattern fits');
});

test('clean: a chain that is as long as before', async () => {
  expect(leaksOf(await diagnosePython([60, 60, 60], history))).toEqual([]);
});
