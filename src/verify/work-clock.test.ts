import { describe, expect, test } from 'vitest';
import { seriesFrom } from '../model/series.ts';
import type { SeriesSide } from './series-side.ts';
import { Draws } from './testing/draws.ts';
import { verifySeries } from './verify-series.ts';
import { onWorkClock } from './work-clock.ts';

const MINUTE = 60_000;
const MIB = 2 ** 20;

/** A service whose every operation leaves something behind; how many there are in a minute, `load` says. */
function busy(
  seed: number,
  left: number,
  load: (minute: number) => number,
  { minutes = 180, perMinute = 0 } = {},
): SeriesSide {
  const draws = new Draws(seed);
  const times: number[] = [];
  const memory: number[] = [];
  const total: number[] = [];
  let done = 0;
  for (let minute = 0; minute < minutes; minute++) {
    times.push(minute * MINUTE);
    memory.push(300 * MIB + done * left + minute * perMinute + 0.8 * MIB * draws.normal());
    total.push(done);
    done += load(minute) * draws.between(0.5, 1.5);
  }
  return {
    memory: seriesFrom(about('process_resident_memory_bytes', 'bytes', 'gauge'), times, memory),
    others: [seriesFrom(about('http_requests_total', 'count', 'counter'), times, total)],
  };
}

const about = (name: string, unit: 'bytes' | 'count', kind: 'gauge' | 'counter') =>
  ({ name, labels: {}, unit, kind, source: 'made' }) as const;

const EACH = 1000;
const steady = () => 1000;
/** What a machine under other load does to a service: quick at first, and slower and slower. */
const slowing = (minute: number) => 2000 / (1 + minute / 40);
const waves = (minute: number) => 1000 + 900 * Math.sin(minute / 14);

describe.each([
  ['steady', steady],
  ['slowing', slowing],
  ['waves', waves],
])('what operations leave behind, load %s', (_, load) => {
  test('half of it is half, fixed is fixed, all of it is all', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const before = busy(seed, EACH, load);
      const half = verifySeries(before, busy(seed + 100, EACH / 2, load));
      expect(half.verdict, half.missing.join()).toBe('still-leaking');
      expect(Math.abs(half.remaining!.value - 0.5)).toBeLessThan(0.06);
      expect(verifySeries(before, busy(seed + 200, EACH, load)).verdict).toBe('still-leaking');
      expect(verifySeries(before, busy(seed + 300, 0, load)).verdict).toBe('fixed');
    }
  });
});

test('a leak that time drives is seen however the load comes and goes', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const perMinute = EACH * 1000;
    const before = busy(seed, 0, waves, { perMinute });
    const { verdict, clock } = verifySeries(before, busy(seed + 50, 0, waves, { perMinute }));
    expect([verdict, clock]).toEqual(['still-leaking', 'time']);
    // The repair of what operations leave does not hide another leak that time drives.
    const other = verifySeries(busy(seed, EACH, waves), busy(seed + 70, 0, waves, { perMinute }));
    expect(other.verdict).toBe('still-leaking');
  }
});

test('both ends stay where they are, order too, and work makes the line straight', () => {
  const side = busy(3, EACH, slowing);
  const moved = onWorkClock(side)!;
  const { times } = moved.memory;
  expect([times[0], times.at(-1)]).toEqual([side.memory.times[0], side.memory.times.at(-1)]);
  expect(times.length).toBe(side.memory.times.length);
  for (let at = 1; at < times.length; at++) expect(times[at]!).toBeGreaterThan(times[at - 1]!);
  const totals = moved.others![0]!;
  const middle = totals.times.findIndex((time) => time >= times.at(-1)! / 2);
  expect(totals.values[middle]! / totals.values.at(-1)!).toBeCloseTo(0.5, 1);
});

test('without a count of the work there is no such clock', () => {
  const { memory, others } = busy(1, EACH, steady);
  expect(onWorkClock({ memory })).toBeNull();
  expect(onWorkClock({ memory, others: others!, operations: 5 })).toBeNull();
  const late = { ...others![0]!, times: others![0]!.times.slice(90), values: others![0]!.values.slice(90) };
  expect(onWorkClock({ memory, others: [late] })).toBeNull();
  const idle = busy(1, EACH, () => 0);
  expect(onWorkClock(idle)).toBeNull();
});
