import { type LeastSquares, leastSquares } from './least-squares.ts';
import { studentT } from './student-t.ts';

/** A straight line through noise that remembers, with the error that such noise leaves in its slope. */
export interface TrendFit {
  /** Change of the value in one unit of time. */
  readonly slope: number;
  /** Standard error of the slope. */
  readonly error: number;
  /** 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** Slope in units of its error. */
  readonly t: number;
  /** What `t` must pass so that chance gives it in one of 500 series without a trend. */
  readonly critical: number;
  /** Lag-1 autocorrelation of the residuals, corrected for the bias of short series; 0 to 0.995. */
  readonly memory: number;
  /** Line at the first and at the last time, seasons left out. */
  readonly start: number;
  readonly end: number;
  /** Seasonal part at each time; zeros when there is none. */
  readonly season: Float64Array;
  readonly residuals: Float64Array;
  /** Coefficients of the covariates, in their order. */
  readonly covariates: Float64Array;
}

export interface TrendOptions {
  /** Period of a season in units of time; its first and second harmonic are fitted beside the line. */
  readonly period?: number | null;
  /** More columns to be explained away. */
  readonly covariates?: readonly Float64Array[];
}

const MAX_MEMORY = 0.995;
/** The 5 % point of the test for a random walk about a line (MacKinnon 2010, 50 points). */
const WANDERS = -3.5;
/** A part that fades more slowly than this is taken for wandering without end by the test above. */
const SLOWEST = 0.9;
const ONE_IN_500 = 0.998;

/**
 * Generalised least squares with AR(1) errors (Prais–Winsten, memory estimated in turns). As the memory goes to 1 this becomes
 * the test of a random walk's drift: steps and wandering are then not taken for trends, which tests on ranks do.
 * Null when there are too few points for the line.
 */
export function fitTrend(
  times: Float64Array,
  values: Float64Array,
  options: TrendOptions = {},
): TrendFit | null {
  const count = times.length;
  const origin = times[0]!;
  const span = times[count - 1]! - origin;
  const seasonal = seasonColumns(times, options.period ?? null);
  const others = options.covariates ?? [];
  const columns = [
    new Float64Array(count).fill(1),
    Float64Array.from(times, (time) => (time - origin) / span),
    ...seasonal,
    ...others,
  ];
  if (!(span > 0) || count < columns.length + 2) return null;
  const plain = leastSquares(columns, values);
  if (!plain) return null;
  const gaps = gapsOf(times);
  let memory = 0;
  let fit = plain;
  let residuals = plain.residuals;
  for (let turn = 0; turn < 4; turn++) {
    memory = memoryOf(residuals, columns.length);
    const whitened = whiten(columns, values, gaps, memory);
    const next = leastSquares(whitened.columns, whitened.values);
    if (!next) break;
    fit = next;
    residuals = residualsOf(columns, values, fit);
  }
  const degrees = count - columns.length;
  const variance = fit.sse / degrees;
  const slope = fit.coefficients[1]! / span;
  const tiny = (Math.abs(values[0]!) + Math.abs(values[count - 1]!)) * 1e-12;
  const slow = memory < MAX_MEMORY ? slowPart(residuals, memory) : 1;
  const error = (slow * Math.sqrt(variance * fit.leverage[1]!) + tiny) / span;
  const half = studentT(0.975, degrees) * error;
  const season = new Float64Array(count);
  seasonal.forEach((column, at) => {
    for (let i = 0; i < count; i++) season[i]! += fit.coefficients[2 + at]! * column[i]!;
  });
  return {
    slope,
    error,
    low: slope - half,
    high: slope + half,
    t: slope / error,
    critical: studentT(ONE_IN_500, degrees),
    memory,
    start: fit.coefficients[0]!,
    end: fit.coefficients[0]! + fit.coefficients[1]!,
    season,
    residuals,
    covariates: fit.coefficients.slice(2 + seasonal.length),
  };
}

