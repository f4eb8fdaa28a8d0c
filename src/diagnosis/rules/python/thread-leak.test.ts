import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnosePython, type PythonHeap } from '../../testing/draw-python.ts';

const source = sourceTree({
  'worker.py': `class Runner:
    def heartbeat(self):
        threading.Thread(target=self._beat).start()

    def _beat(self):
        self.stop.wait()
`,
});

const threads = (heap: PythonHeap, count: number): void => {
  for (let nth = 0; nth < count; nth++) {
    const state = heap.text(`state ${nth}`, `state ${nth}`, 2000);
    const target = heap.function(`Runner._beat ${nth}`, 'worker.py:5', { captured: { state } });
    heap.thread(
      `Thread-${nth} (_beat)`,
      heap.object(`thread ${nth}`, 'threading.Thread', { _target: target }),
    );
  }
};

test('leaks: threads that wait for ever, with what they run and the line that starts them', async () => {
  const { verdict, findings } = await diagnosePython([20, 60, 100], threads, { source });
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    pattern: 'task-leak',
    title: 'Threads are started and never end: they run worker.Runner._beat',
    location: { file: 'worker.py', line: 3, role: 'adds' },
    growth: { objects: 80 },
  });
  expect(findings[0]!.remedy.docs).toBe('docs/rules/python/thread-leak.md');
});

test('clean: a pool of threads that has its size', async () => {
  expect(leaksOf(await diagnosePython([20, 20, 20], threads, { source }))).toEqual([]);
});
