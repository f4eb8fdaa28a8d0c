const BLOCKS = '▁▂▃▄▅▆▇█';

/** Values as a row of blocks, one for each column: the mean of what falls into it. Columns without values are blank. */
export function sparkline(
  times: readonly number[],
  values: readonly number[],
  columns: number,
): { text: string; low: number; high: number } {
  const sums = new Float64Array(columns);
  const counts = new Float64Array(columns);
  const start = times[0] ?? 0;
  const span = (times.at(-1) ?? start) - start || 1;
  values.forEach((value, at) => {
    const column = Math.min(columns - 1, Math.floor(((times[at]! - start) / span) * columns));
    sums[column]! += value;
    counts[column]! += 1;
  });
  const means = Array.from(sums, (sum, at) => (counts[at]! > 0 ? sum / counts[at]! : Number.NaN));
  // Fewer points than columns: each goes on until the next.
  if (values.length < columns) {
    for (let at = 1; at < columns; at++) if (Number.isNaN(means[at]!)) means[at] = means[at - 1]!;
  }
  const known = means.filter((each) => !Number.isNaN(each));
  const low = Math.min(...known);
  const high = Math.max(...known);
  // A level line within a hundredth of itself is level, not a mountain range.
  const scale = Math.max(high - low, Math.abs(high) * 0.01) || 1;
  const text = means
    .map((mean) =>
      Number.isNaN(mean) ? ' ' : BLOCKS[Math.min(7, Math.floor(((mean - low) / scale) * 7.999))]!,
    )
    .join('');
  return { text, low, high };
}
