import { expect, test } from 'vitest';
import { chain, drawProcess, SERVICE, series } from '../../formats/v8-heapsnapshot/draw-process.ts';
import { diagnose } from '../diagnose.ts';
import { diagnoseDrawn, dumpsOf } from '../testing/diagnose-drawn.ts';

/** The path of the first finding as `via node leaking`. */
async function pathOf(texts: readonly string[]) {
  const { findings } = await diagnoseDrawn(texts);
  return findings[0]!.path.map(({ via, node, leaking }) => `${via} ${node} ${leaking}`.trim());
}
const STEADY = [50, 100, 150];

test('steps are labelled by whether they were there in the first dump', async () => {
  expect(
    await pathOf(
      series(
        STEADY,
        (n) => `${SERVICE}
        scope -$presence-> p:Presence<app/presence.js:4:1> -.clients-> list:Array -[]-> c*${n}:Client#90<app/client.js:2:1> -.x-> x*:X`,
      ),
    ),
  ).toEqual([
    '(GC roots) no',
    '.serve serve() @ app/server.js:10 no',
    'variable presence in app/server.js Presence @ app/presence.js:4 no',
    '.clients Array no',
    expect.stringMatching(/^\[\d+\] Client @ app\/client\.js:2 yes$/),
  ]);
});

test('how the runtime builds Maps is left out, and keys that are data are not shown', async () => {
  const steps = await pathOf(
    series(
      STEADY,
      (n) => `${SERVICE}
      scope -$byUser-> byUser:Object -."jane@example.org"-> sessions:Map -#table-> table:array
      table -#value-> s*${n}:Session#90<app/session.js:2:1>`,
    ),
  );
  expect(steps.join('\n')).not.toMatch(/jane|table|array/);
  expect(steps.slice(-2)).toEqual(['[key] Map no', 'Session @ app/session.js:2 yes']);
});

test('steps of the runtime before the first own step are counted, not shown', async () => {
  const { findings } = await diagnoseDrawn(
    series(
      STEADY,
      (n) => `
      root -[]-> gc:synthetic"(GC roots)" -[]-> handles:synthetic"(Global handles)" -[]-> env:Environment -.a-> b:B -.c-> loader:Loader
      loader -.app-> serve:closure"serve"<app/server.js:10:3> -#context-> scope:context
      scope -$log-> list:Array -[]-> c*${n}:Client#90`,
    ),
  );
  const [root, first] = findings[0]!.path;
  expect(root!.why).toBe('root; 4 steps of the runtime left out');
  expect(first!.node).toBe('serve() @ app/server.js:10');
});

test('each step but the root has a handle that other commands take, and a reason', async () => {
  const { findings } = await diagnoseDrawn(
    series(STEADY, (n) => `${SERVICE}\nscope -$log-> list:Array -[]-> c*${n}:Client#90`),
  );
  for (const step of findings[0]!.path.slice(1)) {
    expect(step.handle).toMatch(/^n-\d+$/);
    expect(step.why).not.toBe('');
  }
});

test('a long path is cut in its middle', async () => {
  const steps = await pathOf(
    series(
      STEADY,
      (n) => `${SERVICE}
      ${chain('scope', '-$deep->', 'd', 1, () => ':D0<app/d.js:1:1>')}
      ${Array.from({ length: 30 }, (_, nth) => `d${nth}_ -.f${nth}-> d${nth + 1}_:D${nth + 1}<app/d.js:${nth + 2}:1>`).join('\n')}
      d30_ -.list-> list:Array -[]-> c*${n}:Client#90`,
    ),
  );
  expect(steps).toHaveLength(14);
  expect(steps[3]).toMatch(/^… \d+ more steps unknown$/);
});

test('between dumps of two processes nothing is known to be old or new', async () => {
  const heap = (n: number) => `${SERVICE}\nscope -$log-> log:Array -[]-> c*${n}:Client#900`;
  const [a] = await drawProcess([heap(100)]);
  const [b] = await drawProcess([`root -.x-> x*30:Other -.y-> y*:Another\n${heap(400)}`]);
  const { findings, sameProcess } = await diagnose(dumpsOf([a!, b!]));
  expect(sameProcess).toBe(false);
  expect(new Set(findings[0]!.path.slice(1).map((step) => step.leaking))).toEqual(new Set(['unknown']));
});
