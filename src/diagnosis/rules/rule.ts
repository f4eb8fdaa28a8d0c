import type { Growth } from '../../analysis/growth.ts';
import type { Pattern } from '../../model/finding.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import type { SourceLocation } from '../../model/source-location.ts';
import type { MemberProfile } from '../dialect.ts';
import type { GrowthGroup } from '../groups.ts';
import type { SourceMatcher } from '../source-match.ts';

/** What a rule looks at: one owner under which growth gathers. */
export interface Suspect {
  readonly group: GrowthGroup;
  readonly members: MemberProfile;
  readonly graph: HeapGraph;
  readonly growth: Growth;
  /** Labels of the steps from the root to the members, as the census has them (`.clients`, `#table`, `[value]`). */
  readonly labels: readonly string[];
  /** Class texts of the same steps. */
  readonly shapes: readonly string[];
  /** The service's code, where it is at hand. */
  readonly source: SourceMatcher | null;
}

/** How to look for the code that lets members in and out. Patterns are tried on single lines of code. */
export interface CodeHints {
  readonly adds: readonly RegExp[];
  readonly removes: readonly RegExp[];
  /** Lines that make members, tried when none that adds them was found. */
  readonly makes?: readonly RegExp[];
  /** Words that the keys of the members begin with: a line that has one of them is the one that makes the key. */
  readonly keyWords?: readonly string[];
  /** Lines that give the collection a second name (`@options = self.class.default_options`), and what is then looked for. */
  readonly alias?: {
    /** Group 1 is the other name. */
    readonly pattern: RegExp;
    readonly code: (name: string) => Pick<CodeHints, 'adds' | 'removes'>;
  };
  /** Lines that open the class or module to which the name belongs: only its files are searched. */
  readonly within?: RegExp | null;
}

export interface RuleMatch {
  /** How well the pattern fits, 0 to 1; the best match of all rules names the finding. */
  readonly fit: number;
  /** Growth of fewer bytes is no leak of this pattern, however many objects it is made of. */
  readonly leastBytes?: number;
  readonly title: string;
  /** Where members come in, as far as the dump itself tells. */
  readonly adds: SourceLocation | null;
  readonly allocates?: readonly SourceLocation[];
  readonly code: CodeHints;
  readonly reasons: readonly string[];
  readonly against: readonly string[];
  readonly remedy: { readonly summary: string; readonly example: string };
}

/** A leak pattern: data and one function. The file's name is its id. */
export interface Rule {
  readonly id: string;
  readonly runtime: 'node' | 'ruby' | 'python';
  readonly pattern: Pattern;
  match(suspect: Suspect): RuleMatch | null;
}

/** Escapes a name for use in a pattern. */
export function literally(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
