import { expect, test } from 'vitest';
import { chain, SERVICE, series } from '../../../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, leaksOf } from '../../testing/diagnose-drawn.ts';

const STEADY = [50, 100, 150];
const hooks = (functions: string): string => `
  ${SERVICE}
  scope -$hooks-> hooks:Array#32 -[]-> ${functions}
`;

const leaks = [
  {
    name: 'functions in a list keep the boards that they captured',
    dumps: series(
      STEADY,
      (n) => `
      ${hooks(`f*${n}:closure"redraw"#56<app/board.js:14:9>`)}
      f -#context-> c*:context#40 -$board-> board*:Board#5000`,
    ),
    leak: {
      title: 'Functions are kept, and each keeps what it captured (board)',
      location: { file: 'app/board.js', line: 14, role: 'adds' },
      growth: { objects: 100 },
    },
  },
  {
    name: 'each function keeps the scope of the one before',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      scope -$render-> render:closure"render"#56<app/view.js:7:10> -#context-> head:context#40
      ${chain(
        'head',
        '-$previous->',
        'c',
        n,
        (nth) => `:context#40
        c${nth}_ -$data-> data${nth}_:Data#2000`,
      )}`,
    ),
    leak: { title: 'Closures form a chain: each keeps the scope of the one before', growth: { objects: 99 } },
  },
];

test.each(leaks)('leaks: $name', async ({ dumps, leak }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toMatchObject([{ pattern: 'stale-closure', ...leak }]);
});

const clean = [
  {
    name: 'functions that are dropped: other ones in each dump, as many as before',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${hooks(`${name}*100:closure"redraw"#56<app/board.js:14:9>`)}
      ${name} -#context-> c${name}*:context#40 -$board-> board${name}*:Board#5000`,
    ),
  },
  {
    name: 'one function for each route, made while the program starts',
    dumps: series(
      [10, 200, 200],
      (n) => `
      ${hooks(`f*${n}:closure"handle"#56<app/router.js:3:5>`)}
      f -#context-> c*:context#40 -$options-> options*:Object#700`,
    ),
  },
  {
    name: 'a chain of scopes that is as deep as before',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${SERVICE}
      scope -$render-> render:closure"render"#56<app/view.js:7:10> -#context-> head${name}:context#40
      ${chain(`head${name}`, '-$previous->', name, 60, () => ':context#40')}`,
    ),
  },
  {
    name: 'two dumps with more functions than before',
    dumps: series(
      [50, 150],
      (n) => `
      ${hooks(`f*${n}:closure"redraw"#56<app/board.js:14:9>`)}
      f -#context-> c*:context#40 -$board-> board*:Board#5000`,
    ),
  },
];

test.each(clean)('clean: $name', async ({ dumps }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toEqual([]);
});

test.each([
  { name: 'functions that captured next to nothing', captures: 'scope' },
  { name: 'functions that captured what lives anyway', captures: 'shared:context#40' },
])('$name are an unbounded collection', async ({ captures }) => {
  const dumps = series(
    STEADY,
    (n) => `
    ${SERVICE}
    serve -$old-> ${captures}
    ${hooks(`f*${n}:closure"redraw"#56<app/board.js:14:9>`)}
    f -#context-> ${captures}`,
  );
  expect(leaksOf(await diagnoseDrawn(dumps))).toMatchObject([{ pattern: 'unbounded-collection' }]);
});

test('objects with a method of their own are an unbounded collection', async () => {
  const dumps = series(
    STEADY,
    (n) => `
    ${SERVICE}
    scope -$carts-> carts:Array#32 -[]-> cart*${n}:Cart#600<app/cart.js:1:1> -.total-> f*:closure"total"#56<app/cart.js:4:13>`,
  );
  expect(leaksOf(await diagnoseDrawn(dumps))).toMatchObject([{ pattern: 'unbounded-collection' }]);
});
