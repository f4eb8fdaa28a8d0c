import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnosePython, type PythonHeap, things } from '../../testing/draw-python.ts';

/** Two objects that hold each other and nothing else does. */
const rings = (heap: PythonHeap, size: number): void => {
  heap.module('tree', { VERSION: heap.text('version', '1') });
  const texts = things(heap, size);
  for (let nth = 0; nth < size; nth++) {
    const parent = heap.unnamed(`parent ${nth}`, 'tree.Node', [texts[nth]!], 400);
    const child = heap.unnamed(`child ${nth}`, 'tree.Node', [parent], 400);
    heap.refer(parent, [child]);
  }
};
const source = sourceTree({
  'main.py': `import gc

gc.disable()  # "the collector costs latency"
`,
});

test.each([
  { name: 'the collector is off', gc: { enabled: false, thresholds: [700, 10, 10] }, says: 'gc.disable' },
  {
    name: 'objects are frozen',
    gc: { enabled: true, frozen: 9000, thresholds: [700, 10, 10] },
    says: 'gc.freeze',
  },
  { name: 'the threshold is 0', gc: { enabled: true, thresholds: [0, 10, 10] }, says: 'set_threshold(0)' },
])('leaks: cycles that stay because $name', async ({ gc, says }) => {
  const { verdict, findings } = await diagnosePython([60, 120, 180], rings, { source, header: { gc } });
  expect(verdict).toBe('leak');
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    pattern: 'reference-cycle',
    location: { file: 'main.py', line: 3, role: 'adds' },
  });
  expect(findings[0]!.owner).toContain('reference cycles that nobody collects');
  expect(findings[0]!.title).toContain('tree.Node');
  expect(findings[0]!.title).toContain(says);
});

test('clean: the same cycles while the collector works: it has not come round yet', async () => {
  const diagnosis = await diagnosePython([60, 120, 180], rings, { source });
  expect(diagnosis.verdict).toBe('no-leak');
  expect(diagnosis.harmless.map(({ why }) => why).join()).toContain('has not taken yet');
});

test('clean: the collector is off, and cycles do not become more', async () => {
  const header = { gc: { enabled: false } };
  expect(leaksOf(await diagnosePython([60, 60, 60], rings, { header }))).toEqual([]);
});
