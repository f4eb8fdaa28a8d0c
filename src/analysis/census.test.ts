import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawProcess } from '../formats/v8-heapsnapshot/draw-process.ts';
import { drawHeap } from '../model/draw-heap.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { Census, type Counts } from './census.ts';

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** The place of `#label Shape → …` steps, or 0. */
function placeOf(census: Census, path: readonly string[]): number {
  for (let place = 1; place < census.trie.length; place++) {
    const steps = census.trie
      .pathTo(place)
      .map((step) => `${census.labelOf(step)} ${census.shapeOf(step).text}`);
    if (steps.join() === path.join()) return place;
  }
  return 0;
}
const countAt = (census: Census, counts: Counts, path: readonly string[]): number =>
  counts.objects[placeOf(census, path)] ?? 0;

/** A heap of a few classes with any references, and any of its nodes marked old. */
const heap = fc.integer({ min: 1, max: 20 }).chain((count) => {
  const node = fc.nat(count);
  return fc.record({
    classes: fc.array(fc.constantFrom('A', 'B', 'C'), { minLength: count, maxLength: count }),
    sizes: fc.array(fc.nat(1000), { minLength: count, maxLength: count }),
    edges: fc.array(fc.tuple(node, fc.constantFrom('.a', '.b', '[]', '?w'), node), { maxLength: count * 3 }),
    old: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
  });
});
const nameOf = (node: number): string => (node === 0 ? 'root' : `n${node}_`);

test('every object that is reached and not old is counted exactly once, with its bytes', () => {
  fc.assert(
    fc.property(heap, fc.boolean(), ({ classes, sizes, edges, old }, allNew) => {
      const graph = drawHeap(
        [
          ...classes.map((name, at) => `${nameOf(at + 1)}:${name}#${sizes[at]}`),
          ...edges.map(([from, label, to]) => `${nameOf(from)} -${label}-> ${nameOf(to)}`),
        ].join('\n'),
      );
      const isOld = allNew ? null : Uint8Array.from([1, ...old.map(Number)]);
      const census = new Census();
      const { counts, tree, trieOf, holders } = census.measure(graph, isOld);
      const counted = [...tree.order].filter((node) => node !== 0 && isOld?.[node] !== 1);
      expect(sum(counts.objects)).toBe(counted.length);
      expect(sum(counts.bytes)).toBe(counted.reduce((total, node) => total + graph.selfBytes[node]!, 0));
      expect(counts.objects[0]).toBe(0);
      for (const node of counted) expect(trieOf[node]).toBeGreaterThan(0);
      // The holders are the old objects that hold counted ones on their best paths, each once.
      const frontier = new Set(
        counted.map((node) => tree.parent[node]!).filter((node) => node !== 0 && isOld?.[node] === 1),
      );
      expect(new Set(holders)).toEqual(frontier);
      expect(holders.length).toBe(frontier.size);
    }),
    { numRuns: 500 },
  );
});

test('objects are counted by the path that holds them, not by their class', () => {
  const graph = drawHeap('root -.live-> live:Array -[]-> a*3:User\nroot -.lost-> lost:Array -[]-> b*5:User');
  const census = new Census();
  const { counts } = census.measure(graph, null);
  expect(countAt(census, counts, ['.live Array', '[] User'])).toBe(3);
  expect(countAt(census, counts, ['.lost Array', '[] User'])).toBe(5);
});

test('two dumps share places, so that their counts can be compared', () => {
  const census = new Census();
  const before = census.measure(drawHeap('root -.list-> list:Array -[]-> u*2:User'), null).counts;
  const after = census.measure(
    drawHeap('root -.x-> x:X\nroot -.list-> list:Array -[]-> u*7:User'),
    null,
  ).counts;
  const path = ['.list Array', '[] User'];
  expect([countAt(census, before, path), countAt(census, after, path)]).toEqual([2, 7]);
});

test('where an old object hangs is decided once: a new short cut to it moves nothing', async () => {
  const [first, last] = await drawProcess(
    ['gone*4', 'new*7'].map(
      (members) => `
      root -!1-> global:global -.app-> app:App -.store-> store:Store -.list-> list:Array
      list -[]-> kept*2:User, ${members}:User
      ${members.startsWith('new') ? 'global -.quick-> list' : ''}`,
    ),
  );
  const census = new Census();
  const isOld = (graph: HeapGraph, other: HeapGraph) =>
    Uint8Array.from(graph.nodeId, (id) => Number(other.nodeId.includes(id)));
  const { counts: after } = census.measure(last!, isOld(last!, first!));
  const { counts: before } = census.measure(first!, isOld(first!, last!));
  const path = ['#1 global', '.quick Array', '[] User'];
  expect([countAt(census, before, path), countAt(census, after, path)]).toEqual([4, 7]);
});

test('a ring of timers is one place from whichever side it is entered', () => {
  const census = new Census();
  const ring = drawHeap(
    'root -.list-> list:TimersList -._idlePrev-> a:Timeout -._idlePrev-> b:Timeout -._idlePrev-> list',
  );
  const other = drawHeap('root -.list-> list:TimersList -._idleNext-> a:Timeout -._idleNext-> b:Timeout');
  const path = ['.list TimersList', '._idleNext Timeout'];
  const counts = [ring, other].map((graph) => census.measure(graph, null).counts);
  expect(counts.map((count) => countAt(census, count, path))).toEqual([2, 2]);
});

test('a Map in a Map keeps its entries apart from those of the outer one', async () => {
  const [graph] = await drawProcess([
    `
    root -!1-> global:global -.rooms-> rooms:Map -#table-> table:array
    table -#key-> name*4:string"room"
    table -#value-> room*4:Map -#table-> members*:array
    members -#key-> user*4:string"user"
    members -#value-> member*4:Member`,
  ]);
  const census = new Census();
  const { counts } = census.measure(graph!, null);
  const outer = ['#1 global', '.rooms Map', '#table (array)', '[value] Map'];
  expect(countAt(census, counts, outer)).toBe(4);
  expect(countAt(census, counts, [...outer, '#table (array)', '[value] Member'])).toBe(4);
});
