import type { Command } from '@commander-js/extra-typings';
import { finishLeftOpen } from '../capture/finish-left-open.ts';
import type { Context } from './context.ts';

/** Has a command first finish what a run that was killed has left open in a service, and say so. */
export function finishingLeftOpen(command: Command, { output }: Context): Command {
  return command.hook('preAction', () => finishLeftOpen((text) => output.message(`${text}\n`)));
}
