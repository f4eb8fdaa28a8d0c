import { expect, test } from 'vitest';
import { SERVICE } from '../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, growthOf } from './testing/diagnose-drawn.ts';

// The example of docs/how-it-works.md: what is said there is so.
const dumps = ['a', 'b', 'c'].map(
  (name, at) => `${SERVICE}
    scope -$sessions-> sessions:Map#32 -#table-> table:array#4000
    table -#key-> user*${[100, 140, 180][at]}:string"user"#24
    table -#value-> session*${[100, 140, 180][at]}:Session#80<app/session.js:3:1> -.cart-> cart*:Array#16
    scope -$recent-> recent:Array#32 -[]-> page${name}*50:Page#400<app/page.js:1:1>
    scope -$settings-> settings:Array#32 -[]-> s*${[10, 60, 60][at]}:Setting#64<app/settings.js:1:1>`,
);

test('the worked example: places and what gathers there', async () => {
  const { census, sites, totalBytes, otherBytes } = await growthOf(dumps);
  expect(totalBytes).toEqual([36_880, 44_880, 49_680]);
  expect(
    sites.map(({ label, shape, objects }) => `${label} ${shape.text} ${objects.join(' ')}`).sort(),
  ).toEqual(['[] Setting 0 50 50', '[key] (string) 0 40 80', '[value] Session 0 40 80']);
  const value = sites.find(({ label }) => label === '[value]')!;
  const steps = census.trie
    .pathTo(value.place)
    .map((step) => `${census.labelOf(step)} ${census.shapeOf(step).text}`);
  expect(steps).toEqual([
    '#1 global',
    '.serve serve()',
    '#context Context {sessions, recent, settings}',
    '$sessions Map',
    '#table (array)',
    '[value] Session',
  ]);
  // The pages are new in each dump, and as many: no growth, whatever their bytes.
  expect(otherBytes).toEqual([20_000, 20_000, 20_000]);
});

test('the worked example: account and verdict', async () => {
  const { findings, growth, harmless, summary } = await diagnoseDrawn(dumps);
  expect(summary).toBe('Leak: 1 cause explains 75 % of the growth (9.60 kB of 12.8 kB).');
  expect(findings).toMatchObject([
    {
      owner: 'sessions (module-level in app/server.js) (Map, 180 entries)',
      growth: { series: [100, 140, 180], bytes: 9600 },
      confidence: 0.86,
    },
  ]);
  expect(harmless).toMatchObject([{ owner: 'settings (module-level in app/server.js)', bytes: 3200 }]);
  expect(growth).toMatchObject({ grownBytes: 12_800, explainedBytes: 9600, unexplained: [{ bytes: 3200 }] });
});
