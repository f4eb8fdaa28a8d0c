import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confirmedGrowth } from './confirmed-growth.ts';
import { intervalText, restartInterval } from './restart-interval.ts';

const MB = 1e6;
const rate = { value: 40 * MB, low: 30 * MB, high: 50 * MB };

describe('the restart interval', () => {
  test('is the way from a fresh process to the safe share of the limit, at the fastest rate that the data allow', () => {
    const { hours, likelyHours, restartAtBytes, betweenWorkersHours } = restartInterval({
      ratePerHour: rate,
      limitBytes: 512 * MB,
      floorBytes: 109.6 * MB,
      workers: 2,
    });
    expect(restartAtBytes).toBeCloseTo(409.6 * MB);
    expect(hours).toBeCloseTo(6);
    expect(likelyHours).toBeCloseTo(7.5);
    expect(betweenWorkersHours).toBeCloseTo(3);
  });

  test('does not exist where a fresh process is too near to the limit already', () => {
    const { hours, says } = restartInterval({
      ratePerHour: rate,
      limitBytes: 512 * MB,
      floorBytes: 450 * MB,
    });
    expect(hours).toBeNull();
    expect(says[0]).toContain('88 % of the limit already');
  });

  test('takes the rate of the end where growth accelerates, and says that it gets shorter', () => {
    const accelerating = { levelBytes: 400 * MB, hoursLow: 1 };
    const { hours, says } = restartInterval({
      ratePerHour: rate,
      limitBytes: 500 * MB,
      floorBytes: 100 * MB,
      accelerating,
    });
    expect(hours).toBeCloseTo(3);
    expect(says[0]).toContain('gets shorter');
  });

  test('always says that it fixes nothing', () => {
    expect(restartInterval({ ratePerHour: rate, limitBytes: 1, floorBytes: 0 }).says.at(-1)).toContain(
      'fixes nothing',
    );
  });

  test('a process that leaks as fast as the interval allows is restarted before the limit', () => {
    const size = fc.double({ min: 1, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(size, size, size, size, (value, more, limitBytes, floorBytes) => {
        const high = value + more;
        const { hours } = restartInterval({ ratePerHour: { value, low: 0, high }, limitBytes, floorBytes });
        if (hours === null) expect(floorBytes).toBeGreaterThanOrEqual(limitBytes * 0.8);
        else expect(floorBytes + high * hours).toBeLessThan(limitBytes);
      }),
    );
  });

  test('is written without rounding up', () => {
    expect([0.01, 0.99, 6, 6.6666, 24.99, 50.5].map(intervalText)).toEqual([
      'less than a minute',
      '59 min',
      '6 h',
      '6 h 39 min',
      '24 h 59 min',
      '2 d 2 h',
    ]);
  });
});

describe('numbers of stanch confirm', () => {
  const document = {
    schema: 'stanch/confirm@1',
    metric: 'rss',
    verdict: 'leak',
    unit: 'bytes',
    shape: 'restart-loop',
    ratePerHour: rate,
    timeToLimit: { limitBytes: 512 * MB, hours: 3, low: 2, high: null },
    restarts: [{ at: new Date(2000).toISOString() }, { at: new Date(4000).toISOString() }],
    floor: {
      times: [0, 1000, 2000, 3000, 4000, 5000],
      values: [90, 200, 110, 210, 120, 220].map((each) => each * MB),
    },
  };
  const given = { limitBytes: null, floorBytes: null, workers: 1 };

  test('the floor is the highest level that a life began with', () => {
    const growth = confirmedGrowth(document, given);
    expect(growth).toMatchObject({
      basis: { floorBytes: 120 * MB, limitBytes: 512 * MB, accelerating: null },
    });
  });

  test('without restarts it is the first level, and that is said', () => {
    expect(confirmedGrowth({ ...document, restarts: [] }, given)).toMatchObject({
      basis: { floorBytes: 90 * MB },
      floorFrom: expect.stringContaining('may not be that of a fresh process'),
    });
  });

  test.each([
    [{ verdict: 'no-leak', ratePerHour: null }, 'says no-leak'],
    [{ unit: 'count' }, 'in count'],
    [{ timeToLimit: null }, '--limit'],
    [{ floor: null }, '--floor'],
    [{ schema: 'stanch/verify@1' }, 'no answer of stanch confirm'],
  ])('%o gives none, and why', (change, why) => {
    expect(confirmedGrowth({ ...document, ...change }, given)).toMatchObject({
      basis: null,
      why: expect.stringContaining(why),
    });
  });

  test('anything else than an object is no answer', () => {
    for (const value of [null, 3, 'x', []]) expect(confirmedGrowth(value, given).basis).toBeNull();
  });
});
