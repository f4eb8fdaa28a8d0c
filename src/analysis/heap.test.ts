import { describe, expect, test } from 'vitest';
import { drawSnapshot } from '../formats/v8-heapsnapshot/draw-snapshot.ts';
import { drawHeap } from '../model/draw-heap.ts';
import { Heap } from './heap.ts';

const SERVICE = `
  root -.app-> app:App#40@11<src/app.js:3:7>
  app -.sessions-> list:Array#24@13 -[]-> s*3:Session#100@101<src/session.js:1:14>
  s -.token-> t*:string"secret-token"#32
  app -.onTick-> tick:closure"onTick"#64@15<src/app.js:9:12>
  app -?debug-> s`;

describe('objects', () => {
  test('are listed largest first, by what they keep or by their own size', () => {
    const heap = new Heap(drawHeap(SERVICE));
    expect(heap.objects({ limit: 2 }).map(({ handle }) => handle)).toEqual(['n-11', 'n-13']);
    expect(heap.objects({ limit: 1, sort: 'self' })).toMatchObject([
      {
        handle: 'n-101',
        name: 'Session',
        class: 'Session',
        selfBytes: 100,
        retainedBytes: 132,
        location: { file: 'src/session.js', line: 1, column: 14 },
        distance: 3,
      },
    ]);
  });

  test('are found by class and by constructor', async () => {
    const graph = await drawSnapshot('root -!global-> g:Object -.a-> a*2:Object -.id-> s:string');
    const heap = new Heap(graph);
    expect(heap.countOf('{id}')).toBe(2);
    expect(heap.objects({ class: 'Object' }).length).toBeGreaterThan(0);
    expect(heap.classes({ by: 'constructor', filter: 'object' }).map(({ objects }) => objects)).toEqual([3]);
  });

  test('tell what they refer to and what refers to them, weak references last', () => {
    const object = new Heap(drawHeap(SERVICE)).object('n-101');
    expect(object).toMatchObject({ kind: 'object', id: 101, referenceCount: 1, retainerCount: 2 });
    expect(object.dominator).toMatchObject({ handle: 'n-13' });
    expect(object.references.map(({ via, object: { name } }) => `${via} ${name}`)).toEqual([
      '.token "se…" (12)',
    ]);
    expect(object.retainers.map(({ via, retains }) => `${via} ${retains}`)).toEqual([
      '[0] true',
      '?debug false',
    ]);
  });

  test('show the values of strings only when that is asked for', () => {
    const shown = new Heap(drawHeap(SERVICE), { showValues: true });
    expect(shown.object('n-101').references[0]!.object.name).toBe('"secret-token" (12)');
  });

  test('show no more references than wanted, and say how many there are', () => {
    const list = new Heap(drawHeap(SERVICE)).object('n-13', { limit: 2 });
    expect(list.references).toHaveLength(2);
    expect(list.referenceCount).toBe(3);
  });
});

describe('what is not there', () => {
  const heap = new Heap(drawHeap(SERVICE));

  test('is said, with what may be meant', () => {
    expect(() => heap.object('n-9999')).toThrowError(/no object n-9999/);
    expect(() => heap.object('Session')).toThrowError(
      expect.objectContaining({ code: 'no-such-object', exitCode: 2 }),
    );
    expect(() => heap.objects({ class: 'Sesion' })).toThrowError(
      expect.objectContaining({ code: 'no-such-class', hint: 'did you mean Session?' }),
    );
    expect(() => heap.paths('Qwertyuiop')).toThrowError(
      expect.objectContaining({ hint: 'list the classes with `stanch objects`' }),
    );
  });
});

test('answers are computed once', () => {
  const heap = new Heap(drawHeap(SERVICE));
  expect(heap.dominators()).toBe(heap.dominators());
  expect(heap.distances()).toBe(heap.distances());
  expect(heap.classNames()).toBe(heap.classNames());
});

test('closing tells the one who opened', () => {
  let closed = 0;
  new Heap(drawHeap(SERVICE), { onClose: () => closed++ }).close();
  expect(closed).toBe(1);
});
