import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnosePython, type PythonHeap, things } from '../../testing/draw-python.ts';

const tasks =
  (isDone: boolean) =>
  (heap: PythonHeap, size: number): void => {
    const kept = things(heap, size, 'app.History').map((history, nth) =>
      heap.task(
        `task ${nth}`,
        { coroutine: 'watch', startedAt: 'watch.py:4', waitsAt: 'watch.py:7', isDone },
        { history },
      ),
    );
    heap.module('watch', { WATCHERS: heap.list('watchers', kept, 'set') });
  };

test('leaks: tasks that wait for ever, with the line that they wait at', async () => {
  const source = sourceTree({ 'watch.py': 'def start(room):\n    WATCHERS.add(create_task(watch(room)))\n' });
  const { verdict, findings } = await diagnosePython([60, 120, 180], tasks(false), { source });
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    pattern: 'task-leak',
    owner: 'watch.WATCHERS (set, 180 entries)',
    location: { file: 'watch.py', line: 2 },
  });
  expect(findings[0]!.title).toBe('Tasks of watch never end: they wait at watch.py:7');
});

test("leaks: the service's own line that waits, rather than that of asyncio below it", async () => {
  const { findings } = await diagnosePython([60, 120, 180], (heap, size) => {
    const kept = things(heap, size, 'app.Member').map((member, nth) =>
      heap.task(
        `task ${nth}`,
        {
          coroutine: 'Hub._pump',
          startedAt: 'hub.py:25',
          waitsAt: 'hub.py:27',
          below: ['Queue.get', '/usr/lib/python3.11/asyncio/queues.py:158'],
        },
        { member },
      ),
    );
    heap.module('hub', { PUMPS: heap.list('pumps', kept, 'set') });
  });
  expect(findings[0]!.title).toBe('Tasks of Hub._pump never end: they wait at hub.py:27, in Queue.get');
  expect(findings[0]!.reasons.join()).toContain('they wait for a future that nobody has set');
});

test('leaks: tasks that ended and are kept', async () => {
  const { findings } = await diagnosePython([60, 120, 180], tasks(true));
  expect(findings[0]!.title).toContain('Finished tasks are kept');
});

test('clean: as many tasks as there are clients', async () => {
  expect(leaksOf(await diagnosePython([60, 60, 60], tasks(false)))).toEqual([]);
});
