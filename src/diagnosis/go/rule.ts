import type { FindingLocation, Pattern } from '../../model/finding.ts';
import type { GoCode } from './go-code.ts';
import type { GroupStudy } from './study.ts';
import type { WaitReading } from './wait-code.ts';

/** What a rule looks at: a group of goroutines that gathers, and its waiting line if the source is there. */
export interface GoSuspect {
  readonly study: GroupStudy;
  readonly reading: WaitReading | null;
  readonly code: GoCode | null;
  /** Which goroutines, in words: `started by storage.(*Service).Upload`, `in main.handle`. */
  readonly starter: string;
  /** Where they wait, in short: `storage.go:69`; '' when unknown. */
  readonly place: string;
}

export interface GoRuleMatch {
  /** How well the pattern fits, 0 to 1; the best match of all rules names the finding. */
  readonly fit: number;
  readonly title: string;
  /** The cause, where the rule knows better than the creation site. */
  readonly location?: FindingLocation;
  readonly alsoSee?: readonly FindingLocation[];
  readonly reasons: readonly string[];
  readonly against: readonly string[];
  readonly remedy: { readonly summary: string; readonly example: string };
}

/** A pattern of goroutine leaks: data and one function. The file's name is its id. */
export interface GoRule {
  readonly id: string;
  readonly runtime: 'go';
  readonly pattern: Pattern;
  match(suspect: GoSuspect): GoRuleMatch | null;
}