function seasonColumns(times: Float64Array, period: number | null): Float64Array[] {
  if (period === null) return [];
  return [1, 2].flatMap((harmonic) =>
    [Math.cos, Math.sin].map((wave) =>
      Float64Array.from(times, (time) => wave((2 * Math.PI * harmonic * time) / period)),
    ),
  );
}

/** Distances of neighbours in units of the usual one: a gap weakens the memory across it. */
function gapsOf(times: Float64Array): Float64Array {
  const steps = Float64Array.from({ length: times.length - 1 }, (_, at) => times[at + 1]! - times[at]!);
  const usual = Float64Array.from(steps).sort()[steps.length >> 1]!;
  return steps.map((step) => Math.max(1, step / usual));
}

/** Lag-1 autocorrelation; least squares makes it too small by about (columns + 4 × memory) / n (Marriott and Pope 1954). */
function memoryOf(residuals: Float64Array, columns: number): number {
  let product = 0;
  let square = 0;
  for (let at = 0; at < residuals.length; at++) {
    square += residuals[at]! ** 2;
    if (at > 0) product += residuals[at]! * residuals[at - 1]!;
  }
  if (square === 0) return 0;
  const count = residuals.length;
  const plain = product / square;
  const corrected = (plain + columns / count) / Math.max(0.3, 1 - 4 / count);
  // Dickey and Fuller: unless wandering without end can be excluded it is taken for granted.
  const score = (plain - 1) / Math.sqrt(Math.max(0.05, 1 - plain * plain) / count);
  if (score > WANDERS - 0.15 * (columns - 2)) return MAX_MEMORY;
  return Math.max(0, Math.min(MAX_MEMORY, corrected));
}

/**
 * Noise that wanders slowly beside noise that does not remember: together they fade more slowly than the lag-1 correlation says. The
 * factor by which the error is larger then (from the long-run variances of both), at least 1.
 */
function slowPart(residuals: Float64Array, memory: number): number {
  const count = residuals.length;
  if (count < 16) return 1;
  const [r1, r2, r3] = [1, 2, 3].map((lag) => correlationAt(residuals, lag)) as [number, number, number];
  // White noise gives such a sum in one of 400 series.
  if (r1 + r2 < 4 / Math.sqrt(count)) return 1;
  const fading = Math.min(SLOWEST, (Math.max(0, r2) + Math.max(0, r3)) / (Math.max(0, r1) + Math.max(0, r2)));
  if (fading <= memory) return 1;
  const share = Math.min(1, (r1 + r2) / (fading + fading * fading));
  const both = (share * (1 + fading)) / (1 - fading) + 1 - share;
  return Math.sqrt(Math.max(1, both / ((1 + memory) / (1 - memory))));
}

function correlationAt(residuals: Float64Array, lag: number): number {
  let product = 0;
  let square = 0;
  for (let at = 0; at < residuals.length; at++) {
    square += residuals[at]! ** 2;
    if (at >= lag) product += residuals[at]! * residuals[at - lag]!;
  }
  return square === 0 ? 0 : product / square;
}

function whiten(
  columns: readonly Float64Array[],
  values: Float64Array,
  gaps: Float64Array,
  memory: number,
): { columns: Float64Array[]; values: Float64Array } {
  const first = Math.sqrt(1 - memory ** 2);
  const one = (column: Float64Array): Float64Array =>
    column.map((value, at) => {
      if (at === 0) return value * first;
      const kept = memory ** gaps[at - 1]!;
      return ((value - kept * column[at - 1]!) * first) / Math.sqrt(1 - kept ** 2);
    });
  return { columns: columns.map(one), values: one(values) };
}

function residualsOf(
  columns: readonly Float64Array[],
  values: Float64Array,
  fit: LeastSquares,
): Float64Array {
  const residuals = Float64Array.from(values);
  columns.forEach((column, at) => {
    for (let i = 0; i < residuals.length; i++) residuals[i]! -= fit.coefficients[at]! * column[i]!;
  });
  return residuals;
}
