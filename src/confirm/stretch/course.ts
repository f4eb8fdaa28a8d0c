import { effectiveCount } from '../../analysis/series/knots.ts';
import { leastSquares } from '../../analysis/series/least-squares.ts';

/** How a rise that slows down goes on: with the logarithm of time, or as a warm-up with an even rise beneath it. */
export type Course = 'logarithm' | 'even' | null;

/** Time constants to try, as shares of the view. */
const SCALES = [0.003, 0.006, 0.0125, 0.025, 0.05, 0.1, 0.2, 0.4];
/** One course must fit so much better than the other (F of one more column). */
const CLEARLY = 12;
const LEAST_POINTS = 16;

/**
 * Allocators that fragment and caches of rare things grow with the logarithm of time: near its end such a curve looks as even as a
 * leak. The whole of it from the start tells them apart.
 *
 * @param x hours from the start of the process
 */
export function courseOf(x: Float64Array, values: Float64Array): Course {
  const count = x.length;
  if (count < LEAST_POINTS) return null;
  const span = x[count - 1]! - x[0]!;
  const since = x.map((hour) => (hour - x[0]!) / span);
  const one = new Float64Array(count).fill(1);
  const best = (columns: (scale: number) => Float64Array[]): { sse: number; isRising: boolean } =>
    SCALES.map((scale) => leastSquares([one, ...columns(scale)], values))
      .map((fit) => ({
        sse: fit?.sse ?? Number.POSITIVE_INFINITY,
        isRising: (fit?.coefficients[1] ?? 0) > 0,
      }))
      .reduce((a, b) => (b.sse < a.sse ? b : a));
  const logarithm = best((scale) => [since.map((share) => Math.log1p(share / scale))]);
  const even = best((scale) => [since, since.map((share) => 1 - Math.exp(-share / scale))]);
  const rest = Math.max(even.sse, 1e-12 * logarithm.sse) / (count - 4);
  if (!even.isRising || logarithm.sse <= even.sse) return logarithm.isRising ? 'logarithm' : null;
  return (logarithm.sse - even.sse) / rest > CLEARLY ? 'even' : null;
}

/** Whether the logarithm of time fits so much better than a line that chance does not make it, and most of what it brings has come. */
export function growsLikeLogarithm(x: Float64Array, values: Float64Array): boolean {
  const count = x.length;
  if (count < LEAST_POINTS) return false;
  const span = x[count - 1]! - x[0]!;
  const since = x.map((hour) => (hour - x[0]!) / span);
  const one = new Float64Array(count).fill(1);
  const line = leastSquares([one, since], values);
  if (!line) return false;
  return SCALES.slice(0, EARLY_SCALES).some((scale) => {
    const fit = leastSquares([one, since.map((share) => Math.log1p(share / scale))], values);
    if (!fit || !((fit.coefficients[1] ?? 0) > 0)) return false;
    const variance = Math.max(fit.sse, 1e-12 * line.sse) / Math.max(1, effectiveCount(fit.residuals) - 3);
    return (line.sse - fit.sse) / variance > CLEARLY;
  });
}

/** Scales at which half of a view's rise is over in its first fifth. */
const EARLY_SCALES = 5;
