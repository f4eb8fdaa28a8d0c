import { expect, test } from 'vitest';
import { chain, SERVICE, series } from '../../../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';

const STEADY = [50, 100, 150];

/** The runtime's lists of timers, one a duration. */
const LISTS = `
  ${SERVICE}
  global -.setTimeout-> start:closure"setTimeout"#64<node:timers:128:1> -#context-> timers:context -$timerListMap-> map
  map -[1000]-> list:TimersList#72
`;
const callback = (nth: number, prefix = ''): string =>
  `:Timeout#120 -._onTimeout-> ${prefix}tick${nth}_:closure"poll"#56<app/poller.js:8:30> -#context-> ${prefix}scope${nth}_:context -$poller-> ${prefix}poller${nth}_:Poller#800`;

const leaks = [
  {
    name: 'an interval for each device is never cleared',
    dumps: series(
      STEADY,
      (n) => `
      ${LISTS}
      ${chain('list', '-._idleNext->', 't', n, (nth) => callback(nth))}
      list -._idlePrev-> t${n - 1}_`,
    ),
    leak: {
      title: 'Timers are started and never cleared',
      location: { file: 'app/poller.js', line: 8, role: 'adds' },
      growth: { objects: 100 },
    },
  },
  {
    name: 'timers of many durations, a list for each',
    dumps: series(
      [40, 80, 120],
      (n) => `
      ${LISTS}
      ${Array.from({ length: n }, (_, ms) => `map -[${ms + 2000}]-> list${ms}_:TimersList#72 -._idleNext-> x${ms}_${callback(ms)}`).join('\n')}`,
    ),
    leak: { title: 'Timers are started and never cleared', growth: { objects: 80 } },
  },
];

test.each(leaks)('leaks: $name', async ({ dumps, leak }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toMatchObject([{ pattern: 'timer-leak', ...leak }]);
});

const clean = [
  {
    name: 'timers that fire and are set again: other timers in each dump, as many as before',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${LISTS}
      ${chain('list', '-._idleNext->', name, 120, (nth) => callback(nth, name))}`,
    ),
  },
  {
    name: 'intervals that were all there from the start',
    dumps: series(
      [1, 2, 3],
      (n) => `
      ${LISTS}
      scope -$counter-> counter:number"heap number"#${16 * n}
      ${chain('list', '-._idleNext->', 't', 120, (nth) => callback(nth))}`,
    ),
  },
  {
    name: 'a burst of timers that is over by the last dump',
    dumps: series(
      [5, 200, 5],
      (n) => `
      ${LISTS}
      ${chain('list', '-._idleNext->', 't', n, (nth) => callback(nth))}`,
    ),
  },
  {
    name: 'one timer for each plugin, started while the program loads',
    dumps: series(
      [10, 160, 160],
      (n) => `
      ${LISTS}
      ${chain('list', '-._idleNext->', 't', n, (nth) => callback(nth))}`,
    ),
  },
  {
    name: 'two dumps with more timers than before',
    dumps: series(
      [50, 150],
      (n) => `
      ${LISTS}
      ${chain('list', '-._idleNext->', 't', n, (nth) => callback(nth))}`,
    ),
  },
];

test.each(clean)('clean: $name', async ({ dumps }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toEqual([]);
});

test('a collection that only a timer knows leaks by itself', async () => {
  const dumps = series(
    STEADY,
    (n) => `
    ${LISTS}
    list -._idleNext-> t:Timeout#120 -._onTimeout-> tick:closure"sample"#56<app/metrics.js:3:13> -#context-> c:context
    c -$samples-> samples:Array#32 -[]-> s*${n}:Sample#200<app/metrics.js:1:1>`,
  );
  expect(leaksOf(await diagnoseDrawn(dumps))).toMatchObject([{ pattern: 'unbounded-collection' }]);
});

test('with the source, the line that starts the timer is named', async () => {
  const dumps = series(
    STEADY,
    (n) => `
    ${LISTS}
    ${chain('list', '-._idleNext->', 't', n, (nth) => callback(nth))}`,
  );
  const code = `export class Poller {
  constructor(device) {
    this.device = device;
    // setInterval(…) used to stand here
  }
  start() {
    this.timer = setInterval(
      () => this.poll(), 1000);
  }
}
`;
  const { findings } = await diagnoseDrawn(dumps, { source: sourceTree({ 'app/poller.js': code }) });
  expect(findings[0]).toMatchObject({ location: { file: 'app/poller.js', line: 7, role: 'adds' } });
});
