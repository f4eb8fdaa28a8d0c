import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnosePython, type PythonHeap, things } from '../../testing/draw-python.ts';

const logs = (heap: PythonHeap, size: number): void => {
  const entries = things(heap, size, '_io.TextIOWrapper').map(
    (file, nth) => [heap.text(`tenant ${nth}`, `tenant-${nth}`), file] as const,
  );
  heap.module('logs', { LOGS: heap.dict('logs', entries) });
};

test('leaks: files in a dict, with what the process has open', async () => {
  const source = sourceTree({ 'logs.py': 'def write(tenant):\n    LOGS[tenant] = open(tenant, "a")\n' });
  const header = { descriptors: { file: 190, socket: 2 } };
  const { verdict, findings } = await diagnosePython([60, 120, 180], logs, { source, header });
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    pattern: 'file-descriptor-leak',
    owner: 'logs.LOGS (dict, 180 entries)',
    location: { file: 'logs.py', line: 2 },
  });
  expect(findings[0]!.reasons.join()).toContain('190 file');
});

test('clean: as many files as there are tenants', async () => {
  expect(leaksOf(await diagnosePython([60, 60, 60], logs))).toEqual([]);
});
