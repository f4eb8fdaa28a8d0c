const MAX_CANDIDATES = 20_000;

/** The candidate most like `wanted`, or null when none is near: another case, a part of it, or two slips away. */
export function similarTo(wanted: string, candidates: readonly string[]): string | null {
  const lower = wanted.toLowerCase();
  let best: string | null = null;
  let bestScore = Math.max(1, Math.min(3, Math.floor(wanted.length / 3))) + 1;
  for (const candidate of candidates.slice(0, MAX_CANDIDATES)) {
    const other = candidate.toLowerCase();
    const score = other === lower ? 0 : other.startsWith(lower) ? 1 : slips(lower, other, bestScore);
    if (score < bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

/** Letters to add, drop or change (Levenshtein); `limit` when there are more. */
function slips(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return Math.min(limit, row[b.length]!);
}
