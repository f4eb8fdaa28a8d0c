import { expect, test } from 'vitest';
import { SERVICE, series } from '../../../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';

const STEADY = [50, 100, 150];
const seen = `${SERVICE}
  scope -$seen-> seen:Set#32 -#table-> table:array#100
`;

const leaks = [
  {
    name: 'the subject of each mail keeps the whole mail',
    dumps: series(
      STEADY,
      (n) => `
      ${seen}
      table -#member-> subject*${n}:sliced"(sliced string)"#32 -#parent-> mail*:string"From: "#20000`,
    ),
    leak: {
      title: 'Short pieces of text keep the long texts that they were cut from',
      growth: { objects: 100 },
    },
  },
  {
    name: 'the piece is a field of what is kept',
    dumps: series(
      STEADY,
      (n) => `
      ${SERVICE}
      scope -$sessions-> sessions:Array#32 -[]-> session*${n}:Session#60<app/session.js:2:1>
      session -.token-> token*:sliced"(sliced string)"#32 -#parent-> header*:string"Authorization: "#9000`,
    ),
    leak: { title: 'Short pieces of text keep the long texts that they were cut from' },
  },
];

test.each(leaks)('leaks: $name', async ({ dumps, leak }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toMatchObject([{ pattern: 'slice-retention', ...leak }]);
});

const clean = [
  {
    name: 'pieces that go with their request: other ones in each dump, as many as before',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${seen}
      table -#member-> ${name}*90:sliced"(sliced string)"#32 -#parent-> text${name}*:string"From: "#20000`,
    ),
  },
  {
    name: 'all words of one long text',
    dumps: series(
      [1, 2, 3],
      (n) => `
      ${seen}
      scope -$count-> count:number"heap number"#${16 * n}
      table -#member-> word*400:sliced"(sliced string)"#32 -#parent-> dictionary:string"a"#500000`,
    ),
  },
  {
    name: 'a set that holds all names there are by the second dump',
    dumps: series(
      [10, 200, 200],
      (n) => `
      ${seen}
      table -#member-> piece*${n}:sliced"(sliced string)"#32 -#parent-> text*:string"From: "#20000`,
    ),
  },
];

test.each(clean)('clean: $name', async ({ dumps }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toEqual([]);
});

test.each([
  {
    name: 'pieces of texts that are hardly longer',
    members: (n: number) =>
      `row*${n}:Row#200 -.id-> piece*:sliced"(sliced string)"#32 -#parent-> text*:string"x"#48`,
  },
  {
    name: 'slices whose parents are hardly longer',
    members: (n: number) => `piece*${n}:sliced"(sliced string)"#32 -#parent-> text*:string"x"#24`,
  },
  { name: 'pieces that were copied', members: (n: number) => `copy*${n}:string"subject"#40` },
  {
    name: 'pieces of one text that all share',
    members: (n: number) => `piece*${n}:sliced"(sliced string)"#32 -#parent-> text:string"x"#90000`,
  },
])('$name are only an unbounded collection', async ({ members }) => {
  const dumps = series(
    STEADY,
    (n) => `
    ${seen}
    table -#member-> ${members(n)}`,
  );
  expect(leaksOf(await diagnoseDrawn(dumps))).toMatchObject([{ pattern: 'unbounded-collection' }]);
});

test('with the source, the line that keeps the piece is named', async () => {
  const dumps = series(
    STEADY,
    (n) => `
    ${seen}
    table -#member-> subject*${n}:sliced"(sliced string)"#32 -#parent-> mail*:string"From: "#20000`,
  );
  const source = sourceTree({
    'app/server.js':
      'const seen = new Set();\nexport const read = (mail) => {\n  seen.add(mail.slice(9, 40));\n};\n',
  });
  const { findings } = await diagnoseDrawn(dumps, { source });
  expect(findings[0]!.location).toEqual({ file: 'app/server.js', line: 3, role: 'adds' });
});
