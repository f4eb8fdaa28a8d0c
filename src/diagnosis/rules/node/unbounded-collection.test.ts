import { expect, test } from 'vitest';
import { chain, SERVICE, series } from '../../../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';

const STEADY = [50, 100, 150];
const entries = (group: string, count: number): string => `
  table -#key-> key${group}*${count}:string"user"#24
  table -#value-> ${group}*${count}:Session#400<app/session.js:4:3>
`;
const map = `${SERVICE}
  scope -$sessions-> sessions:Map#32 -#table-> table:array#4000
`;

const leaks = [
  {
    name: 'a Map at module level gains an entry for each user',
    dumps: series(STEADY, (n) => `${map} ${entries('v', n)}`),
    leak: {
      owner: 'sessions (module-level in app/server.js) (Map, 150 entries)',
      growth: { objects: 100, series: STEADY },
      location: { file: 'app/server.js', role: 'holds' },
    },
  },
  {
    name: 'a Set in a field of a service',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      scope -$presence-> presence:PresenceService#40<app/presence.js:2:1> -.clients-> clients:Set#32 -#table-> table:array#800
      table -#member-> client*${n}:Client#300<app/client.js:1:1>`,
    ),
    leak: {
      owner: 'presence (module-level in app/server.js) → PresenceService.clients (Set, 150 entries)',
      location: { file: 'app/presence.js', line: 2, role: 'holds' },
    },
  },
  {
    name: 'an array that is only appended to',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      scope -$log-> log:Array#32 -[]-> line*${n}:Object#80 -.message-> message*:string"joined"#60
      line -.level-> level:string"info"`,
    ),
    leak: { owner: 'log (module-level in app/server.js) (Array, 150 entries)', growth: { objects: 100 } },
    reasons: ['entries look like {message, level}'],
  },
  {
    name: 'an object that serves as a map',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      scope -$byId-> byId:Object#64
      ${Array.from({ length: n }, (_, nth) => `byId -."id-${nth}"-> e${nth}_:Entry#200<app/entry.js:1:1>`).join('\n')}`,
    ),
    leak: { owner: 'byId (module-level in app/server.js) (Object, 149 entries)', growth: { objects: 100 } },
  },
  {
    name: 'a linked list',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      scope -$queue-> queue:Queue#32<app/queue.js:1:1> -.head-> head:Job#100<app/job.js:1:1>
      ${chain('head', '-.next->', 'job', n, () => ':Job#100<app/job.js:1:1>')}`,
    ),
    leak: { title: expect.stringContaining('linked list'), growth: { objects: 100 } },
  },
  {
    name: 'text that is only ever added to',
    dumps: series(
      [300, 600, 900],
      (n) => `
      ${SERVICE}
      scope -$journal-> journal:Journal#32<app/journal.js:1:1>
      ${chain('journal', '-.text->', 'top', 1, () => ':cons"(concatenated string)"#32')}
      ${chain(
        'top0_',
        '-#first->',
        's',
        n,
        (nth) => `:cons"(concatenated string)"#32
        s${nth}_ -#second-> line${nth}_:string"a line"#64`,
      )}`,
    ),
    leak: { title: expect.stringMatching(/^The text in .*Journal\.text only grows$/) },
  },
  {
    name: 'an array of numbers, of which a dump shows nothing but its size',
    dumps: series(
      [80_000, 400_000, 720_000],
      (bytes) => `
      ${SERVICE}
      scope -$latencies-> latencies:Array#32 -#elements-> store:array"(object elements)"#${bytes}`,
    ),
    leak: { owner: 'latencies (module-level in app/server.js) (Array)', growth: { bytes: 640_000 } },
    against: ['numbers leave no trace in a dump: only the size of their store was seen'],
  },
  {
    name: 'a Map that is copied for each change',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      scope -$store-> store:Store#40<app/store.js:1:1> -.state-> state${n}:Map#32 -#table-> table${n}:array#${n * 24}
      table${n} -#key-> k*${n}:string"key"#24
      table${n} -#value-> v*${n}:Item#400<app/item.js:1:1>`,
    ),
    leak: { owner: expect.stringContaining('Store.state (Map'), growth: { objects: 100 } },
  },
];

