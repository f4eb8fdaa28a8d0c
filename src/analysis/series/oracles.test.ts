import fc from 'fast-check';
import {
  linearRegression,
  medianAbsoluteDeviation,
  median as medianOf,
  sampleCorrelation,
  standardDeviation,
} from 'simple-statistics';
import { describe, expect, test } from 'vitest';
import { leastSquares } from './least-squares.ts';
import { mannKendall } from './mann-kendall.ts';
import { differences, median, robustSd, theilSenSlope } from './robust.ts';
import { fitTrend } from './trend-fit.ts';

const values = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 3, maxLength: 40 });

describe('against simple-statistics', () => {
  test('the median and the spread from it', () => {
    fc.assert(
      fc.property(values, (list) => {
        expect(median(list)).toBeCloseTo(medianOf(list), 6);
        expect(robustSd(list)).toBeCloseTo(1.4826 * medianAbsoluteDeviation(list), 5);
      }),
    );
  });

  test('least squares of one column is the line of regression', () => {
    fc.assert(
      fc.property(values, (list) => {
        const { m, b } = linearRegression(list.map((value, at) => [at, value]));
        const x = Float64Array.from(list, (_, at) => at);
        const fit = leastSquares([x.map(() => 1), x], Float64Array.from(list))!;
        expect(fit.coefficients[0]! - b).toBeCloseTo(0, 3);
        expect(fit.coefficients[1]! - m).toBeCloseTo(0, 4);
        // What is left goes with nothing: no further line lessens it.
        const spread = standardDeviation([...fit.residuals]);
        if (spread > 1) expect(Math.abs(sampleCorrelation([...x], [...fit.residuals]))).toBeLessThan(1e-6);
      }),
    );
  });

  test('a trend through noise that forgets is the line of regression, too', () => {
    const wave = Array.from(
      { length: 200 },
      (_, at) => 3 * at + 40 * Math.sin(at * 12.9898) * Math.cos(at * 78.233),
    );
    const { m } = linearRegression(wave.map((value, at) => [at, value]));
    const fit = fitTrend(
      Float64Array.from(wave, (_, at) => at),
      Float64Array.from(wave),
    )!;
    expect(Math.abs(fit.slope - m)).toBeLessThan(fit.error);
    expect(fit.low).toBeLessThan(3);
    expect(fit.high).toBeGreaterThan(3);
  });
});

describe('against the definition', () => {
  test('Mann–Kendall: every pair counted by itself', () => {
    fc.assert(
      fc.property(values, (list) => {
        let s = 0;
        for (let i = 0; i < list.length; i++)
          for (let j = i + 1; j < list.length; j++) s += Math.sign(list[j]! - list[i]!);
        expect(mannKendall(list).s).toBe(s);
      }),
    );
  });

  test('Theil–Sen: the median of the slopes of all pairs, which adding a line shifts by its slope', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: -50, max: 50 }), (list, slope) => {
        const times = list.map((_, at) => at);
        const plain = theilSenSlope(times, list);
        const tilted = theilSenSlope(
          times,
          list.map((value, at) => value + slope * at),
        );
        expect(tilted - plain).toBeCloseTo(slope, 6);
        if (list.length === 3)
          expect(plain).toBeCloseTo(medianOf([...differences(list), (list[2]! - list[0]!) / 2]), 6);
      }),
    );
  });
});
