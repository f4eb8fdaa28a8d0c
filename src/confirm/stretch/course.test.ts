import { expect, test } from 'vitest';
import { courseOf } from './course.ts';

const x = Float64Array.from({ length: 48 }, (_, at) => at);
const noise = (at: number): number => 0.3 * Math.sin(at * 12.9898) * Math.cos(at * 78.233);

test.each([
  ['fragmentation', 'logarithm', (hour: number) => 400 + 60 * Math.log1p(hour / 4)],
  [
    'a warm-up with a leak beneath',
    'even',
    (hour: number) => 400 + 80 * (1 - Math.exp(-hour / 2)) + 3 * hour,
  ],
  [
    'a slow warm-up with a leak beneath',
    'even',
    (hour: number) => 400 + 80 * (1 - Math.exp(-hour / 6)) + 5 * hour,
  ],
])('%s goes on with: %s', (_, expected, value) => {
  expect(
    courseOf(
      x,
      x.map((hour, at) => value(hour) + noise(at)),
    ),
  ).toBe(expected);
});

test('few points show no course', () => {
  expect(courseOf(x.subarray(0, 10), x.subarray(0, 10))).toBeNull();
});
