import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeTrie } from './shape-trie.ts';

type Step = readonly [label: number, shape: number];

/** Follows steps from the root; the trie node of each. */
const walk = (trie: ShapeTrie, steps: readonly Step[]): number[] => {
  let at = 0;
  return steps.map(([label, shape]) => {
    at = trie.child(at, label, shape);
    return at;
  });
};
const repeated = (steps: readonly Step[], times: number): Step[] =>
  Array.from({ length: times }, () => steps).flat();

test('equal steps lead to one node, other steps to others', () => {
  const trie = new ShapeTrie();
  const [a, b] = walk(trie, [
    [1, 1],
    [2, 2],
  ]);
  expect(
    walk(trie, [
      [1, 1],
      [2, 2],
    ]),
  ).toEqual([a, b]);
  expect(new Set([a, b, trie.child(a!, 2, 3), trie.child(a!, 3, 2), trie.child(0, 2, 2)]).size).toBe(5);
});

test('the path to a node is the steps that led there', () => {
  const trie = new ShapeTrie();
  const nodes = walk(trie, [
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(trie.pathTo(nodes[2]!)).toEqual(nodes);
  expect(trie.pathTo(0)).toEqual([]);
});

test('a list of a million links is one node', () => {
  const trie = new ShapeTrie();
  const head = trie.child(0, 1, 1);
  let at = head;
  for (let link = 0; link < 1_000_000; link++) at = trie.child(at, 7, 7);
  expect(trie.length).toBe(3);
  expect(trie.parent[at]).toBe(head);
});

test.each([2, 3, 5, 8])('a chain that repeats every %i steps folds after its second turn', (period) => {
  const trie = new ShapeTrie();
  const turn: Step[] = Array.from({ length: period }, (_, nth) => [nth + 10, nth + 10]);
  const nodes = walk(trie, repeated(turn, 40));
  expect(trie.length).toBeLessThanOrEqual(1 + 2 * period);
  // From then on each turn visits the same nodes.
  expect(nodes.slice(-period)).toEqual(nodes.slice(-2 * period, -period));
});

test('a tree whose children hang left and right folds', () => {
  const trie = new ShapeTrie();
  let seed = 7;
  const random = (): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed >>> 16;
  };
  // A new way down each time, as the leaves of a search tree have it.
  for (let leaf = 0; leaf < 2000; leaf++) {
    let at = trie.child(0, 1, 1);
    for (let depth = 0; depth < 40; depth++) at = trie.child(at, random() % 2 === 0 ? 20 : 21, 5);
  }
  expect(trie.length).toBeLessThan(200);
});

test('a way down that never repeats itself folds when one step stands four times in it', () => {
  // Ones between the zeros of the Thue-Morse word: three letters, and no sequence twice in a row.
  const thueMorse = Array.from({ length: 4000 }, (_, nth) => nth.toString(2).replaceAll('0', '').length % 2);
  const word = thueMorse
    .join('')
    .split('0')
    .map((ones): Step => [ones.length, 5]);
  const trie = new ShapeTrie();
  for (let start = 0; start < 1000; start++) walk(trie, word.slice(start, start + 80));
  expect(trie.length).toBeLessThan(1000);
});

test('Maps in Maps are told apart: value, table, value, table is no chain yet', () => {
  const trie = new ShapeTrie();
  const outer: Step[] = [
    [1, 1],
    [2, 2],
  ];
  const nodes = walk(trie, [...outer, [3, 1], [2, 2], [3, 9]]);
  expect(new Set(nodes).size).toBe(5);
  // The tables of the outer and of an inner Map, and what hangs in them, have places of their own.
  expect(trie.pathTo(nodes[4]!)).toEqual(nodes);
});

test('paths deeper than any program means are cut, not followed for ever', () => {
  const trie = new ShapeTrie();
  const steps: Step[] = Array.from({ length: 5000 }, (_, nth) => [nth, nth]);
  walk(trie, steps);
  expect(trie.length).toBeLessThanOrEqual(98);
});

test('whatever is walked, a node and its parent differ, parents come first, and equal walks end alike', () => {
  const step = fc.tuple(fc.nat(3), fc.nat(3));
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 60 }), { maxLength: 20 }), (walks) => {
      const trie = new ShapeTrie();
      const first = walks.map((steps) => walk(trie, steps));
      const length = trie.length;
      expect(walks.map((steps) => walk(trie, steps))).toEqual(first);
      expect(trie.length).toBe(length);
      for (let node = 1; node < trie.length; node++) expect(trie.parent[node]!).toBeLessThan(node);
      for (const [index, nodes] of first.entries()) {
        nodes.forEach((node, at) => {
          const [label, shape] = walks[index]![at]!;
          if (nodes.length < 96) expect([trie.label[node], trie.shape[node]]).toEqual([label, shape]);
        });
      }
    }),
  );
});

test('many places are found again after the table has grown', () => {
  const trie = new ShapeTrie();
  const nodes = Array.from({ length: 20_000 }, (_, nth) => trie.child(0, nth, nth % 7));
  expect(new Set(nodes).size).toBe(20_000);
  expect(Array.from({ length: 20_000 }, (_, nth) => trie.child(0, nth, nth % 7))).toEqual(nodes);
});