test.each(leaks)('leaks: $name', async ({ dumps, leak, reasons = [], against = [] }) => {
  const found = leaksOf(await diagnoseDrawn(dumps));
  expect(found).toMatchObject([{ pattern: 'unbounded-collection', ...leak }]);
  for (const reason of reasons) expect(found[0]!.reasons).toContain(reason);
  for (const text of against) expect(found[0]!.against).toContain(text);
});

const clean = [
  {
    name: 'a cache at its cap that drops the oldest entry for each new one',
    dumps: ['a', 'b', 'c'].map((group) => `${map} ${entries(group, 500)}`),
  },
  {
    name: 'a cache at its cap of which half has been replaced',
    dumps: [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'd'],
    ].map(
      (groups) => `${map}
      ${groups.map((group) => `table -#value-> ${group}*250:Session#400`).join('\n')}`,
    ),
  },
  {
    name: 'a cache that filled between the first dump and the second',
    dumps: series([100, 500, 500], (n) => `${map} ${entries('v', n)}`),
  },
  {
    name: 'a cache that fills ever slower',
    dumps: series([100, 460, 500, 510], (n) => `${map} ${entries('v', n)}`),
  },
  {
    name: 'a pool whose objects are lent and given back',
    dumps: series(
      [64, 64, 64],
      (n) => `
      ${SERVICE}
      scope -$pool-> pool:Pool#40<app/pool.js:1:1> -.free-> free:Array#32 -[]-> c*${n}:Worker#900<app/worker.js:1:1>`,
    ),
  },
  {
    name: 'a big static table',
    dumps: series(
      [1, 2, 3],
      (n) => `${map} ${entries('v', 3000)}
      scope -$hits-> hits:number"heap number"#${n * 16}`,
    ),
  },
  {
    name: 'an index that is rebuilt from scratch and is as large as before',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${SERVICE}
      scope -$index-> index${name}:Map#32 -#table-> table${name}:array#9600
      table${name} -#key-> k${name}*400:string"word"#24
      table${name} -#value-> v${name}*400:Posting#90<app/posting.js:1:1>`,
    ),
  },
  {
    name: 'joined texts that V8 flattens, one after the other, as they are used as keys',
    dumps: series(
      [10, 30, 50],
      (n) => `
      ${SERVICE}
      scope -$byName-> byName:Map#32 -#table-> table:array#960
      ${Array.from({ length: 60 }, (_, at) => `table -#key-> k${at}_:cons"(concatenated string)"#32`).join('\n')}
      ${Array.from({ length: n }, (_, at) => `k${at}_ -#first-> f${at}_:string"board:user"#40`).join('\n')}`,
    ),
  },
  {
    name: 'a buffer that grows and is flushed',
    dumps: series(
      [20, 900, 30],
      (n) => `
      ${SERVICE}
      scope -$batch-> batch:Array#32 -[]-> e*${n}:Event#80<app/event.js:1:1>`,
    ),
  },
  {
    name: 'the table of a WeakMap, which grows with its keys',
    dumps: series(
      [8_000, 200_000, 400_000],
      (bytes) => `
      ${SERVICE}
      scope -$meta-> meta:WeakMap#32 -#table-> table:array#${bytes}`,
    ),
  },
  {
    name: 'two dumps, which cannot tell a leak from a cache that fills',
    dumps: series([50, 500], (n) => `${map} ${entries('v', n)}`),
  },
];

test.each(clean)('clean: $name', async ({ dumps }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toEqual([]);
});

test('a cache that filled is told among the harmless, with the reason', async () => {
  const { verdict, harmless } = await diagnoseDrawn(
    series([100, 500, 500], (n) => `${map} ${entries('v', n)}`),
  );
  expect(verdict).toBe('no-leak');
  expect(harmless[0]).toMatchObject({
    objects: 400,
    why: 'growth stopped before the last dump: a cache that filled, or warm-up',
  });
});

test('with the source, the line that adds is named, in the words of the collection', async () => {
  const code = `const sessions = new Map();
export function serve(user) {
  if (sessions.has(user)) return sessions.get(user);
  sessions.set(user, new Session(user));
  // sessions.delete(user) would be due on logout
}
`;
  const { findings } = await diagnoseDrawn(
    series(STEADY, (n) => `${map} ${entries('v', n)}`),
    { source: sourceTree({ 'app/server.js': code }) },
  );
  expect(findings[0]!.location).toEqual({ file: 'app/server.js', line: 4, role: 'adds' });
  expect(findings[0]!.reasons).toContain('no line of the source takes them out again');
});
