import { expect, test } from 'vitest';
import { drawHeap } from '../model/draw-heap.ts';
import { objectNames } from './object-names.ts';
import { stringValueText, valueText } from './values.ts';

test('values show their length and no more than two characters', () => {
  expect(valueText('secret-token', false)).toBe('"se…" (12)');
  expect(valueText('ab', false)).toBe('"…" (2)');
  expect(valueText('', false)).toBe('"" (0)');
  expect(valueText('x'.repeat(2000), false)).toBe('"xx…" (2,000)');
});

test('values are shown on demand, cut and with control characters escaped', () => {
  expect(valueText('se\u001bcret', true)).toBe('"se\\u001bcret" (7)');
  expect(valueText('x'.repeat(500), true)).toMatch(/^"x{200}…" \(500\)$/);
});

test('no half of a surrogate pair is left', () => {
  expect(valueText('a😀bc', false)).toBe('"a…" (5)');
});

test('a value of a megabyte is not decoded to be counted', () => {
  const graph = drawHeap(`root -> s:string"${'y'.repeat(1_000_000)}"`);
  let decoded = 0;
  const strings = {
    ...graph.strings,
    get: (index: number): string => {
      decoded++;
      return graph.strings.get(index);
    },
  };
  expect(stringValueText({ ...graph, strings }, 1, false)).toBe('"yy…" (1,000,000)');
  expect(decoded).toBe(0);
});

test('references say what kind they are', () => {
  const graph = drawHeap(`
    root -> a:Thing
    a -.name-> b
    a -."two words"-> b
    a -."<symbol kState>"-> b
    a -[7]-> b
    a -$socket-> b
    a -#table-> b
    a -?listener-> b
    a -!global-> b
    a -~3-> b
    a -."9"-> b`);
  const names = objectNames(graph, graph.newDescriber(), false);
  const edges = Array.from({ length: graph.edgeCount }, (_, edge) => edge).slice(graph.firstEdge[1]!);
  expect(edges.map((edge) => names.reference(1, edge))).toEqual([
    '.name',
    '["two words"]',
    '[symbol kState]',
    '[7]',
    '$socket',
    '#table',
    '?listener',
    '!global',
    '~3',
    '[9]',
  ]);
});
