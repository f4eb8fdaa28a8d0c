import { expect, test } from 'vitest';
import { SERVICE, series } from '../../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, leaksOf } from '../testing/diagnose-drawn.ts';
import { knownNodeGrowth } from './node.ts';

test('each entry has a reason and says where it was seen', () => {
  for (const { why, seen } of knownNodeGrowth) {
    expect(why).not.toBe('');
    expect(seen).toMatch(/^(?:Node|[\w-]+) \d+/);
  }
});

test.each([
  {
    name: 'a free list of parsers',
    holder: 'http -$parsers-> list:FreeList -.list-> free:Array -[]->',
    why: 'a free list of HTTP parsers',
  },
  {
    name: 'idle connections of an agent',
    holder: 'http -$agent-> agent:Agent -.freeSockets-> free:Object -."example.org:443:"-> idle:Array -[]->',
    why: 'idle keep-alive connections',
  },
])('$name may grow and is no leak', async ({ holder, why }) => {
  const diagnosis = await diagnoseDrawn(
    series(
      [50, 100, 150],
      (n) => `
      ${SERVICE}
      global -.http-> request:closure"request"#64<node:_http_client:1:1> -#context-> http:context
      ${holder} p*${n}:Thing#4000`,
    ),
  );
  expect(leaksOf(diagnosis)).toEqual([]);
  const told = [
    ...diagnosis.findings.flatMap(({ against }) => against),
    ...diagnosis.harmless.map((each) => each.why),
  ];
  expect(told.join('; ')).toContain(why);
});

const cacheIn = (file: string) =>
  diagnoseDrawn(
    series(
      [50, 100, 150],
      (n) => `
      ${SERVICE}
      scope -$pages-> cache:LRUCache<${file}:1:1> -.#valList-> values:Array -[]-> p*${n}:Page#4000<app/page.js:1:1>`,
    ),
  );

test('a cache that cannot be made without a limit fills', async () => {
  const diagnosis = await cacheIn('/srv/node_modules/lru-cache/dist/commonjs/index.js');
  expect(diagnosis.verdict).toBe('no-leak');
  expect(diagnosis.harmless[0]?.why).toContain('made with a limit');
});

test.each(['/srv/node_modules/lru-cache/index.js', '/srv/app/lru-cache.js'])(
  'one that may have none is not excused: %s',
  async (file) => {
    expect(leaksOf(await cacheIn(file))).toHaveLength(1);
  },
);

test('a free list of the program itself is not excused', async () => {
  const diagnosis = await diagnoseDrawn(
    series(
      [50, 100, 150],
      (n) => `
      ${SERVICE}
      scope -$pool-> pool:Pool<app/pool.js:1:1> -.free-> free:Array -[]-> w*${n}:Worker#900<app/worker.js:1:1>`,
    ),
  );
  expect(leaksOf(diagnosis)).toHaveLength(1);
});
