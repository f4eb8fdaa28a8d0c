import { CommanderError } from 'commander';
import { EXIT, StanchError } from '../base/errors.ts';
import type { Context } from './context.ts';
import type { Output } from './output.ts';
import { newProgram } from './program.ts';
import { errorLines } from './render/error.ts';
import { paint } from './render/text.ts';

/**
 * Runs one command line: the one place where errors become text. Nothing is thrown.
 *
 * @param args without the program's own name
 * @param debug add stack traces to errors
 * @returns the exit code
 */
export async function run(args: readonly string[], output: Output, debug: boolean = false): Promise<number> {
  const context: Context = { output, run, exitCode: EXIT.clean };
  try {
    await newProgram(context).parseAsync([...args], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.clean;
    if (!(error instanceof CommanderError && error.code === 'commander.help')) {
      output.message(paint(errorLines(error, output.width, debug), output.messageColours));
    }
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof StanchError) return error.exitCode;
  if (error instanceof CommanderError) return EXIT.usage;
  return BUG;
}

/** Not in the contract, since it must not happen: `EX_SOFTWARE` of sysexits.h. */
const BUG = 70;
