/**
 * Ruby or Python text with comments blanked out, line breaks kept, so that a search finds code and nothing else. Strings
 * stay; texts that stand for comments (`=begin … =end`, a docstring) go.
 */
export function blankHashComments(text: string, language: 'ruby' | 'python'): string {
  let out = '';
  let at = 0;
  const blank = (end: number): void => {
    out += text.slice(at, end).replace(/[^\n]/g, ' ');
    at = end;
  };
  const keep = (end: number): void => {
    out += text.slice(at, end);
    at = end;
  };
  while (at < text.length) {
    const char = text[at]!;
    const atLineStart = at === 0 || text[at - 1] === '\n';
    if (language === 'ruby' && atLineStart && text.startsWith('=begin', at)) {
      const close = text.indexOf('\n=end', at);
      blank(close < 0 ? text.length : lineEnd(text, close + 1));
    } else if (language === 'ruby' && atLineStart && /^__END__\r?(?:\n|$)/.test(text.slice(at, at + 9))) {
      blank(text.length);
    } else if (char === '#') {
      blank(lineEnd(text, at));
    } else if (language === 'python' && (text.startsWith('"""', at) || text.startsWith("'''", at))) {
      const close = text.indexOf(text.slice(at, at + 3), at + 3);
      const end = close < 0 ? text.length : close + 3;
      // A text that stands alone as a statement is documentation.
      if (/(?:^|\n)[ \t]*[rRuUbBfF]{0,2}$/.test(text.slice(Math.max(0, at - 200), at))) blank(end);
      else keep(end);
    } else if (char === '"' || char === "'" || (language === 'ruby' && char === '`')) {
      keep(stringEnd(text, at, char, language));
    } else if (
      char === '\\' ||
      (language === 'ruby' && char === '?' && /[?:(,=\s]\?[#'"]/.test(text.slice(at - 1, at + 2)))
    ) {
      // `?#` and `?"` are characters in Ruby.
      keep(Math.min(text.length, at + 2));
    } else {
      keep(at + 1);
    }
  }
  return out;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** Index behind the closing quote. In Ruby `#{…}` may hold quotes of its own, and a text may go over lines. */
function stringEnd(text: string, from: number, quote: string, language: 'ruby' | 'python'): number {
  let depth = 0;
  for (let at = from + 1; at < text.length; at++) {
    const char = text[at]!;
    if (char === '\\') at++;
    else if (char === '\n' && (language === 'python' || at - from > 2000)) return at;
    else if (language === 'ruby' && quote !== "'" && text.startsWith('#{', at)) {
      depth++;
      at++;
    } else if (depth > 0 && char === '}') depth--;
    else if (depth === 0 && char === quote) return at + 1;
  }
  return text.length;
}
