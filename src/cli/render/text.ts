/** How a piece of text is meant. What it looks like is decided last, by `paint`. */
export type Style =
  | 'plain'
  | 'strong'
  | 'dim'
  | 'bad'
  | 'good'
  | 'warn'
  | 'accent'
  | 'bad-strong'
  | 'good-strong'
  | 'warn-strong';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** Text that is laid out already: one line, one list of spans. */
export type Line = readonly Span[];

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style };
}

export function line(...parts: readonly (Span | string)[]): Line {
  return parts.map((part) => (typeof part === 'string' ? span(part) : part));
}

const CODES: Readonly<Record<Style, readonly [number, number][]>> = {
  plain: [],
  strong: [[1, 22]],
  dim: [[2, 22]],
  bad: [[31, 39]],
  good: [[32, 39]],
  warn: [[33, 39]],
  accent: [[36, 39]],
  'bad-strong': [
    [1, 22],
    [31, 39],
  ],
  'good-strong': [
    [1, 22],
    [32, 39],
  ],
  'warn-strong': [
    [1, 22],
    [33, 39],
  ],
};

/** Lines as text, with a line feed behind each; styled with ANSI codes when `colours`. */
export function paint(lines: readonly Line[], colours: boolean): string {
  return lines
    .map(
      (spans) =>
        `${trimmed(spans)
          .map((part) => painted(part, colours))
          .join('')}\n`,
    )
    .join('');
}

function painted({ text, style }: Span, colours: boolean): string {
  const safe = printable(text);
  const codes = colours && safe !== '' ? CODES[style] : [];
  const on = codes.map(([code]) => `\u001b[${code}m`).join('');
  const off = codes
    .toReversed()
    .map(([, code]) => `\u001b[${code}m`)
    .join('');
  return `${on}${safe}${off}`;
}

function trimmed(spans: Line): Line {
  const kept = [...spans];
  for (let last = kept.pop(); last; last = kept.pop()) {
    const text = last.text.trimEnd();
    if (text !== '') return [...kept, { ...last, text }];
  }
  return [];
}

/** Names in a dump may hold anything, also what a terminal would obey: control and direction characters are shown. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not get through
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`;
  });
}
