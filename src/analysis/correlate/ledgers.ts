import { aboutTheSame, areOpposites, type CountedName, countedName } from './name-pairs.ts';

/** Openings against closings of one kind of thing. */
export interface LedgerPair {
  readonly opened: CountedName;
  readonly closed: CountedName;
  /** A gauge of what is open now, where there is one. */
  readonly active: CountedName | null;
}

/**
 * Finds counters that open and close the same thing by the stems of their names (connect/disconnect, initiated/completed,
 * added/removed …). Each counter is used once, for the partner that shares most words.
 */
export function ledgerPairs(names: readonly string[]): LedgerPair[] {
  const counted = names.map(countedName);
  const candidates: { opened: CountedName; closed: CountedName; shared: number }[] = [];
  for (const opened of counted) {
    for (const closed of counted) {
      if (!areOpposites(opened, closed)) continue;
      candidates.push({ opened, closed, shared: sharedWords(opened, closed) });
    }
  }
  candidates.sort((a, b) => b.shared - a.shared);
  const used = new Set<CountedName>();
  const pairs: LedgerPair[] = [];
  for (const { opened, closed } of candidates) {
    if (used.has(opened) || used.has(closed)) continue;
    used.add(opened).add(closed);
    const active = counted.find((name) => name.role === 'active' && aboutTheSame(name, opened)) ?? null;
    pairs.push({ opened, closed, active });
  }
  return pairs;
}

function sharedWords(a: CountedName, b: CountedName): number {
  const words = new Set(a.subject);
  return (
    b.subject.filter((word) => words.has(word)).length - Math.abs(a.subject.length - b.subject.length) / 10
  );
}

/** Whether what is left open can be what grows. */
export interface LedgerFit {
  /** Left open, as a share of what grew in number; 1 is a perfect fit, Infinity when nothing grew. */
  readonly countShare: number;
  /** Bytes per thing left open if it were all of the growth. */
  readonly bytesEach: number | null;
  readonly verdict: 'fits' | 'too-few' | 'too-many';
}

/** Above and below these, a ledger is no longer the cause of a growth in number, whatever rounding did. */
const FIT_LOW = 0.6;
const FIT_HIGH = 1.7;

/**
 * Tests a ledger against a growth.
 *
 * @param leftOpen things left open in the time looked at (or per hour, if `grown` is per hour)
 * @param grown how many more of what grows there are
 * @param grownBytes growth of memory in the same time
 */
export function ledgerFit(leftOpen: number, grown: number, grownBytes: number | null = null): LedgerFit {
  const countShare = grown > 0 ? leftOpen / grown : Number.POSITIVE_INFINITY;
  return {
    countShare,
    bytesEach: grownBytes !== null && leftOpen > 0 ? grownBytes / leftOpen : null,
    verdict: countShare < FIT_LOW ? 'too-few' : countShare > FIT_HIGH ? 'too-many' : 'fits',
  };
}
