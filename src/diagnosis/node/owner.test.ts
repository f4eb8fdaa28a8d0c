import { expect, test } from 'vitest';
import { meaningTree } from '../../analysis/meaning-tree.ts';
import { bestPath } from '../../analysis/paths.ts';
import { drawProcess, SERVICE } from '../../formats/v8-heapsnapshot/draw-process.ts';
import type { Owner } from '../dialect.ts';
import { contextPlaces } from './contexts.ts';
import { ownerOf } from './owner.ts';

/** The owner of what holds the one object named `Member` in a drawing. */
async function ownerIn(drawing: string): Promise<Owner> {
  const [graph] = await drawProcess([drawing]);
  const member = [...graph!.nodeName].findIndex((name) => graph!.strings.get(name) === 'Member');
  const path = bestPath(meaningTree(graph!), member);
  expect(path.length).toBeGreaterThan(1);
  return ownerOf(graph!, path.slice(0, -1), contextPlaces(graph!));
}

const list = (holder: string): string => `${holder} list:Array#32 -[]-> m:Member`;

test.each([
  {
    name: 'a variable of a module',
    drawing: list('scope -$cache->'),
    owner: {
      text: 'cache (module-level in app/server.js)',
      name: 'cache',
      collectionKind: 'Array',
      author: 'user',
    },
  },
  {
    name: 'a Map, by its own name and not by its table',
    drawing: 'scope -$cache-> cache:Map -#table-> table:array -#value-> m:Member',
    owner: { text: 'cache (module-level in app/server.js)', collectionKind: 'Map' },
  },
  {
    name: 'a Set',
    drawing: 'scope -$seen-> seen:Set -#table-> table:array -#member-> m:Member',
    owner: { text: 'seen (module-level in app/server.js)', collectionKind: 'Set' },
  },
  {
    name: 'a Map of a class of its own',
    drawing: 'scope -$cache-> cache:LruCache -#table-> table:array -#value-> m:Member',
    owner: { collectionKind: 'Map' },
  },
  {
    name: 'a plain object',
    drawing: 'scope -$byId-> byId:Object -.x-> m:Member',
    owner: { text: 'byId (module-level in app/server.js)', collectionKind: 'Object' },
  },
  {
    name: 'a field of a class in a variable',
    drawing: `scope -$presence-> p:PresenceService<app/presence.js:4:1>\n${list('p -.clients->')}`,
    owner: {
      text: 'presence (module-level in app/server.js) → PresenceService.clients',
      name: 'clients',
      author: 'user',
    },
  },
  {
    name: 'a private field',
    drawing: `scope -$presence-> p:PresenceService<app/presence.js:4:1>\n${list('p -.#clients->')}`,
    owner: { text: 'presence (module-level in app/server.js) → PresenceService.#clients', name: '#clients' },
  },
  {
    name: 'a field deep in plain objects: all names on the way to the class',
    drawing: `scope -$app-> app:App<app/app.js:1:1> -.state-> state:Object -.rooms-> rooms:Object\n${list('rooms -.open->')}`,
    owner: { text: 'app (module-level in app/server.js) → App.state.rooms.open', name: 'open' },
  },
  {
    name: 'a slot of an array of arrays',
    drawing: `scope -$shards-> shards:Array -[]-> shard:Array -[]-> m:Member`,
    owner: { text: 'shards[] (module-level in app/server.js)', name: 'shards' },
  },
  {
    name: 'a key that is data: only its pattern is told',
    drawing: `scope -$byUser-> byUser:Object\n${list('byUser -."jane.doe@example.org/17"->')}`,
    owner: { text: "byUser['…@…/##'] (module-level in app/server.js)" },
  },
  {
    name: 'a field under a symbol',
    drawing: `scope -$agent-> agent:Agent<app/agent.js:1:1>\n${list('agent -."<symbol kFree>"->')}`,
    owner: { text: 'agent (module-level in app/server.js) → Agent[kFree]' },
  },
  {
    name: 'a property of the global object',
    drawing: list('global -.registry->'),
    owner: { text: 'global.registry', author: 'user' },
  },
  {
    name: 'a variable of a function inside: a closure variable',
    drawing: `
      scope -$start-> start:closure"start"<app/server.js:20:1> -#context-> scope
      scope -$tick-> tick:closure"tick"<app/server.js:24:9> -#context-> inner:context -#previous-> scope
      ${list('inner -$buffer->')}`,
    owner: { text: expect.stringMatching(/buffer \(closure variable in app\/server\.js\)$/), name: 'buffer' },
  },
  {
    name: 'a static field of a class',
    drawing: `scope -$Store-> store:closure"Store"<app/store.js:3:1>\n${list('store -.all->')}`,
    owner: { text: 'Store (module-level in app/server.js) → Store.all', name: 'all' },
  },
  {
    name: 'a linked list by what holds its first link',
    drawing: `scope -$queue-> queue:Queue<app/queue.js:1:1> -.first-> a:Job -.next-> b:Job -.next-> c:Job -.payload-> m:Member`,
    owner: { text: 'queue (module-level in app/server.js) → Queue.first', name: 'first' },
  },
  {
    name: 'what only the runtime holds',
    drawing:
      'root -[]-> gc:synthetic"(GC roots)" -[]-> handles:synthetic"(Global handles)" -[]-> port:MessagePort -[]-> m:Member',
    owner: { text: expect.stringContaining('MessagePort'), author: 'runtime' },
  },
  {
    name: 'a library under node_modules',
    drawing: `
      global -.lib-> lib:closure"lib"<node_modules/queue/index.js:1:1> -#context-> libScope:context
      ${list('libScope -$pending->')}`,
    owner: { text: 'pending (module-level in node_modules/queue/index.js)', author: 'library' },
  },
])('the owner is named for $name', async ({ drawing, owner }) => {
  expect(await ownerIn(`${SERVICE}\n${drawing}`)).toMatchObject(owner);
});

test('an export is named by the name under which the module gives it', async () => {
  const owner = await ownerIn(`
    root -!1-> global:global
    global -.module-> module:Module -[]-> module2:object"system / SourceTextModule" -~6-> exports:array
    exports -#0-> name:string"bus"
    exports -#1-> cell:hidden"system / Cell" -#value-> bus:EventEmitter -._events-> events:Object -.tick-> list:Array -[]-> m:Member`);
  expect(owner).toMatchObject({
    text: 'bus (exported) → EventEmitter._events.tick',
    name: 'tick',
    author: 'user',
  });
});

test('the listeners of an EventTarget are named by their event, which is a key of a Map', async () => {
  const owner = await ownerIn(`
    ${SERVICE}
    scope -$target-> target:EventTarget -."<symbol kEvents>"-> map:Map -#table-> table:array
    table -#"3"-> type:string"abort"
    table -#"4"-> root1:Object -.next-> m:Member`);
  expect(owner.text).toBe('target (module-level in app/server.js) → EventTarget[kEvents].abort');
});

test('a collection in a library is placed at the own variable that holds it, and the library is kept apart', async () => {
  const { holds, library } = await ownerIn(
    SERVICE + list('scope -$loader-> loader:Loader<node_modules/loader/index.js:30:1> -.cache->'),
  );
  expect(holds?.file).toBe('app/server.js');
  expect(library).toMatchObject({ file: 'node_modules/loader/index.js', line: 30 });
});
