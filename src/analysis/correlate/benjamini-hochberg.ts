/**
 * Which of many tests to believe when at most `rate` of the believed ones may be false (Benjamini and Hochberg 1995): the largest k with
 * p(k) ≤ k/m · rate, and all below. Holds for independent and for positively dependent tests.
 *
 * @returns the adjusted p of each test, in the order given; believe those at or below `rate`
 */
export function adjustedP(pValues: readonly number[]): Float64Array {
  const order = pValues.map((_, at) => at).sort((a, b) => pValues[b]! - pValues[a]!);
  const adjusted = new Float64Array(pValues.length);
  let least = 1;
  for (const [rank, at] of order.entries()) {
    const k = pValues.length - rank;
    least = Math.min(least, (pValues[at]! * pValues.length) / k);
    adjusted[at] = least;
  }
  return adjusted;
}
