/**
 * The text with comments blanked out, line breaks kept, so that a search finds code and nothing else. Strings stay:
 * event names are in them.
 */
export function blankComments(text: string): string {
  let out = '';
  let at = 0;
  /** One number for each `${…}` that is open: the braces open in it. */
  const holes: number[] = [];
  const template = (from: number): number => {
    const end = templateEnd(text, from);
    if (text.startsWith('${', end - 2)) holes.push(0);
    return end;
  };
  while (at < text.length) {
    const char = text[at]!;
    const next = text[at + 1];
    let end = at + 1;
    let isComment = false;
    if (char === '/' && next === '/') {
      end = lineEnd(text, at);
      isComment = true;
    } else if (char === '/' && next === '*') {
      const close = text.indexOf('*/', at + 2);
      end = close < 0 ? text.length : close + 2;
      isComment = true;
    } else if (char === '"' || char === "'") {
      end = stringEnd(text, at, char);
    } else if (char === '`') {
      end = template(at + 1);
    } else if (char === '\\') {
      // In a regular expression: `\/\//` holds no comment.
      end = Math.min(text.length, at + 2);
    } else if (char === '{' && holes.length > 0) {
      holes[holes.length - 1]!++;
    } else if (char === '}' && holes.length > 0 && holes[holes.length - 1]!-- === 0) {
      holes.pop();
      end = template(at + 1);
    }
    const piece = text.slice(at, end);
    out += isComment ? piece.replace(/[^\n]/g, ' ') : piece;
    at = end;
  }
  return out;
}

/** Index behind the closing backtick or behind the next `${`. */
function templateEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '`') return at + 1;
    else if (text.startsWith('${', at)) return at + 2;
  }
  return text.length;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** Index behind the closing quote; a string that is not closed on its line ends there. */
function stringEnd(text: string, from: number, quote: string): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '\n') {
    if (text[at] === '\\') at += 2;
    else if (text[at++] === quote) return at;
  }
  return at;
}
