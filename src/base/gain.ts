/** What a series gained from its first value to its last. */
export function gain(series: readonly number[]): number {
  return series[series.length - 1]! - series[0]!;
}
