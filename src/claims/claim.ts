export type ClaimVerdict = 'holds' | 'contradicted' | 'cannot-tell';

/** One statement of an incident text, checked. */
export interface Claim {
  /** As written. */
  readonly text: string;
  /** Line in the text, from 1. */
  readonly line: number;
  /** Further lines that say the same or take part. */
  readonly alsoLines?: readonly number[];
  readonly verdict: ClaimVerdict;
  /** One or two plain sentences. */
  readonly because: string;
  /** The calculation, one step a line. */
  readonly arithmetic?: string;
  /** Name of the check, kebab-case. */
  readonly check: string;
}
