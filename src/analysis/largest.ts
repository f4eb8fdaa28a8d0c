/** Indexes 0 … count - 1 of the largest values, largest first, at most `limit`. Linear for small limits. */
export function largest(count: number, limit: number, valueAt: (index: number) => number): number[] {
  if (limit <= 0) return [];
  const kept: number[] = [];
  let threshold = Number.NEGATIVE_INFINITY;
  const cut = (): void => {
    kept.sort((a, b) => valueAt(b) - valueAt(a) || a - b);
    kept.length = Math.min(kept.length, limit);
    if (kept.length === limit) threshold = valueAt(kept[limit - 1]!);
  };
  for (let index = 0; index < count; index++) {
    if (valueAt(index) <= threshold) continue;
    kept.push(index);
    if (kept.length >= 4 * limit + 64) cut();
  }
  cut();
  return kept;
}
