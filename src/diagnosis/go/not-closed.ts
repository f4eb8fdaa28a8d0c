import type { FindingLocation } from '../../model/finding.ts';
import type { GoCode } from './go-code.ts';

/** A line that opens something which its function does not close on every way out. */
export interface NotClosed {
  readonly opened: FindingLocation;
  /** The line that leaves the function before the thing is closed; null when no line closes it at all. */
  readonly leftAt: FindingLocation | null;
}

const FAILED = /^\s*(?:\}\s*else\s+)?if\b.*\berr\w*\s*!=\s*nil/;

/**
 * Lines that open something and neither close it nor hand it on, or close it too late: behind a `return` that is taken when
 * opening went well. Read by lines and indentation, as gofmt writes them.
 *
 * @param opening group 1 is the name that is given to what was opened
 * @param part what of it is closed: `.Body`, or nothing
 */
export function notClosed(code: GoCode, opening: RegExp, part: string = ''): NotClosed[] {
  return code.matcher.search(opening).flatMap(({ file, line, text }): NotClosed[] => {
    if (!file.endsWith('.go') || file.endsWith('_test.go')) return [];
    const opened: FindingLocation = { file, line, role: 'adds' };
    const name = opening.exec(text)![1]!;
    if (name === '_') return [{ opened, leftAt: null }];
    const fn = code.functionAround(file, line);
    if (fn === null) return [];
    const lines = code.lines(file, fn.firstLine, fn.lastLine);
    const closing = new RegExp(`\\b${name}${literally(part)}\\.Close\\b`);
    const handingOn = new RegExp(
      `\\breturn\\b[^\\n]*\\b${name}\\b(?!\\.(?:Status|Header|Content|Err|Next|Scan))|[(,]\\s*${name}(?:${literally(part)})?\\s*[,)]`,
    );
    const from = line - fn.firstLine + 1;
    const to = lines.findIndex((each, at) => at >= from && closing.test(each));
    if (to < 0) return lines.some((each) => handingOn.test(each)) ? [] : [{ opened, leftAt: null }];
    const left = leavesBetween(lines, from, to, handingOn);
    return left < 0
      ? []
      : [{ opened, leftAt: { file, line: fn.firstLine + left, role: 'should-remove' as const } }];
  });
}

/** The first `return` between two lines that is not the one for a failure to open, or -1. */
function leavesBetween(lines: readonly string[], from: number, to: number, handingOn: RegExp): number {
  for (let at = from; at < to; at++) {
    const text = lines[at]!;
    if (FAILED.test(text)) {
      const indent = /^\s*/.exec(text)![0];
      while (at + 1 < to && !lines[at + 1]!.startsWith(`${indent}}`)) at++;
      continue;
    }
    // A closure's own way out is none of the function around it.
    if (/\bfunc\s*\(/.test(text)) return -1;
    if (/^\s*return\b/.test(text) && !handingOn.test(text)) return at;
  }
  return -1;
}

function literally(text: string): string {
  return text.replaceAll('.', '\\.');
}
