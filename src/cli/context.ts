import type { Output } from './output.ts';

/** What a command gets and leaves behind. */
export interface Context {
  readonly output: Output;
  /** Runs another command line, as a user would; gives its exit code. */
  readonly run: (args: readonly string[], output: Output) => Promise<number>;
  /** Set by the command that ran. */
  exitCode: number;
}
