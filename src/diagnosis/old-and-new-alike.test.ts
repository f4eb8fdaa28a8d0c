import { expect, test } from 'vitest';
import { SERVICE, series } from '../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, leaksOf } from './testing/diagnose-drawn.ts';

const LISTS = `
  ${SERVICE}
  global -.setTimeout-> start:closure"setTimeout"#64<node:timers:128:1> -#context-> timers:context -$timerListMap-> map
`;

test('what an old timer leads to is not held by the timers that are there at the moment', async () => {
  // An http server checks its connections by a timer of its own, and each request in flight has one as well.
  const diagnosis = await diagnoseDrawn(
    series(
      [100, 150, 200],
      (n) => `
      ${LISTS}
      map -[30000]-> slow:TimersList#72 -._idleNext-> own:Timeout#120 -._onTimeout-> check:closure"check"#64<node:_http_server:1:1>
      check -#bound_this-> server:Server#200 -.app-> app:App#100<app/app.js:1:1> -.sessions-> sessions:Map -#table-> table:array#64
      table -#value-> s*${n}:Session#2000<app/session.js:3:1>
      map -[50]-> quick:TimersList#72 -._idleNext-> t*${n / 5}:Timeout#120`,
    ),
  );
  const [leak] = leaksOf(diagnosis);
  expect(leak).toMatchObject({ pattern: 'unbounded-collection', growth: { objects: 100 } });
  expect(leak?.owner).toContain('App.sessions');
  expect(leak?.growth.bytes).toBeGreaterThan(190_000);
});

test('what the service keeps hangs from the service, not from the request that is in flight', async () => {
  const diagnosis = await diagnoseDrawn(
    series(
      [100, 150, 200],
      (n) => `
      root -!1-> global:global
      global -.load-> load:closure"load"#64<app/server.js:10:3> -#shared-> info:code -#script_or_debug_info-> script:code
      script -#context-> scope:context#64 -$sessions-> sessions:Map -#table-> table:array#64
      table -#value-> s*${n}:Session#2000<app/session.js:3:1>
      global -.current-> request${n}_:Request#80<app/request.js:1:1> -.sessions-> sessions
      request${n}_ -.seen-> seen${n}_*${n / 10}:Seen#20`,
    ),
  );
  expect(leaksOf(diagnosis)).toMatchObject([{ pattern: 'unbounded-collection', growth: { objects: 100 } }]);
  expect(leaksOf(diagnosis)[0]?.owner).not.toContain('Request');
  expect(
    leaksOf(diagnosis)[0]
      ?.path.map(({ node }) => node)
      .join(),
  ).not.toContain('Request');
});

test('an object that serves as a map is one holder, though its keys are in a store of their own', async () => {
  const diagnosis = await diagnoseDrawn(
    series(
      [100, 150, 200],
      (n) => `
      ${SERVICE}
      scope -$byUrl-> cache:Object#28 -#properties-> store:array#${n * 24}
      ${Array.from({ length: n }, (_, at) => `cache -."/p?q=${at}"-> e${at}_:Entry#100<app/cache.js:4:1>\nstore -[${at}]-> k${at}_:string"/p?q=${at}"#40`).join('\n')}`,
    ),
  );
  const [leak] = leaksOf(diagnosis);
  expect(leak?.growth).toMatchObject({ objects: 100, holders: 1 });
  expect(leak?.owner).not.toContain('of them');
});
