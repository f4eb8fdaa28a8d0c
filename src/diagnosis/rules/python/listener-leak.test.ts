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

test('leaks: methods in rows of a signal of a library, with the call that connects them', async () => {
  const source = sourceTree({
    'views.py': `def invoice(request):
    audit = Audit(request)
    post_save.connect(audit.on_save, weak=False)
`,
  });
  const { findings } = await diagnosePython(
    [60, 120, 180],
    (heap, size) => {
      const rows = Array.from({ length: size }, (_, nth) => {
        const self = heap.object(`audit ${nth}`, 'views.Audit', {
          events: heap.text(`events ${nth}`, `events ${nth}`, 640),
        });
        const handler = heap.function(`Audit.on_save ${nth}`, 'views.py:9', { captured: { self } });
        return heap.list(`row ${nth}`, [heap.text(`key ${nth}`, `key ${nth}`), handler], 'tuple');
      });
      const receivers = heap.list('receivers', rows);
      heap.module('django.db.models.signals', {
        post_save: heap.object('post_save', 'django.db.models.signals.ModelSignal', { receivers }),
      });
    },
    { source },
  );
  expect(findings[0]).toMatchObject({
    pattern: 'listener-leak',
    location: { file: 'views.py', line: 3, role: 'adds' },
  });
  expect(findings[0]!.title).toContain('Audit.on_save) are added to');
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
