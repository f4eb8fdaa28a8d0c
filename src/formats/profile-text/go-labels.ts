/** A text in Go's double quotes (https://go.dev/ref/spec#String_literals). */
const QUOTED = /"(?:[^"\\]|\\.)*"/g;
const ESCAPE = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{3})|(.))/gi;
const SINGLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Labels as `goroutine?debug=1` prints them: `{"route":"/v1/\"quoted\"", "tenant":"acme co"}`. */
export function parseGoLabels(text: string): [key: string, value: string][] {
  const texts = Array.from(text.matchAll(QUOTED), ([quoted]) => unquote(quoted.slice(1, -1)));
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < texts.length; at += 2) pairs.push([texts[at]!, texts[at + 1]!]);
  return pairs;
}

function unquote(text: string): string {
  return text.replace(ESCAPE, (_found, byte, short, long, octal, single) => {
    if (single !== undefined) return SINGLE[single] ?? single;
    const code = octal === undefined ? Number.parseInt(byte ?? short ?? long, 16) : Number.parseInt(octal, 8);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  });
}
