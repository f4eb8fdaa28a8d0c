import type { GoroutineLabel } from '../../model/goroutines.ts';

/**
 * Labels as Go prints them: `{"route": "/v1/\"quoted\"", "tenant": "acme co"}` (1.26) or, with quotes only where they are
 * needed, `{route: "/v1/\"quoted\"", tenant: "acme co"}` (1.27). Null when the text is no such list.
 */
export function parseLabels(text: string): GoroutineLabel[] | null {
  if (!text.startsWith('{') || !text.endsWith('}')) return null;
  const labels: GoroutineLabel[] = [];
  const end = text.length - 1;
  let at = 1;
  while (at < end) {
    const key = wordAt(text, at, ':');
    if (key === null || !text.startsWith(': ', key.end)) return null;
    const value = wordAt(text, key.end + 2, ',');
    if (value === null || value.end > end) return null;
    labels.push({ key: key.word, value: value.word });
    at = value.end;
    if (at === end) break;
    if (!text.startsWith(', ', at)) return null;
    at += 2;
  }
  return labels;
}

/** The quoted or bare word that begins at `at`; a bare one ends at `stop` or the closing brace. */
function wordAt(text: string, at: number, stop: string): { word: string; end: number } | null {
  if (text[at] === '"') {
    for (let end = at + 1; end < text.length; end++) {
      if (text[end] === '\\') end++;
      else if (text[end] === '"') return { word: unquoted(text.slice(at + 1, end)), end: end + 1 };
    }
    return null;
  }
  let end = at;
  while (end < text.length - 1 && text[end] !== stop) end++;
  return { word: text.slice(at, end), end };
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Undoes Go's quoting: `\n`, `\"`, `\x41`, `\u00e9`, `\U0001f600`. */
function unquoted(text: string): string {
  return text.replace(/\\(x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}|.)/gi, (_, code: string) => {
    if (code.length === 1) return ESCAPES[code] ?? code;
    const point = Number.parseInt(code.slice(1), 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
  });
}
