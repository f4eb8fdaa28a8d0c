import type { ClaimVerdict } from '../claim.ts';
import type { Runtime } from '../facts.ts';

/** Something that is known of a language, a tool or a command, whatever the incident. */
export interface KnownFact {
  readonly id: string;
  /** What a text must say for this to matter, in one line or (for `code`) in one block. */
  readonly says: RegExp;
  /** Where: prose and comments, single lines of code, or whole code blocks. */
  readonly where: 'prose' | 'code' | 'line' | 'any';
  /** Only in texts about this runtime. */
  readonly runtime?: Runtime;
  /** Must stand somewhere in the text. */
  readonly needs?: RegExp;
  /** When the line (or the block) says this, the text knows it already. */
  readonly unless?: RegExp;
  /** When this stands anywhere in the text, the text knows it already. */
  readonly unlessAnywhere?: RegExp;
  readonly verdict: ClaimVerdict;
  readonly because: string;
}
