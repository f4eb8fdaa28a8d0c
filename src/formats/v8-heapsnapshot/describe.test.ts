import { expect, test } from 'vitest';
import { draw } from '../../model/draw-heap.ts';
import { normalized } from './describe.ts';
import { drawProcess } from './draw-process.ts';

/** Asks one drawing for shapes and labels by handle. */
async function described(text: string) {
  const [graph] = await drawProcess([text]);
  const describer = graph!.newDescriber();
  const of = (handle: string): number => draw(text).of(handle)[0]!;
  const edge = (from: string, to: string): number => {
    const [source, target] = [of(from), of(to)];
    for (let at = graph!.firstEdge[source]!; at < graph!.firstEdge[source + 1]!; at++) {
      if (graph!.edgeTarget[at] === target) return at;
    }
    throw new Error(`${from} does not hold ${to}`);
  };
  return {
    shape: (handle: string) => describer.shape(of(handle)),
    shapeKey: (handle: string) => describer.shapeKey(of(handle)),
    label: (from: string, to: string) => describer.label(of(from), edge(from, to)),
    entries: (handle: string) => describer.entries(of(handle)),
  };
}

test.each([
  ['item-17', 'item-#'],
  ['user42', 'user#'],
  ['3f2504e0-4f89-11d3-9a0c-0305e82c3301', '#'],
  ['cafebabe01', '#'],
  ['facade', 'facade'],
  ['effaced', 'effaced'],
  ['V8EventListener', 'V8EventListener'],
  ['Http2Session', 'Http2Session'],
  ['Base64Encoder', 'Base64Encoder'],
  ['user123Name', 'user#Name'],
  ['Utf8', 'Utf#'],
  ['', ''],
])('%j is written %j: numbers and hashes are not names', (name, text) => {
  expect(normalized(name)).toBe(text);
});

test('shapes tell a class by its position, a function by its own, strings by nothing', async () => {
  const { shape } = await described(
    'root -> a:Order<app/order.js:7:3>, f:closure"go"<app/go.js:2:2>, g:closure""<app/go.js:3:2>, s:string"secret", c:cons"", n:number"3", y:symbol"kFoo", d:native"<div class=x>"',
  );
  expect(shape('a')).toEqual({
    text: 'Order',
    category: 'object',
    location: { file: 'app/order.js', line: 7, column: 3 },
  });
  expect(shape('f')).toEqual({
    text: 'go()',
    category: 'closure',
    location: { file: 'app/go.js', line: 2, column: 2 },
  });
  expect(shape('g').text).toBe('(anonymous)()');
  expect(shape('s')).toEqual({ text: '(string)', category: 'string', location: null });
  expect(shape('c').text).toBe('(concatenated string)');
  expect(shape('n')).toEqual({ text: '(number)', category: 'primitive', location: null });
  expect(shape('y').text).toBe('(symbol)');
  expect(shape('d').text).toBe('<div>');
});

test('objects of one shape have one key, others others', async () => {
  const { shapeKey } = await described(
    'root -> a:Order<app/order.js:7:3>, b:Order<app/order.js:7:3>, c:Order<app/old.js:1:1>, d:Order, e:Job17, f:Job18',
  );
  expect(shapeKey('a')).toBe(shapeKey('b'));
  expect(new Set(['a', 'c', 'd', 'e'].map(shapeKey)).size).toBe(4);
  expect(shapeKey('e')).toBe(shapeKey('f'));
});

test('scopes are told apart by the variables that they hold', async () => {
  const { shape } = await described(
    'root -> c:context -$socket-> s:Socket\nc -$board-> b:Board\nroot -> d:context -$x-> s',
  );
  expect(shape('c')).toEqual({ text: 'Context {socket, board}', category: 'context', location: null });
  expect(shape('d').text).toBe('Context {x}');
});

test('a bound function is what it calls', async () => {
  const { shape } = await described(
    'root -> b:closure"native_bind" -#bound_function-> f:closure"onceWrapper"<node:events:1:1>',
  );
  expect(shape('b').text).toBe('bound onceWrapper()');
});

test('references are labelled by kind', async () => {
  const { label } = await described(`
    root -> o:Obj -.name-> p
    o -."<symbol kEvents>"-> q
    o -.7-> r
    o -[]-> s
    o -#elements-> t:array
    o -~12-> u
    o -.item_17-> v
    c:context -$socket-> w
    x:cons -#first-> y:string`);
  expect(['p', 'q', 'r', 's', 't', 'u', 'v'].map((to) => label('o', to))).toEqual([
    '.name',
    '.[kEvents]',
    '[]',
    '[]',
    '#elements',
    '~8',
    '.item_#',
  ]);
  expect(label('c', 'w')).toBe('$socket');
  expect(label('x', 'y')).toBe('#part');
});

test.each([2, 40])('the table of a Map with %i entries has keys and values', async (count) => {
  const { label, entries } = await described(`
    root -> map:Map -#table-> table:array
    table -#key-> k*${count}:string"k"
    table -#value-> v*${count}:Value`);
  expect([label('table', 'k'), label('table', 'v')]).toEqual(['[key]', '[value]']);
  expect([entries('map'), entries('table')]).toEqual([count, count]);
});

test('a Map with numbers for keys has values only, as a Set has members', async () => {
  const map = await described('root -> map:Map -#table-> table:array -#value-> v*40:Value');
  expect([map.label('table', 'v'), map.entries('map')]).toEqual(['[value]', 40]);
  const set = await described('root -> set:Set -#table-> table:array -#member-> v*40:Value');
  expect([set.label('table', 'v'), set.entries('set')]).toEqual(['[value]', 40]);
});

test('entries that were deleted and what a weak table holds are no entries', async () => {
  const { entries } = await described(`
    root -> set:Set -#table-> table:array
    table -#member-> v*30:Value, hole*5:hidden"system / Oddball"
    root -> weak:WeakMap -#table-> weakTable:array -?1-> x:Key`);
  expect(entries('set')).toBe(30);
  expect(entries('weak')).toBe(0);
});

test('an object with many keys of like values serves as a map, one with many different ones does not', async () => {
  const keys = (name: string, value: (nth: number) => string) =>
    Array.from({ length: 40 }, (_, nth) => `${name} -."k ${nth}"-> ${name}${nth}_:${value(nth)}`).join('\n');
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const { label, entries } = await described(`
    root -> map:Object
    ${keys('map', () => 'Entry')}
    root -> namespace:Object
    ${keys('namespace', (nth) => `Class${letters[nth % 26]}${letters[Math.floor(nth / 26)]}`)}`);
  expect(label('map', 'map3_')).toBe('.*');
  expect(label('namespace', 'namespace3_')).toBe('.k #');
  expect(entries('map')).toBe(39);
});

test('what is no collection has no entries', async () => {
  const { entries } = await described(
    'root -> list:Array -[]-> a, b\nroot -> o:Order -.x-> a\nroot -> f:closure',
  );
  expect([entries('list'), entries('o'), entries('f')]).toEqual([2, null, null]);
});
