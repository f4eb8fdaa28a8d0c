import { describe, expect, test } from 'vitest';
import { drawSnapshot } from '../formats/v8-heapsnapshot/draw-snapshot.ts';
import { drawHeap } from '../model/draw-heap.ts';
import { classNames } from './class-names.ts';
import { inferInterfaces } from './plain-objects.ts';

/** Class name by id. */
function classesOf(drawing: string): Record<number, string> {
  const graph = drawHeap(drawing);
  const { classOf, names } = classNames(graph, 'class');
  return Object.fromEntries([...graph.nodeId].map((id, node) => [id, names[classOf[node]!]!]));
}

describe('classes', () => {
  test('are named as DevTools names them, by the kind of node', () => {
    const drawing = `
      root -> a:closure"onData"@1000, b:code"x"@1002, c:hidden"y"@1004, d:string"secret"@1006, e:regexp"r"@1008
      root -> f:array"t"@1010, g:native"Node / TCP"@1012, h:Session@1014, i:cons""@1016, j:native"<div class=x>"@1018`;
    expect(classesOf(drawing)).toMatchObject({
      1000: 'Function',
      1002: '(compiled code)',
      1004: '(system)',
      1006: '(string)',
      1008: 'RegExp',
      1010: '(array)',
      1012: 'Node / TCP',
      1014: 'Session',
      1016: '(concatenated string)',
      1018: '<div>',
    });
  });

  test('of one name at two places are two classes, and one constructor', () => {
    const graph = drawHeap('root -> a:Job<a.js:1:1>, b:Job<b.js:1:1>, c:Job<a.js:1:1>');
    const classes = classNames(graph, 'class');
    expect(new Set(classes.classOf.slice(1)).size).toBe(2);
    expect(classes.locations[classes.classOf[2]!]).toEqual({ file: 'b.js', line: 1, column: 1 });
    expect(new Set(classNames(graph, 'constructor').classOf.slice(1)).size).toBe(1);
  });
});

describe('plain objects', () => {
  test('are told apart by the properties that at least two of them have', () => {
    const drawing = `
      root -> a:Object@1000, b:Object@1002, c:Object@1004, d:Object@1006
      a -.id-> s:string
      a -.name-> s
      b -.id-> s
      b -.name-> s
      c -.other-> s`;
    expect(classesOf(drawing)).toMatchObject({
      1000: '{id, name}',
      1002: '{id, name}',
      1004: 'Object',
      1006: 'Object',
    });
  });

  test('with more properties than an interface still belong to it; the larger of two interfaces wins', async () => {
    const graph = await drawSnapshot(`
      root -!global-> g:Object -.list-> l:Array
      l -[]-> a*2:Object -.x-> s:string
      l -[]-> b*2:Object -.x-> s
      b -.y-> s
      l -[]-> c:Object -.x-> s
      c -.y-> s
      c -.z-> s`);
    expect(inferInterfaces(graph).map(({ name }) => name)).toEqual(['{x}', '{x, y}']);
    const { classOf, names } = classNames(graph, 'class');
    const counts = new Map<string, number>();
    for (const at of classOf) counts.set(names[at]!, (counts.get(names[at]!) ?? 0) + 1);
    expect(counts.get('{x}')).toBe(2);
    expect(counts.get('{x, y}')).toBe(3);
  });

  test('keep what they were called when the interfaces of another dump are given', () => {
    const graph = drawHeap('root -> c:Object -.id-> s:string');
    const { classOf, names } = classNames(graph, 'class', [{ name: '{id}', properties: ['id'] }]);
    expect([...classOf].map((at) => names[at]).filter((name) => name === '{id}')).toHaveLength(1);
  });

  test('with thousands of keys are cut at 120 characters and cost no more', () => {
    const keys = Array.from({ length: 2000 }, (_, at) => `m -.key${at}-> s`).join('\n');
    const [only] = inferInterfaces(drawHeap(`root -> m*2:Object, s:string\n${keys}`));
    expect(only!.name.length).toBeLessThanOrEqual(123);
    expect(only!.name).toMatch(/^\{key0, key1, .*\}$/);
  });
});
