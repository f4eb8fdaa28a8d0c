import type { FoundSeries, TextCheck } from './check-text.ts';
import type { Claim, ClaimVerdict } from './claim.ts';

/** What is known of one text among several. */
export interface CheckedText {
  readonly file: string;
  readonly title: string;
  readonly verdict: ClaimVerdict;
  readonly counts: TextCheck['counts'];
}

/** The document of `stanch check --json`. */
export interface TextChecks {
  readonly schema: 'stanch/check@1';
  readonly verdict: ClaimVerdict;
  readonly counts: TextCheck['counts'];
  readonly texts: readonly CheckedText[];
  /** In the order of the texts, each in the order of its lines. */
  readonly claims: readonly (Claim & { readonly file: string })[];
  readonly series: readonly (FoundSeries & { readonly file: string })[];
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
  readonly notes: readonly string[];
}

/** Puts the checks of one or more texts together. */
export function checksOf(
  checked: readonly { readonly file: string; readonly check: TextCheck }[],
  rest: Pick<TextChecks, 'unreadable' | 'notes'>,
): TextChecks {
  const counts = { holds: 0, contradicted: 0, 'cannot-tell': 0 };
  for (const { check } of checked)
    for (const verdict of ['holds', 'contradicted', 'cannot-tell'] as const)
      counts[verdict] += check.counts[verdict];
  const verdicts = checked.map(({ check }) => check.verdict);
  return {
    schema: 'stanch/check@1',
    verdict: verdicts.includes('contradicted')
      ? 'contradicted'
      : verdicts.includes('holds')
        ? 'holds'
        : 'cannot-tell',
    counts,
    texts: checked.map(({ file, check }) => ({
      file,
      title: check.title,
      verdict: check.verdict,
      counts: check.counts,
    })),
    claims: checked.flatMap(({ file, check }) => check.claims.map((claim) => ({ ...claim, file }))),
    series: checked.flatMap(({ file, check }) => check.series.map((series) => ({ ...series, file }))),
    unreadable: rest.unreadable,
    notes: rest.notes,
  };
}
