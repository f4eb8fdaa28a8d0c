import { expect, test } from 'vitest';
import { chain, SERVICE, series } from '../../../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';

const STEADY = [50, 100, 150];

const bus = (event: string, listeners: string): string =>
  `scope -$bus-> bus:EventEmitter#64 -._events-> events -.${event}-> ${event}List:Array#32 -[]-> ${listeners}`;

const leaks = [
  {
    name: 'a handler for each join stays on a bus that lives as long as the process',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      ${bus('heartbeat', `h*${n}:closure"heartbeat"#64<app/presence.js:19:30> -#context-> c*:context#40 -$socket-> s*:Socket#400`)}
      c -$board-> board:Board#4000`,
    ),
    leak: {
      title: "Listeners for 'heartbeat' are added and never removed",
      owner: 'bus (module-level in app/server.js) → EventEmitter._events.heartbeat (Array, 150 entries)',
      location: { file: 'app/presence.js', line: 19, role: 'adds' },
      growth: { objects: 100, holders: 1 },
    },
    reasons: ['each listener keeps socket, board alive', 'all of them are made by one line of code'],
  },
  {
    name: 'the first handler of an event is held by the event itself, the others by an array',
    dumps: ['h*1', 'h*60', 'h*120'].map(
      (group, dump) => `
      ${SERVICE}
      scope -$bus-> bus:EventEmitter#64 -._events-> events
      ${dump === 0 ? 'events -.tick->' : 'events -.tick-> list:Array#32 -[]->'} ${group}:closure"onTick"#64<app/clock.js:3:9>`,
    ),
    leak: {
      title: "Listeners for 'tick' are added and never removed",
      location: { file: 'app/clock.js', line: 3 },
    },
    reasons: [],
  },
  {
    name: 'two events that one call subscribes to are one cause',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      ${bus('move', `m*${n}:closure"onMove"#64<app/cursor.js:8:20> -#context-> c*${n}:context#40 -$board-> board:Board#9000`)}
      events -.select-> selectList:Array#32 -[]-> s*${n}:closure"onSelect"#64<app/cursor.js:9:22> -#context-> c`,
    ),
    leak: {
      title: "Listeners for 'move' and 'select' are added and never removed",
      growth: { objects: 200 },
    },
    reasons: [],
  },
  {
    name: 'handlers of two files on one event are two causes',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      ${bus('close', `a*${n}:closure"cleanUp"#64<app/a.js:5:20> -#context-> ca*:context#400`)}
      closeList -[]-> b*${n}:closure"log"#64<app/b.js:7:20> -#context-> cb*:context#200`,
    ),
    leak: { location: { file: 'app/a.js', line: 5, role: 'adds' }, growth: { objects: 100 } },
    others: [{ location: { file: 'app/b.js', line: 7, role: 'adds' }, growth: { objects: 100 } }],
    reasons: [],
  },
  {
    name: 'each of many lasting connections gains handlers',
    dumps: series(
      [1, 3, 5],
      (n) => `
      ${SERVICE}
      scope -$sockets-> sockets:Set#32 -#table-> table:array#500 -#member-> socket*20:Socket#300
      socket -._events-> events* -.data-> list*:Array#32
      ${Array.from({ length: n }, (_, nth) => `list -[]-> h${nth}_*20:closure"onData"#64<app/feed.js:4:22>`).join('\n')}`,
    ),
    leak: {
      title: "Listeners for 'data' are added and never removed, on 20 emitters",
      growth: { objects: 80, holders: 20 },
    },
    reasons: [],
  },
  {
    name: 'every event name is another one',
    dumps: series(
      [40, 80, 120],
      (n) => `
      ${SERVICE}
      scope -$bus-> bus:EventEmitter#64 -._events-> events
      ${Array.from({ length: n }, (_, nth) => `events -."reply:${nth}"-> r${nth}_:closure"onReply"#64<app/rpc.js:12:7>`).join('\n')}`,
    ),
    leak: {
      title: 'Listeners for an event are added and never removed',
      location: { file: 'app/rpc.js', line: 12 },
    },
    reasons: [],
  },
  {
    name: 'an abort signal that never aborts collects the listeners of all requests',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      scope -$shutdown-> controller:AbortController -.signal-> signal:AbortSignal#100
      signal -."<symbol kEvents>"-> map:Map -#table-> table:array#100 -#"3"-> type:string"abort"
      table -#"4"-> head
      ${chain('head', '-.next->', 'l', n, (nth) => `:Listener#80 -.callback-> f${nth}_:closure"onAbort"#64<app/fetcher.js:30:11>`)}`,
    ),
    leak: {
      title: "Listeners for 'abort' are added and never removed",
      location: { file: 'app/fetcher.js', line: 30 },
    },
    reasons: [],
  },
  {
    name: 'an element of a page collects handlers',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      scope -$button-> button:native"<button>"+attached -#listeners-> l*${n}:native"V8EventListener" -#callback-> f*:closure"onClick"#64<https://app.example/ui.js:40:9>`,
    ),
    leak: { title: 'Listeners for an event are added and never removed' },
    reasons: [],
  },
];

