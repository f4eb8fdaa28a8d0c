import { expect, test } from 'vitest';
import { meaningTree } from '../../analysis/meaning-tree.ts';
import { bestPath } from '../../analysis/paths.ts';
import { draw } from '../../model/draw-heap.ts';
import { drawProcess } from './draw-process.ts';

/** Handles of the best path to `x`. */
async function pathToX(text: string): Promise<string> {
  const [graph] = await drawProcess([text]);
  const { nodes, of } = draw(text);
  return bestPath(meaningTree(graph!), of('x')[0]!)
    .map(({ node }) => nodes[node]!.handle)
    .join(' ');
}

test.each([
  {
    name: 'a longer path by names is better than a short one through the stack',
    text: 'root -!1-> global:global -.app-> app:App -.store-> store:Store -.x-> x\nroot -[]-> gc:synthetic"(GC roots)" -[]-> stack:synthetic"(Stack roots)" -[]-> x',
    path: 'root global app store x',
  },
  {
    name: 'a Map is entered through its table',
    text: 'root -!1-> global:global -.map-> map:Map -#table-> table:array -#"4"-> x\nglobal -.a-> a:A -.b-> b:B -.c-> c:C -.d-> d:D -.x-> x',
    path: 'root global map table x',
  },
  {
    name: 'a prototype says what an object is, not who holds it',
    text: 'root -!1-> global:global -.p-> p:P -.__proto__-> x\nglobal -.a-> a:A -.b-> b:B -.c-> c:C -.d-> d:D -.x-> x',
    path: 'root global a b c d x',
  },
  {
    name: 'a captured variable is a name like a property',
    text: 'root -!1-> global:global -.f-> f:closure -#context-> scope:context -$x-> x\nglobal -.a-> a:A -.b-> b:B -.c-> c:C -.x-> x',
    path: 'root global f scope x',
  },
  {
    name: 'code of the engine holds on behalf of nobody',
    text: 'root -!1-> global:global -.f-> f:closure -#shared-> s:code -#x-> x\nglobal -.a-> a:A -.b-> b:B -.c-> c:C -.x-> x',
    path: 'root global a b c x',
  },
  {
    name: 'a global handle is better than the compilation cache, and worse than the global object',
    text: 'root -[]-> gc:synthetic"(GC roots)" -[]-> handles:synthetic"(Global handles)" -[]-> x\ngc -[]-> strong:synthetic"(Strong roots)" -[]-> x',
    path: 'root gc handles x',
  },
])('$name', async ({ text, path }) => {
  expect(await pathToX(text)).toBe(path);
});

test('weak references and shortcuts inside the heap hold nothing', async () => {
  expect(await pathToX('root -!1-> global:global -.a-> a:A -?w-> x')).toBe('');
  expect(await pathToX('root -!1-> global:global -.a-> a:A -!s-> x')).toBe('');
});

test('the table of a WeakMap holds no value, the key does', async () => {
  const pair = (nth: number) => `#"${nth} / part of key (K @9) -> value (V @11) pair in WeakMap (table @7)"`;
  const text = `
    root -!1-> global:global -.map-> map:WeakMap -#table-> table:array
    global -.key-> key:K
    table -${pair(1)}-> x:V
    key -${pair(2)}-> x`;
  expect(await pathToX(text)).toBe('root global key x');
});
