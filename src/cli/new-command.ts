import { Command } from '@commander-js/extra-typings';
import { InvalidArgumentError } from 'commander';
import type { Context } from './context.ts';

/**
 * A command that neither prints errors nor exits: both are `run`'s to do.
 *
 * @param examples command lines, each with what it is for
 */
export function newCommand(
  name: string,
  context: Context,
  examples: readonly [string, string][] = [],
): Command {
  const { output } = context;
  const command = new Command(name)
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: (text) => output.result(text),
      writeErr: (text) => output.message(text),
      outputError: () => undefined,
      getOutHelpWidth: () => output.width,
      getErrHelpWidth: () => output.width,
      getOutHasColors: () => output.colours,
      getErrHasColors: () => output.messageColours,
    })
    .helpOption('-h, --help', 'show this help');
  if (examples.length > 0) {
    const lines = examples.map(([example, purpose]) => `  ${example}\n      ${purpose}`);
    command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
  }
  return command;
}

/** Reads a whole number from 1 up. */
export function wholeNumber(text: string): number {
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 up.');
  return value;
}
