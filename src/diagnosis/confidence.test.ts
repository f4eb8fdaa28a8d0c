import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ConfidenceInput, confidenceOf, LEAK_CONFIDENCE } from './confidence.ts';
import { trendOf } from './trend.ts';

const clearLeak: ConfidenceInput = {
  trend: 'steady',
  series: [0, 100, 200],
  sameProcess: true,
  author: 'user',
  fit: 0.95,
  gained: 200,
  inSource: true,
  neverRemoved: true,
  liveHandleShare: 0,
  knownWhy: null,
  shareOfGrowth: 0.9,
};
const share = fc.double({ min: 0, max: 1, noNaN: true });
const anyInput = fc
  .record({
    series: fc.array(fc.nat(100_000), { minLength: 2, maxLength: 8 }),
    sameProcess: fc.boolean(),
    author: fc.constantFrom('user' as const, 'library' as const, 'runtime' as const),
    fit: share,
    inSource: fc.boolean(),
    neverRemoved: fc.boolean(),
    liveHandleShare: share,
    knownWhy: fc.constantFrom(null, 'a free list'),
    shareOfGrowth: share,
  })
  .map(
    (input): ConfidenceInput => ({
      ...input,
      trend: trendOf(input.series),
      gained: input.series[input.series.length - 1]! - input.series[0]!,
    }),
  );

test('two dumps, or dumps of two processes, are never enough for a leak', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { value } = confidenceOf(input);
      if (input.series.length < 3 || !input.sameProcess) expect(value).toBeLessThan(LEAK_CONFIDENCE);
    }),
    { numRuns: 2000 },
  );
  expect(confidenceOf({ ...clearLeak, trend: 'once', series: [0, 5000], gained: 5000 }).value).toBeLessThan(
    LEAK_CONFIDENCE,
  );
  expect(confidenceOf({ ...clearLeak, sameProcess: false }).value).toBeLessThan(LEAK_CONFIDENCE);
});

test('confidence is never naught and never certainty', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { value } = confidenceOf(input);
      expect(value).toBeGreaterThanOrEqual(0.02);
      expect(value).toBeLessThanOrEqual(0.97);
    }),
  );
});

test('what grew in each interval, in the own code, is a leak; the reasons say so', () => {
  const { value, reasons, against } = confidenceOf(clearLeak);
  expect(value).toBeGreaterThanOrEqual(0.9);
  expect(reasons).toEqual([
    'it grew in each of 2 intervals',
    'it grew by about as much in each interval',
    "the owner is in the service's own code",
    '200 more entries are too many for chance',
    'the line that adds them was found in the source',
    'no line of the source takes them out again',
    'it is 90 % of all growth',
  ]);
  expect(against).toEqual([]);
});

test.each([
  { trend: 'stopped', series: [0, 200, 200] },
  { trend: 'slowing', series: [0, 180, 200] },
  { trend: 'late', series: [0, 0, 200] },
] as const)('growth that is $trend is no leak without better evidence', ({ trend, series }) => {
  const plain = { ...clearLeak, inSource: false, neverRemoved: false, author: 'runtime' as const };
  expect(confidenceOf({ ...plain, trend, series }).value).toBeLessThan(LEAK_CONFIDENCE);
});

test('growth that stopped is no leak whatever else speaks for it', () => {
  expect(confidenceOf({ ...clearLeak, trend: 'stopped', series: [0, 200, 200] }).value).toBeLessThan(
    LEAK_CONFIDENCE,
  );
});

test('a fourth and a fifth dump raise the confidence', () => {
  const plain = {
    ...clearLeak,
    inSource: false,
    neverRemoved: false,
    shareOfGrowth: 0,
    author: 'runtime' as const,
  };
  const values = [
    [0, 100, 200],
    [0, 100, 200, 300],
    [0, 100, 200, 300, 400],
  ].map((series) => confidenceOf({ ...plain, series }).value);
  expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
});

test.each([
  { change: { liveHandleShare: 0.9 }, text: '90 % of the members belong to an open connection' },
  { change: { knownWhy: 'a free list' }, text: 'a free list' },
  { change: { sameProcess: false }, text: 'the dumps are of different processes' },
  { change: { author: 'runtime' as const }, text: "could not be followed into the service's own code" },
  { change: { series: [0, 200] }, text: 'two dumps cannot tell' },
])('what speaks against it is said: $text', ({ change, text }) => {
  const { value, against } = confidenceOf({ ...clearLeak, ...change });
  expect(against.join('; ')).toContain(text);
  expect(value).toBeLessThan(confidenceOf(clearLeak).value);
});
