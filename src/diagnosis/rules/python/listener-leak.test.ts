import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnosePython, type PythonHeap, things } from '../../testing/draw-python.ts';

const signal = (heap: PythonHeap, size: number): void => {
  const receivers = things(heap, size, 'app.Dashboard').map((self, nth) =>
    heap.function(`on_price ${nth}`, 'app.py:8', { captured: { self } }),
  );
  const price = heap.object('price', 'signals.Signal', { _receivers: heap.list('receivers', receivers) });
  heap.module('signals', { price_changed: price });
};

test('leaks: functions in a list of receivers', async () => {
  const source = sourceTree({
    'signals.py': `class Signal:
    def __init__(self):
        self._receivers = []

    def connect(self, receiver):
        self._receivers.append(receiver)
`,
  });
  const { verdict, findings } = await diagnosePython([60, 120, 180], signal, { source });
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    pattern: 'listener-leak',
    owner: 'signals.price_changed → Signal._receivers (list, 180 entries)',
    location: { file: 'signals.py', line: 6 },
  });
});

test('leaks: handlers that are added to a logger, with the call that makes logging add them', async () => {
  const source = sourceTree({
    'worker.py': `def handle(number):
    log.addHandler(logging.StreamHandler())
`,
  });
  const { findings } = await diagnosePython(
    [60, 120, 180],
    (heap, size) => {
      const handlers = heap.list('handlers', things(heap, size, 'logging.StreamHandler'));
      heap.module('worker', { log: heap.object('log', 'logging.Logger', { handlers }) });
    },
    { source },
  );
  expect(findings[0]).toMatchObject({ pattern: 'listener-leak', location: { file: 'worker.py', line: 2 } });
});

test('clean: handlers of as many objects as there are', async () => {
  expect(leaksOf(await diagnosePython([60, 60, 60], signal))).toEqual([]);
});

test('clean: what is kept in a list of another name is no listener', async () => {
  const { findings } = await diagnosePython([60, 120, 180], (heap, size) => {
    heap.module('app', { orders: heap.list('orders', things(heap, size)) });
  });
  expect(findings[0]!.pattern).toBe('unbounded-collection');
});
