import type { Series } from '../model/series.ts';

/** A series thinned for drawing. */
export interface Samples {
  /** Milliseconds since 1970. */
  readonly times: number[];
  readonly values: number[];
  /** So many there were. */
  readonly of: number;
}

/** As many as a chart has columns, twice. */
const MOST = 800;

/**
 * At most 800 points that draw like all of them: of each stretch of time its lowest and its highest point, so that neither the floor after a
 * collection nor a peak is lost; and the first and the last.
 */
export function sampled({ times, values }: Pick<Series, 'times' | 'values'>, most: number = MOST): Samples {
  const count = times.length;
  if (count <= most) return { times: [...times], values: [...values], of: count };
  const stretches = Math.floor((most - 2) / 2);
  const start = times[0]!;
  const span = times[count - 1]! - start;
  const kept = new Set([0, count - 1]);
  for (let nth = 0, at = 0; nth < stretches; nth++) {
    const end = start + (span * (nth + 1)) / stretches;
    let low = -1;
    let high = -1;
    for (; at < count && (times[at]! < end || nth === stretches - 1); at++) {
      if (low < 0 || values[at]! < values[low]!) low = at;
      if (high < 0 || values[at]! > values[high]!) high = at;
    }
    if (low >= 0) kept.add(low).add(high);
  }
  const order = [...kept].sort((a, b) => a - b);
  return { times: order.map((at) => times[at]!), values: order.map((at) => values[at]!), of: count };
}
