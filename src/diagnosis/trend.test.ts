import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEven, trendOf } from './trend.ts';

test.each([
  { name: 'two dumps show a change, not a course', series: [10, 500], trend: 'once' },
  { name: 'as much in each interval', series: [0, 100, 200, 300], trend: 'steady' },
  { name: 'more in each interval', series: [0, 10, 40, 160], trend: 'steady' },
  { name: 'a small dip in a long rise', series: [0, 100, 95, 200, 300], trend: 'steady' },
  { name: 'a cache that is filled', series: [0, 900, 1000, 1000], trend: 'stopped' },
  { name: 'a trickle after the warm-up', series: [0, 1000, 1010], trend: 'stopped' },
  { name: 'a cache that fills', series: [0, 900, 1000], trend: 'slowing' },
  { name: 'nothing before the last interval', series: [100, 100, 400], trend: 'late' },
  { name: 'a peak that is gone', series: [100, 900, 100], trend: 'none' },
  { name: 'a collection that shrank', series: [500, 400, 300], trend: 'none' },
  { name: 'more than before, though it shrank at the end', series: [100, 900, 700], trend: 'stopped' },
])('$name: $series is $trend', ({ series, trend }) => {
  expect(trendOf(series)).toBe(trend);
});

test('the trend does not depend on the unit of the numbers', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(1000), { minLength: 2, maxLength: 8 }),
      fc.constantFrom(2, 8, 1024),
      (series, factor) => {
        expect(trendOf(series.map((value) => value * factor))).toBe(trendOf(series));
      },
    ),
  );
});

test('what grows by as much in each of three and more dumps is steady and even', () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 3, max: 9 }),
      (start, step, dumps) => {
        const series = Array.from({ length: dumps }, (_, at) => start + at * step);
        expect(trendOf(series)).toBe('steady');
        expect(isEven(series)).toBe(true);
      },
    ),
  );
});

test.each([
  { series: [0, 100, 200], even: true },
  { series: [0, 100, 300], even: true },
  { series: [0, 100, 301], even: false },
  { series: [0, 100, 100], even: false },
  { series: [0, 100, 50, 150], even: false },
])('$series is even: $even', ({ series, even }) => {
  expect(isEven(series)).toBe(even);
});
