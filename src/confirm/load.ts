import type { Floor } from '../analysis/series/floor.ts';
import { differences, median } from '../analysis/series/robust.ts';
import { fitTrend, type TrendFit } from '../analysis/series/trend-fit.ts';
import type { StretchContext } from './judgement.ts';

/** What the load says about a trend. */
export interface LoadExplanation {
  /** The trend at equal load, when the load takes part at all. */
  readonly fit: TrendFit | null;
  readonly used: boolean;
  /** What the load makes of each point, beside its middle load. */
  readonly part: Float64Array | null;
  /** True when nothing is left of the trend at equal load. */
  readonly explains: boolean;
  readonly r: number;
  readonly n: number;
}

const LEAST_POINTS = 10;
const LEAST_T = 3.5;

/**
 * Whether memory goes with the load. That is decided on differences only: the levels of two things that trend go together
 * whatever they are. Then the trend is fitted with the load beside it.
 */
export function explainByLoad(
  floor: Pick<Floor, 'times' | 'middles'>,
  x: Float64Array,
  period: number | null,
  context: StretchContext,
): LoadExplanation | null {
  const load = context.load?.(floor.times);
  if (!load || load.length < LEAST_POINTS || load.some((value) => !Number.isFinite(value))) return null;
  const dm = differences(floor.middles);
  const dl = differences(load);
  const r = correlation(dm, dl);
  const n = dm.length;
  const t = r * Math.sqrt((n - 2) / Math.max(1e-9, 1 - r * r));
  if (!(t > LEAST_T)) return { fit: null, used: false, part: null, explains: false, r, n };
  const middle = median(load);
  const scale = Math.max(...load.map((value) => Math.abs(value - middle))) || 1;
  const column = load.map((value) => (value - middle) / scale);
  const alone = fitTrend(x, floor.middles, { period });
  const fit = fitTrend(x, floor.middles, { period, covariates: [column] });
  if (!fit || !alone) return { fit: null, used: false, part: null, explains: false, r, n };
  const was = alone.slope * x.at(-1)!;
  const explains = fit.t < fit.critical || fit.slope < 0.25 * alone.slope;
  const height = fit.covariates[0] ?? 0;
  const part = column.map((value) => value * height);
  return { fit, used: true, part, explains: explains && was > 0 && alone.t > 2, r, n };
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const count = Math.min(a.length, b.length);
  let sa = 0;
  let sb = 0;
  for (let at = 0; at < count; at++) {
    sa += a[at]!;
    sb += b[at]!;
  }
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let at = 0; at < count; at++) {
    const da = a[at]! - sa / count;
    const db = b[at]! - sb / count;
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
