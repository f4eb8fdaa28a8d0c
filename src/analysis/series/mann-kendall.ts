/** The Mann–Kendall test for a monotone trend. Verdicts do not rest on it: autocorrelation makes it cry wolf. */
export interface MannKendall {
  /** Pairs that rise less pairs that fall. */
  readonly s: number;
  /** Standard normal score of `s`, ties and continuity corrected. */
  readonly z: number;
}

export function mannKendall(values: ArrayLike<number>): MannKendall {
  const count = values.length;
  let s = 0;
  for (let from = 0; from < count; from++) {
    for (let to = from + 1; to < count; to++) s += Math.sign(values[to]! - values[from]!);
  }
  const ties = new Map<number, number>();
  for (let at = 0; at < count; at++) ties.set(values[at]!, (ties.get(values[at]!) ?? 0) + 1);
  let variance = count * (count - 1) * (2 * count + 5);
  for (const tied of ties.values()) variance -= tied * (tied - 1) * (2 * tied + 5);
  const sd = Math.sqrt(variance / 18);
  return { s, z: sd === 0 ? 0 : (s - Math.sign(s)) / sd };
}
