import { procText } from '../../sources/processes/proc-text.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';

/**
 * The options that Node.js was started with, as one text: NODE_OPTIONS, then the arguments before the script. Of the environment, which may
 * hold secrets, only that one name is looked at.
 */
export function nodeOptions({ pid, command }: ProcessFacts): string {
  const environment = /(?:^|\0)NODE_OPTIONS=([^\0]*)/.exec(procText(`/proc/${pid}/environ`) ?? '')?.[1] ?? '';
  const own: string[] = [];
  for (let at = 1; at < command.length; at++) {
    const argument = command[at]!;
    if (EVALUATES.test(argument)) at++;
    // What stands behind an option may be its value; a path to a script ends the options of Node.js.
    else if (!argument.startsWith('-') && !TAKES_VALUE.test(own.at(-1) ?? '')) break;
    else own.push(argument);
  }
  return `${environment} ${own.join(' ')}`;
}

const EVALUATES = /^(-e|--eval|-p|--print|-pe)$/;
const TAKES_VALUE =
  /^(--inspect-port|--debug-port|--heapsnapshot-signal|--diagnostic-dir|-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--env-file|--title)$/;

/** Where the inspector listens unless told otherwise. */
export const DEFAULT_PORT = 9229;

/** Where Node.js would listen when it gets SIGUSR1: as told by options, 9229 without. */
export function inspectorPortIn(options: string): number {
  const told = [
    ...options.matchAll(
      /--(?:inspect|inspect-brk|inspect-wait|inspect-port|debug-port)(?:=|\s+)(?:[\w.[\]:]*:)?(\d+)(?!\S)/g,
    ),
  ].at(-1);
  return told ? Number(told[1]) : DEFAULT_PORT;
}

/** The signal of `--heapsnapshot-signal`; null without. */
export function snapshotSignalIn(options: string): string | null {
  return /--heapsnapshot-signal(?:=|\s+)(SIG\w+)(?!\S)/.exec(options)?.[1] ?? null;
}
