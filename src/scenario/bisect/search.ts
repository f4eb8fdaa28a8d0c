/** What a commit turned out to be. */
export type Tested = 'clean' | 'leak' | 'skipped';

export interface SearchResult {
  /** The first that leaks; several when those before it could not be tested. */
  readonly suspects: readonly number[];
  readonly tested: number;
}

/**
 * Finds the first of a row that leaks, where the first does not and the last does, with about as many tests as the row has binary digits.
 * Those that cannot be tested are gone around.
 *
 * @param count how many there are; 0 is known to be clean and the last to leak
 */
export async function firstThatLeaks(
  count: number,
  test: (index: number) => Promise<Tested>,
): Promise<SearchResult> {
  const skipped = new Set<number>();
  let clean = 0;
  let leaks = count - 1;
  let tested = 0;
  for (;;) {
    const next = nextOf(clean, leaks, skipped);
    if (next === null) break;
    tested++;
    const found = await test(next);
    if (found === 'skipped') skipped.add(next);
    else if (found === 'leak') leaks = next;
    else clean = next;
  }
  return { suspects: Array.from({ length: leaks - clean }, (_, at) => clean + 1 + at), tested };
}

/** The one nearest to the middle between both that was not skipped; null when none is left. */
function nextOf(clean: number, leaks: number, skipped: ReadonlySet<number>): number | null {
  const middle = (clean + leaks) >> 1;
  for (let apart = 0; apart < leaks - clean; apart++) {
    for (const index of [middle + apart, middle - apart]) {
      if (index > clean && index < leaks && !skipped.has(index)) return index;
    }
  }
  return null;
}
