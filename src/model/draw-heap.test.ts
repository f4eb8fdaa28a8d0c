import { expect, test } from 'vitest';
import { draw, drawHeap } from './draw-heap.ts';

const edgesOf = (text: string): string[] => {
  const { nodes, edges } = draw(text);
  return edges.map(
    ({ from, to, kind, name }) => `${nodes[from]!.handle} ${kind} ${name} ${nodes[to]!.handle}`,
  );
};

test('a line is a chain, and a comma gives the last reference another target', () => {
  expect(edgesOf('root -.a-> x -#b-> y, z -$c-> w')).toEqual([
    'root property a x',
    'x internal b y',
    'x internal b z',
    'z context c w',
  ]);
});

test('all kinds of references can be drawn', () => {
  expect(edgesOf('a -.p-> b -$c-> d -[7]-> e -#i-> f -~3-> g -?w-> h -!s-> i -> j')).toEqual([
    'a property p b',
    'b context c d',
    'd element 7 e',
    'e internal i f',
    'f hidden 3 g',
    'g weak w h',
    'h shortcut s i',
    'i property j j',
  ]);
});

test('names with blanks and arrows stand in quotes', () => {
  expect(edgesOf('a -#"1 / part of key (K @3) -> value (V @5)"-> b')).toEqual([
    'a internal 1 / part of key (K @3) -> value (V @5) b',
  ]);
});

test('empty brackets count up for each source', () => {
  expect(edgesOf('a -[]-> b, c\na -[9]-> d\na -[]-> e\nf -[]-> b').map((edge) => edge.split(' ')[2])).toEqual(
    ['0', '1', '9', '10', '0'],
  );
});

test('a node has a class or kind, a name, a size, an id and a position', () => {
  const { nodes } = draw(
    'root -> a:Map#100@77, b:string"hi there"#5, c:closure, d:context, e:hidden"system / Map", f:native"div"+detached, g:closure"run"<app/x.js:3:14>',
  );
  expect(nodes.slice(1)).toMatchObject([
    { kind: 'object', name: 'Map', bytes: 100, id: 77 },
    { kind: 'string', name: 'hi there', bytes: 5, id: 5 },
    { kind: 'closure', name: 'c', bytes: 16 },
    { kind: 'object', name: 'system / Context' },
    { kind: 'hidden', name: 'system / Map' },
    { kind: 'native', name: 'div', detachedness: 2 },
    { kind: 'closure', name: 'run', at: { file: 'app/x.js', line: 3, column: 14 } },
  ]);
});

test('groups are drawn pair by pair, or each to each', () => {
  expect(edgesOf('list -[]-> h*3 -#context-> c*:context -$all-> shared')).toEqual([
    'list element 0 h',
    'list element 1 h',
    'list element 2 h',
    'h internal context c',
    'h internal context c',
    'h internal context c',
    'c context all shared',
    'c context all shared',
    'c context all shared',
  ]);
  const drawing = draw('list -[]-> h*3@101 -#context-> c*');
  expect(drawing.of('h').map((node) => drawing.nodes[node]!.id)).toEqual([101, 103, 105]);
  expect(drawing.edges.slice(3).map(({ from, to }) => to - from)).toEqual([3, 3, 3]);
});

test('what cannot be read is an error with the place', () => {
  expect(() => draw('a -x-> b')).toThrow('cannot read "-x-> b"');
  expect(() => draw('a -.x-> b c')).toThrow('cannot read "c"');
});

test('a drawn graph holds its edges by source, whatever order they were drawn in', () => {
  const graph = drawHeap('b -.z-> a // drawn first\nroot -!a-> a -.x-> b, a -.y-> b');
  expect([...graph.firstEdge]).toEqual([0, 1, 2, 5]);
  expect([...graph.edgeTarget]).toEqual([2, 2, 1, 2, 1]);
  expect(graph.strings.get(graph.edgeName[2]!)).toBe('x');
});
