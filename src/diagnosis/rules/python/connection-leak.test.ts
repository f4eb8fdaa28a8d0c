import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnosePython, type PythonHeap, things } from '../../testing/draw-python.ts';

const pool =
  (className: string) =>
  (heap: PythonHeap, size: number): void => {
    const busy = heap.list('busy', things(heap, size, className));
    heap.module('store', { POOL: heap.object('pool', 'store.Pool', { busy }) });
  };
const source = sourceTree({
  'store.py': `class Pool:
    def take(self):
        self.busy.append(sqlite3.connect(":memory:"))
`,
});

test.each([
  'sqlite3.Connection',
  'psycopg2.extensions.connection',
  'socket.socket',
  'requests.sessions.Session',
])('leaks: %s', async (className) => {
  const header = { descriptors: { socket: 181, file: 3 } };
  const { verdict, findings } = await diagnosePython([60, 120, 180], pool(className), { source, header });
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    pattern: 'connection-leak',
    owner: 'store.POOL → Pool.busy (list, 180 entries)',
    location: { file: 'store.py', line: 3 },
  });
  expect(findings[0]!.reasons.join()).toContain('open in the last dump: 181 socket, 3 file');
});

test('clean: a pool whose connections are replaced', async () => {
  const diagnosis = await diagnosePython([0, 1, 2], (heap, round) => {
    const busy = heap.list('busy', things(heap, 40, 'sqlite3.Connection', round * 15));
    heap.module('store', { POOL: heap.object('pool', 'store.Pool', { busy }) });
  });
  expect(leaksOf(diagnosis)).toEqual([]);
});

test('clean: sessions of users are no connections', async () => {
  const { findings } = await diagnosePython([60, 120, 180], pool('app.models.Session'), { source });
  expect(findings[0]!.pattern).toBe('unbounded-collection');
});
