import { expect, test } from 'vitest';
import { drawProcess, SERVICE } from '../../formats/v8-heapsnapshot/draw-process.ts';
import { DIALECTS } from '../../formats/v8-heapsnapshot/draw-snapshot.ts';
import { draw } from '../../model/draw-heap.ts';
import { type HeapGraph, sourceOf } from '../../model/heap-graph.ts';
import { authorOf } from '../authorship.ts';
import { type ContextPlaces, contextPlaces } from './contexts.ts';

async function placesIn(
  text: string,
): Promise<{ graph: HeapGraph; places: ContextPlaces; of(handle: string): number }> {
  const [graph] = await drawProcess([text]);
  // Drawn nodes keep their index; scripts stand behind them.
  return { graph: graph!, places: contextPlaces(graph!), of: (handle) => draw(text).of(handle)[0]! };
}

const NESTED = `
  ${SERVICE}
  scope -$start-> start:closure"start"<app/server.js:30:1> -#context-> scope
  scope -$tick-> tick:closure"tick"<app/server.js:24:9> -#context-> inner:context -#previous-> scope
  inner -$later-> later:closure"later"<app/server.js:26:5> -#context-> inner
  scope -#previous-> native:hidden"system / NativeContext"
  scope -$lonely-> lonely:context`;

test('a scope is of the script of the closures that use it', async () => {
  const { places, of } = await placesIn(NESTED);
  expect(places.fileOf(of('scope'))).toBe('app/server.js');
  expect(places.fileOf(of('inner'))).toBe('app/server.js');
});

test('a scope that no closure with a position uses is of no known script', async () => {
  const { places, of } = await placesIn(NESTED);
  expect(places.fileOf(of('lonely'))).toBe(null);
  expect(places.firstClosure(of('lonely'))).toBe(null);
});

test('the scope of a module is told from that of a function', async () => {
  const { places, of } = await placesIn(NESTED);
  expect(places.isModuleLevel(of('scope'))).toBe(true);
  expect(places.isModuleLevel(of('inner'))).toBe(false);
});

test('the first closure of a scope is the one that stands first in the script', async () => {
  const { places, of } = await placesIn(NESTED);
  expect(places.firstClosure(of('inner'))).toEqual({ file: 'app/server.js', line: 24, column: 9 });
  expect(places.firstClosure(of('scope'))).toEqual({ file: 'app/server.js', line: 10, column: 3 });
});

test('a scope that only closures of inner functions use is of their script', async () => {
  const { places, of } = await placesIn(`
    root -!1-> global:global -.run-> run:closure"run"<app/jobs.js:9:9> -#context-> inner:context -#previous-> outer:context`);
  expect(places.fileOf(of('outer'))).toBe('app/jobs.js');
});

test('an exported cell has the name that stands before it in the table', async () => {
  const { places, of } = await placesIn(`
    root -!1-> global:global -.ns-> ns:Module -#exports-> exports:array
    exports -#0-> a:string"bus"
    exports -#1-> first:hidden"system / Cell" -#value-> bus:EventEmitter
    exports -#2-> b:string"limit"
    exports -#3-> n:number
    exports -#4-> second:hidden"system / Cell"`);
  expect(places.exportName(of('first'))).toBe('bus');
  expect(places.exportName(of('second'))).toBe(null);
  expect(places.exportName(of('bus'))).toBe(null);
});

test.each(Object.keys(DIALECTS))('positions are found in snapshots of %s', async (name) => {
  const [graph] = await drawProcess([SERVICE], DIALECTS[name as keyof typeof DIALECTS]);
  const node = draw(SERVICE).of('serve')[0]!;
  expect(sourceOf(graph!, node)).toEqual({ file: 'app/server.js', line: 10, column: 3 });
  expect(sourceOf(graph!, node - 1)).toBe(null);
});

test.each([
  ['node:internal/timers', 'runtime'],
  ['internal/process/task_queues.js', 'runtime'],
  ['evalmachine.<anonymous>', 'runtime'],
  ['', 'runtime'],
  [null, 'runtime'],
  ['/srv/app/src/server.js', 'user'],
  ['C:\\app\\src\\server.js', 'user'],
  ['/srv/internal/server.js', 'user'],
  ['https://app.example/main.js', 'user'],
  ['webpack://shop/src/a.ts', 'user'],
  ['/srv/app/node_modules/ws/lib/sender.js', 'library'],
  ['C:\\app\\node_modules\\ws\\lib\\sender.js', 'library'],
  ['/srv/my_node_modules/a.js', 'user'],
])('%s is %s code', (file, author) => {
  expect(authorOf(file)).toBe(author);
});
