import { expect, test } from 'vitest';
import { chain, SERVICE, series } from '../../../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';

const STEADY = [50, 100, 150];
const REACTION = ':hidden"system / PromiseReaction"#40';

/** One promise with a list of reactions, each with the suspended function that waits. */
const gate = (count: number, prefix = ''): string => `
  ${SERVICE}
  scope -$gate-> gate:Gate#40 -.opened-> opened:Promise#48
  ${chain('opened', '-#reactions_or_result->', `${prefix}first`, 1, () => `${REACTION}`)}
  ${chain(`${prefix}first0_`, '-~0->', `${prefix}r`, count, (nth) => `${REACTION} -~1-> ${prefix}resume${nth}_:closure""#56 -#context-> ${prefix}c${nth}_:context#40 -#extension-> ${prefix}job${nth}_:Generator#600`)}`;

/** A Map of what waits: an object with the resolve function, and the promise that the caller awaits. */
const waiters = (group: string): string => `
  ${SERVICE}
  scope -$client-> client:RpcClient#60 -.pending-> pending:Map#32 -#table-> table:array#100 -#value-> ${group}:Object#40
`;

const leaks = [
  {
    name: 'every request awaits one promise that nobody settles',
    dumps: series(STEADY, (n) => gate(n)),
    leak: { title: 'Ever more code waits for one promise that is never settled', growth: { objects: 100 } },
  },
  {
    name: 'calls whose answer never comes stay in a Map with their promises',
    dumps: series(
      STEADY,
      (n) => `
      ${waiters(`w*${n}`)}
      w -.promise-> p*:Promise#48 -#reactions_or_result-> r*${REACTION}
      r -~1-> resume*:closure""#56 -#context-> c*:context#40 -#extension-> caller*:Generator#500`,
    ),
    leak: { title: 'Promises wait in a collection and are never settled', growth: { objects: 100 } },
  },
];

test.each(leaks)('leaks: $name', async ({ dumps, leak }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toMatchObject([{ pattern: 'pending-promise', ...leak }]);
});

const clean = [
  {
    name: 'calls are answered: other waiters in each dump, as many as before',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${waiters(`${name}*120`)}
      ${name} -.promise-> p${name}*:Promise#48 -#reactions_or_result-> r${name}*${REACTION}`,
    ),
  },
  {
    name: 'as much code as before waits for the promise that is next',
    dumps: ['a', 'b', 'c'].map((name) => gate(80, name)),
  },
  {
    name: 'a backlog that is worked off by the last dump',
    dumps: series(
      [10, 300, 12],
      (n) => `
      ${waiters(`w*${n}`)}
      w -.promise-> p*:Promise#48 -#reactions_or_result-> r*${REACTION}`,
    ),
  },
  {
    name: 'workers that each wait for their next job, all started by the second dump',
    dumps: series([8, 200, 200], (n) => gate(n)),
  },
  {
    name: 'two dumps with more waiters than before',
    dumps: series(
      [50, 150],
      (n) => `
      ${waiters(`w*${n}`)}
      w -.promise-> p*:Promise#48 -#reactions_or_result-> r*${REACTION}`,
    ),
  },
];

test.each(clean)('clean: $name', async ({ dumps }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toEqual([]);
});

test('settled promises in a Map are an unbounded collection: nobody waits', async () => {
  const dumps = series(
    STEADY,
    (n) => `
    ${SERVICE}
    scope -$memo-> memo:Map#32 -#table-> table:array#100
    table -#key-> key*${n}:string"url"#40
    table -#value-> p*${n}:Promise#48 -#reactions_or_result-> page*:Page#2000`,
  );
  expect(leaksOf(await diagnoseDrawn(dumps))).toMatchObject([{ pattern: 'unbounded-collection' }]);
});

test('with the source, the line that waits is named', async () => {
  const source = sourceTree({
    'app/server.js': 'const gate = new Gate();\nexport async function serve() {\n  await gate.opened;\n}\n',
  });
  const { findings } = await diagnoseDrawn(
    series(STEADY, (n) => gate(n)),
    { source },
  );
  expect(findings[0]!.location).toMatchObject({ file: 'app/server.js', line: 3, role: 'adds' });
});
