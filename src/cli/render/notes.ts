import type { UnreadableEvidence } from '../../sources/evidence.ts';
import { type Line, line, span } from './text.ts';
import { wrap } from './wrap.ts';

/** Evidence that was left out, and how the rest was sorted. */
export function unreadableLines(
  unreadable: readonly UnreadableEvidence[],
  notes: readonly string[],
  width: number,
): Line[] {
  return [
    ...unreadable.flatMap(({ file, reason }) =>
      wrap(line(span('  ✗ ', 'warn'), span(file, 'strong'), ` left out: ${reason}`), width, 4),
    ),
    ...notes.flatMap((note) => wrap(line(span('  · ', 'dim'), span(note, 'dim')), width, 4)),
  ];
}

/** What to do next: a command on its own line, to be copied, and what it is good for. */
export function nextLines(steps: readonly { command: string; why: string }[], width: number): Line[] {
  if (steps.length === 0) return [];
  return [
    line(),
    line(span('Next', 'strong')),
    ...steps.flatMap(({ command, why }) => [
      // A command is never broken by a line feed: it could not be copied.
      ...(command.length + 2 <= width
        ? [line('  ', span(command, 'accent'))]
        : wrapCommand(command, width).map((text) => line('  ', span(text, 'accent')))),
      ...wrap(line('      ', span(why, 'dim')), width, 6),
    ]),
  ];
}

/** Long commands go over lines the way a shell takes them; an option stays with its value. */
function wrapCommand(command: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of command.split(/ (?!<)/)) {
    if (current !== '' && current.length + word.length + 1 > width - 6) {
      lines.push(`${current} \\`);
      current = `  ${word}`;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, current];
}
