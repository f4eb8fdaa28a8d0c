import { type Line, type Span, span } from './text.ts';

/** Where a path or a chain of names may be broken when it is too long for a line. */
const SOFT_BREAK = /(?<=[/\\.,>\]);\s])/;

/**
 * Breaks spans into lines of at most `width` columns: at blanks, else in paths behind a slash or a dot, else anywhere.
 *
 * @param indent of every line but the first
 */
export function wrap(spans: Line, width: number, indent: number = 0): Line[] {
  const lines: Span[][] = [[]];
  let used = 0;
  const newLine = (): void => {
    lines.push(indent > 0 ? [span(' '.repeat(indent))] : []);
    used = indent;
  };
  const put = (text: string, part: Span): void => {
    lines[lines.length - 1]!.push({ ...part, text });
    used += text.length;
  };
  for (const part of spans) {
    for (const word of part.text.split(/(?<= )(?=[^ ])/)) {
      if (used + word.trimEnd().length <= width) {
        put(word, part);
        continue;
      }
      const fresh = used <= indent;
      if (!fresh && word.trimEnd().length <= width - indent) {
        newLine();
        put(word, part);
        continue;
      }
      for (const piece of pieces(word, width - indent)) {
        if (used + piece.trimEnd().length > width) newLine();
        put(piece, part);
      }
    }
  }
  return lines.filter((spansOfLine, at) => at === 0 || spansOfLine.some(({ text }) => text.trim() !== ''));
}

/** A word too long for a line, in pieces that are not. */
function pieces(word: string, width: number): string[] {
  return word.split(SOFT_BREAK).flatMap((piece) => {
    const parts: string[] = [];
    for (let at = 0; at < piece.length; at += width) parts.push(piece.slice(at, at + width));
    return parts;
  });
}

/** A name and what there is to say, as `   owner      PresenceService.clients`, the text wrapped in its own column. */
export function field(name: string, value: Line, columns: FieldColumns): Line[] {
  const start = columns.indent + columns.nameWidth;
  const wrapped = wrap(value, columns.width - start);
  return wrapped.map((spans, at) => [
    span(' '.repeat(columns.indent)),
    span((at === 0 ? name : '').padEnd(columns.nameWidth), 'dim'),
    ...spans,
  ]);
}

export interface FieldColumns {
  readonly indent: number;
  readonly nameWidth: number;
  readonly width: number;
}

/** The start and the end of a text that is too long, `…` between them. */
export function middleCut(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.ceil((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}

export function endCut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
