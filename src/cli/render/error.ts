import { CommanderError } from 'commander';
import { StanchError } from '../../base/errors.ts';
import { type Line, line, span } from './text.ts';
import { wrap } from './wrap.ts';

/** An error for people: what happened, then what to do about it. */
export function errorLines(error: unknown, width: number, debug: boolean): Line[] {
  const { message, hint } = wordsOf(error);
  const [first = '', ...rest] = message.split('\n');
  return [
    ...wrap(line(span('stanch: ', 'bad-strong'), first), width, 8),
    ...rest.flatMap((text) => wrap(line(text), width, 4)),
    ...(hint === undefined ? [] : wrap(line(span('  '), span(hint, 'dim')), width, 2)),
    ...(debug ? stackOf(error) : []),
  ];
}

function wordsOf(error: unknown): { message: string; hint?: string | undefined } {
  if (error instanceof StanchError) return error;
  if (error instanceof CommanderError) {
    const [message = '', ...more] = error.message.replace(/^error: /, '').split('\n');
    const suggestion = more.join(' ').replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?');
    return { message, hint: suggestion === '' ? 'see stanch --help' : suggestion };
  }
  return {
    message: `something that should not happen: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'this is a bug in Stanch; run it again with STANCH_DEBUG=1 and report what it says',
  };
}

function stackOf(error: unknown): Line[] {
  const lines: Line[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    lines.push(...(at.stack ?? at.message).split('\n').map((text) => line(span(text, 'dim'))));
  }
  return lines;
}
