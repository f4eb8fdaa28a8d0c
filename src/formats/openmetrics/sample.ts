import type { Labels } from '../../model/series.ts';

export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  /** Name and labels as written: the same for samples of one series from one exporter. */
  readonly id: string;
  readonly value: number;
  /** As written; null when there is none. */
  readonly time: number | null;
}

const NAME = /^[a-zA-Z_:][\w:.]*/;
const LABEL = /\s*("(?:[^"\\]|\\.)*"|[a-zA-Z_][\w.]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?/y;

/** One line of exposition text; null when it is none. Exemplars behind `#` are passed over. */
export function parseSample(line: string): Sample | null {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return null;
  let at = name.length;
  const labels: Record<string, string> = {};
  while (line[at] === ' ') at++;
  if (line[at] === '{') {
    at++;
    for (;;) {
      LABEL.lastIndex = at;
      const match = LABEL.exec(line);
      if (!match) break;
      labels[match[1]!.replaceAll('"', '')] = unescaped(match[2]!);
      at = LABEL.lastIndex;
    }
    while (line[at] === ' ') at++;
    if (line[at] !== '}') return null;
    at++;
  }
  const [written, time] = line
    .slice(at)
    .replace(/\s#.*$/, '')
    .trim()
    .split(/\s+/);
  const value = numberOf(written);
  if (value === null) return null;
  const stamp = time === undefined ? null : Number(time);
  if (stamp !== null && !Number.isFinite(stamp)) return null;
  return { name, labels, id: line.slice(0, at).trim(), value, time: stamp };
}

function numberOf(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const match = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (match) return /nan/i.test(match[2]!) ? Number.NaN : match[1] === '-' ? -Infinity : Infinity;
  const value = Number(text);
  return Number.isNaN(value) ? null : value;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
