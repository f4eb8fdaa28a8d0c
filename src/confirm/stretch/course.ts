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
