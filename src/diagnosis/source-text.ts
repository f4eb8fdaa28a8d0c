/**
 * The text with comments blanked out, line breaks kept, so that a search finds code and nothing else. Strings stay:
 * event names are in them.
 */
export function blankComments(text: string): string {
  let out = '';
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    const next = text[at + 1];
    if (char === '/' && next === '/') {
      const end = lineEnd(text, at);
      out += ' '.repeat(end - at);
      at = end;
    } else if (char === '/' && next === '*') {
      const close = text.indexOf('*/', at + 2);
      const end = close < 0 ? text.length : close + 2;
      out += text.slice(at, end).replace(/[^\n]/g, ' ');
      at = end;
    } else if (char === '"' || char === "'") {
      const end = stringEnd(text, at, char);
      out += text.slice(at, end);
      at = end;
    } else {
      out += char;
      at++;
    }
  }
  return out;
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
