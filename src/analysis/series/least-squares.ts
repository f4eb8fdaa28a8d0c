/** A linear fit: one coefficient for each column. */
export interface LeastSquares {
  readonly coefficients: Float64Array;
  /** What the squared standard error of a coefficient is, in units of the residual variance. */
  readonly leverage: Float64Array;
  readonly residuals: Float64Array;
  /** Sum of squared residuals. */
  readonly sse: number;
}

/** Columns whose own part is smaller than this share of theirs are the same as others. */
const SINGULAR = 1e-10;

/**
 * Ordinary least squares by normal equations and Cholesky. Columns should be of like size (times from 0 to 1).
 * Null when the columns do not determine the coefficients.
 */
export function leastSquares(columns: readonly Float64Array[], values: Float64Array): LeastSquares | null {
  const size = columns.length;
  const count = values.length;
  if (count < size) return null;
  const lower = columns.map((row, i) =>
    Float64Array.from({ length: size }, (_, j) => (j <= i ? dot(row, columns[j]!) : 0)),
  );
  for (let i = 0; i < size; i++) {
    const row = lower[i]!;
    const whole = row[i]!;
    for (let j = 0; j <= i; j++) {
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * lower[j]![k]!;
      if (i === j) {
        if (!(sum > SINGULAR * whole)) return null;
        row[i] = Math.sqrt(sum);
      } else row[j] = sum / lower[j]![j]!;
    }
  }
  const coefficients = solve(
    lower,
    Float64Array.from(columns, (column) => dot(column, values)),
  );
  const leverage = Float64Array.from(columns, (_, at) => {
    const unit = new Float64Array(size);
    unit[at] = 1;
    return solve(lower, unit)[at]!;
  });
  const residuals = Float64Array.from(values);
  columns.forEach((column, at) => {
    for (let i = 0; i < count; i++) residuals[i]! -= coefficients[at]! * column[i]!;
  });
  return { coefficients, leverage, residuals, sse: dot(residuals, residuals) };
}

function solve(lower: readonly Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  const result = Float64Array.from(right);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) result[i]! -= lower[i]![k]! * result[k]!;
    result[i]! /= lower[i]![i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) result[i]! -= lower[k]![i]! * result[k]!;
    result[i]! /= lower[i]![i]!;
  }
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