test.each(leaks)('leaks: $name', async ({ dumps, leak, others = [], reasons }) => {
  const found = leaksOf(await diagnoseDrawn(dumps));
  expect(found).toMatchObject([{ pattern: 'listener-leak', ...leak }, ...others]);
  for (const reason of reasons) expect(found[0]!.reasons).toContain(reason);
});

const clean = [
  {
    name: 'every handler that is added is removed: other handlers in each dump, as many as before',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${SERVICE}
      ${bus('heartbeat', `${name}*100:closure"heartbeat"#64<app/presence.js:19:30> -#context-> c${name}*:context#40 -$socket-> s${name}*:Socket#400`)}`,
    ),
  },
  {
    name: 'a fixed set of handlers that was there from the start',
    dumps: series(
      [1, 2, 3],
      (n) => `
      ${SERVICE}
      ${bus('request', 'h*300:closure"onRequest"#64<app/plugin.js:2:4>')}
      scope -$count-> count:number"heap number"#${n * 8}`,
    ),
  },
  {
    name: 'handlers are added while the program starts, and then no more',
    dumps: series(
      [20, 200, 200],
      (n) => `
      ${SERVICE}
      ${bus('request', `h*${n}:closure"onRequest"#64<app/plugin.js:2:4>`)}`,
    ),
  },
  {
    name: 'connections come and go, and each takes its handlers with it',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${SERVICE}
      scope -$sockets-> sockets:Set#32 -#table-> table:array#900 -#member-> ${name}*60:Socket#300
      ${name} -._events-> e${name}* -.data-> list${name}*:Array#32 -[]-> h${name}*:closure"onData"#64<app/feed.js:4:22>`,
    ),
  },
  {
    name: 'the emitter is replaced by a new one with as many handlers',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${SERVICE}
      scope -$bus-> bus${name}:EventEmitter#64 -._events-> e${name} -.tick-> list${name}:Array#32
      list${name} -[]-> h${name}*80:closure"onTick"#64<app/clock.js:3:9>`,
    ),
  },
  {
    name: 'two dumps show more handlers, which may be a program that still starts',
    dumps: series(
      [50, 150],
      (n) => `
      ${SERVICE}
      ${bus('heartbeat', `h*${n}:closure"heartbeat"#64<app/presence.js:19:30>`)}`,
    ),
  },
];

test.each(clean)('clean: $name', async ({ dumps }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toEqual([]);
});

test('functions in an array that is no emitter are something else', async () => {
  const dumps = series(
    STEADY,
    (n) => `
    ${SERVICE}
    scope -$callbacks-> list:Array#32 -[]-> h*${n}:closure"callback"#64<app/queue.js:9:9> -#context-> c*:context#400`,
  );
  const [finding] = (await diagnoseDrawn(dumps)).findings;
  expect(finding!.pattern).not.toBe('listener-leak');
});

test('objects that a listener only leads to are something else', async () => {
  const dumps = series(
    STEADY,
    (n) => `
    ${SERVICE}
    scope -$bus-> bus:EventEmitter#64 -._events-> events -.tick-> h:closure"onTick"#64<app/clock.js:3:9>
    h -#context-> c:context -$seen-> seen:Array#32 -[]-> tick*${n}:Tick#120<app/clock.js:1:1>`,
  );
  const [finding] = (await diagnoseDrawn(dumps)).findings;
  expect(finding).toMatchObject({ pattern: 'unbounded-collection', growth: { objects: 100 } });
});

test('what one handler keeps in a property of its own is something else', async () => {
  const dumps = series(
    STEADY,
    (n) => `
    ${SERVICE}
    scope -$bus-> bus:EventEmitter#64 -._events-> events -.tick-> h:closure"onTick"#64<app/clock.js:3:9>
    h -.seen-> seen:Array#32 -[]-> tick*${n}:Tick#120<app/clock.js:1:1>`,
  );
  expect((await diagnoseDrawn(dumps)).findings[0]!.pattern).toBe('unbounded-collection');
});

test('with the source, the line that subscribes is named and the missing removal counts', async () => {
  const dumps = series(
    STEADY,
    (n) => `
    ${SERVICE}
    ${bus('heartbeat', `h*${n}:closure"heartbeat"#64<app/presence.js:2:21>`)}`,
  );
  const subscribes =
    'function join(bus, socket) {\n  const heartbeat = () => socket.ping();\n  bus.on("heartbeat", heartbeat);\n';
  const leaking = await diagnoseDrawn(dumps, {
    source: sourceTree({ 'src/app/presence.js': `${subscribes}}\n` }),
  });
  expect(leaking.findings[0]!.location).toEqual({ file: 'src/app/presence.js', line: 3, role: 'adds' });
  expect(leaking.findings[0]!.reasons).toContain('no line of the source takes them out again');
  const removing = sourceTree({
    'src/app/presence.js': `${subscribes}  socket.end = () => bus.off('heartbeat', heartbeat);\n}\n`,
  });
  const [finding] = (await diagnoseDrawn(dumps, { source: removing })).findings;
  expect(finding!.alsoSee).toContainEqual({ file: 'src/app/presence.js', line: 4, role: 'removes' });
  expect(finding!.reasons).not.toContain('no line of the source takes them out again');
});
