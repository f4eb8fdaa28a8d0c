import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnosePython, type PythonHeap, things } from '../../testing/draw-python.ts';

const source = sourceTree({
  'validate.py': `def collect(form, errors=[]):
    if "@" not in form["email"]:
        errors.append({"form": form})
    return errors
`,
});
const validate = (heap: PythonHeap, size: number): void => {
  const errors = heap.list('errors', things(heap, size));
  heap.module('validate', { collect: heap.function('collect', 'validate.py:1', { defaults: { errors } }) });
};

test('leaks: a list that is the default of an argument, by function and argument, with the line that adds', async () => {
  const { verdict, findings } = await diagnosePython([60, 120, 180], validate, { source });
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    pattern: 'shared-mutable-default',
    owner: 'validate.collect(errors=) (list, 180 entries)',
    location: { file: 'validate.py', line: 3, role: 'adds' },
  });
});

test('clean: a default that nobody changes', async () => {
  expect(leaksOf(await diagnosePython([60, 60, 60], validate, { source }))).toEqual([]);
});

test('clean: a default that was filled once, as some use it for a cache', async () => {
  expect(leaksOf(await diagnosePython([20, 120, 120], validate, { source }))).toEqual([]);
});
