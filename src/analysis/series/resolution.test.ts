import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coarseStep, unrounded } from './resolution.ts';

const count = (length: number): number[] => Array.from({ length }, (_, at) => at);

describe('rounded values', () => {
  test('whole steps of a slow rise are seen as rounding, fine or noisy values are not', () => {
    const slow = Float64Array.from(count(600), (at) => Math.round(at / 40) * 10);
    expect(coarseStep(slow)).toBe(10);
    expect(coarseStep(Float64Array.from(count(600), (at) => at * 1.37 + Math.sin(at)))).toBe(0);
    expect(coarseStep(Float64Array.from(count(600), () => 7))).toBe(0);
    // Noise wider than a step has rounded nothing away.
    expect(coarseStep(Float64Array.from(count(600), (at) => Math.round(50 * Math.sin(at * 12.9898))))).toBe(
      0,
    );
  });

  test('a line that was rounded comes back within half a step of what was given', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.02, max: 0.4, noNaN: true }),
        fc.integer({ min: 1, max: 50 }),
        (slope, step) => {
          const times = Float64Array.from(count(400));
          const given = times.map((time) => Math.round((time * slope * step) / step) * step);
          const back = unrounded(times, given, step);
          for (let at = 0; at < 400; at++)
            expect(Math.abs(back[at]! - given[at]!)).toBeLessThanOrEqual(step / 2 + 1e-9);
          // Between the middles of its runs it is the line itself, so that it never falls.
          for (let at = 1; at < 400; at++) expect(back[at]!).toBeGreaterThanOrEqual(back[at - 1]! - 1e-9);
        },
      ),
      { numRuns: 50 },
    );
  });
});
