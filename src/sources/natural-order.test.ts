import { describe, expect, test } from 'vitest';
import { naturalOrder, saysOrder, timeInName } from './natural-order.ts';

test.each([
  [
    ['heap-10', 'heap-9', 'heap-1'],
    ['heap-1', 'heap-9', 'heap-10'],
  ],
  [
    ['final', 'baseline', 'target'],
    ['baseline', 'target', 'final'],
  ],
  [
    ['after.heapsnapshot', 'before.heapsnapshot'],
    ['before.heapsnapshot', 'after.heapsnapshot'],
  ],
  [
    ['C', 'a', 'B'],
    ['a', 'B', 'C'],
  ],
  [
    ['run2/heap-1', 'run1/heap-2'],
    ['run1/heap-2', 'run2/heap-1'],
  ],
  [
    ['t-00000000000000000010', 't-9'],
    ['t-9', 't-00000000000000000010'],
  ],
  [
    ['Heap.20240121.101010.42.0.002.heapsnapshot', 'Heap.20240121.095959.42.0.001.heapsnapshot'],
    ['Heap.20240121.095959.42.0.001.heapsnapshot', 'Heap.20240121.101010.42.0.002.heapsnapshot'],
  ],
])('%j come in the order %j', (given, wanted) => {
  expect(given.toSorted(naturalOrder)).toEqual(wanted);
});

describe('names say an order', () => {
  test.each([
    [['A.heapsnapshot', 'B.heapsnapshot'], true],
    [['heap-1', 'heap-12'], true],
    [['baseline.heapsnapshot', 'final.heapsnapshot'], true],
    [['old.heapsnapshot', 'new.heapsnapshot'], false],
    [['a/heap', 'a/heap'], false],
  ])('%j: %s', (names, says) => {
    expect(saysOrder(names)).toBe(says);
  });
});

test.each([
  ['Heap.20240121.101010.4242.0.001.heapsnapshot', '2024-01-21T10:10:10.000Z'],
  ['2024-01-21T10:10:10.heapsnapshot', '2024-01-21T10:10:10.000Z'],
  ['heap_2024-01-21_10-10-10.heapsnapshot', '2024-01-21T10:10:10.000Z'],
  ['A.heapsnapshot', null],
  ['4242420240121101010.heapsnapshot', null],
  ['2024-99-21T10:10:10', null],
])('%s was taken at %s', (name, time) => {
  expect(timeInName(name)).toBe(time);
});
