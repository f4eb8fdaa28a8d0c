import { expect, test } from 'vitest';
import { SERVICE, series } from '../../formats/v8-heapsnapshot/draw-process.ts';
import type { MemberProfile } from '../dialect.ts';
import { groupGrowth } from '../groups.ts';
import { growthOf } from '../testing/diagnose-drawn.ts';
import { nodeDialect } from './dialect.ts';
import { profileMembers } from './members.ts';

/** The profile of 60 new members `m`, drawn as told. */
async function profile(members: string): Promise<MemberProfile> {
  const growth = await growthOf(
    series(
      [20, 80],
      (n) => `${SERVICE}\nscope -$list-> list:Array -[]-> ${members.replaceAll('N', String(n))}`,
    ),
  );
  return profileMembers(
    growth.last,
    groupGrowth(growth, nodeDialect(growth.last)).groups[0]!,
    growth.isOldInLast,
  );
}

test('members are sampled, not looked at one by one', async () => {
  expect((await profile('m*N:Item#40')).samples).toBe(48);
});

test.each([
  {
    name: 'wait on a promise',
    members:
      'm*N:Job#40 -.done-> p*:Promise#40 -#reactions_or_result-> r*:hidden"system / PromiseReaction"#40',
    share: 'waitingShare',
    value: 1,
  },
  {
    name: 'hold a settled promise',
    members: 'm*N:Job#40 -.done-> p*:Promise#40 -#reactions_or_result-> v*:Value#40',
    share: 'waitingShare',
    value: 0,
  },
  {
    name: 'are detached elements',
    members: 'm*N:native"<li>"#40+detached',
    share: 'detachedShare',
    value: 1,
  },
  {
    name: 'hold detached elements',
    members: 'm*N:Row#40 -.element-> e*:native"Detached HTMLElement"#40+detached',
    share: 'detachedShare',
    value: 1,
  },
  {
    name: 'are requests of one connection',
    members: 'm*N:Request#40 -.socket-> cN_:Socket#40 -.handle-> hN_:native"TCP"#40',
    share: 'liveHandleShare',
    value: 1 / 48,
  },
  {
    name: 'are detached and no elements',
    members: 'm*N:native"Node / Worker"#40+detached',
    share: 'detachedShare',
    value: 0,
  },
  {
    name: 'have an open connection',
    members: 'm*N:Client#40 -.socket-> s*:Socket#40 -._handle-> t*:TCP#40',
    share: 'liveHandleShare',
    value: 1,
  },
  {
    name: 'have a closed connection',
    members: 'm*N:Client#40 -.socket-> s*:Socket#40',
    share: 'liveHandleShare',
    value: 0,
  },
  {
    name: 'are half native memory',
    members: 'm*N:Buffer#500 -#backing_store-> d*:native"system / JSArrayBufferData"#500',
    share: 'nativeShare',
    value: 0.5,
  },
  {
    name: 'are three quarters parents of slices',
    members: 'm*N:Row#100 -.name-> s*:sliced#100 -#parent-> p*:string"x"#600',
    share: 'slicedShare',
    value: 0.75,
  },
  {
    name: 'keep captured variables',
    members: 'm*N:closure"f"#100<app/a.js:1:1> -#context-> c*:context#100 -$board-> b*:Board#600',
    share: 'capturedShare',
    value: 0.75,
  },
] as const)('members that $name: $share is $value', async ({ members, share, value }) => {
  expect((await profile(members))[share]).toBeCloseTo(value, 5);
});

test('what lives anyway is no part of the members', async () => {
  const { nativeShare, waitingShare } = await profile(
    'm*N:Job#100 -.shared-> old:Slab#50 -#backing_store-> d:native"system / JSArrayBufferData"#90000\nold -.p-> r:hidden"system / PromiseReaction"',
  );
  expect({ nativeShare, waitingShare }).toEqual({ nativeShare: 0, waitingShare: 0 });
});

test('agents that came with the members are counted, each once', async () => {
  expect((await profile('m*N:Socket#40 -.agent-> a*:Agent#90')).ownAgents).toBe(48);
  expect((await profile('m*N:Socket#40 -.agent-> a:Agent#90')).ownAgents).toBe(0);
});

test('variables are listed by how often they are captured', async () => {
  const { captured } =
    await profile(`m*N:closure"f"#40<app/a.js:1:1> -#context-> c*:context#40 -$socket-> s*:Socket#40
    c -$board-> b*:Board#40`);
  expect(captured).toEqual(['socket', 'board']);
});

test('members are recognised by their keys, their class, the functions that they are or call', async () => {
  expect((await profile('m*N:Object#40 -.user-> u*:string"u"\nm -.at-> t*:Date')).keys).toEqual([
    'user',
    'at',
  ]);
  expect((await profile('m*N:Order#40<app/order.js:7:3>')).classes).toEqual([
    { name: 'Order', location: { file: 'app/order.js', line: 7, column: 3 } },
  ]);
  expect((await profile('m*N:closure"go"#40<app/go.js:2:2>')).closures).toEqual([
    { text: 'go()', count: 60, location: { file: 'app/go.js', line: 2, column: 2 } },
  ]);
  const called =
    'm*N:Timeout#40 -._onTimeout-> f*:closure"tick"<app/t.js:5:5>\nm -._run-> r*:closure"run"<node:timers:1:1>';
  expect((await profile(called)).callbacks).toMatchObject([
    { text: 'tick()', location: { file: 'app/t.js', line: 5 } },
  ]);
});

test('the own function that nearly all members lead to is told, one of a library is not', async () => {
  const { ownFunctions } = await profile(
    `m*N:Subscriber#40 -.next-> w*:closure"wrap"#32<node_modules/rx/index.js:7:1> -#context-> c*:context -$fn-> f*:closure"onTick"#32<app/quotes.js:18:26>`,
  );
  expect(ownFunctions).toMatchObject([{ file: 'app/quotes.js', line: 18 }]);
});
