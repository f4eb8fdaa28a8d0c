/** A number in a message, with the words that name it. */
export interface NumberToken {
  /** Index of the blank-separated token, and which number of it. */
  readonly slot: string;
  /** In bytes where a size unit stands behind it. */
  readonly value: number;
  readonly unit: 'bytes' | 'seconds' | 'share' | 'count';
  /** The message, and where in it the number stands: `labelOf` names it from the words around. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
}

/** A message as tokens with its variable parts masked, and the numbers that stood there. */
export interface Tokens {
  readonly masked: readonly string[];
  readonly numbers: readonly NumberToken[];
}

const MAX_TOKENS = 80;
const UUID = /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi;
const NUMBER =
  /(?<![\w.])[-+]?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:(\s?)((?:[kKMGT]i?B?|[KMGT]i|bytes?|B|ms|s|%)(?![\w%])))?(?![\w]|\.\d)/g;
/** Letters and digits mixed, long hex, addresses: names of one thing, not words. */
const IDENTIFIER =
  /\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w]{2,}(?:[-_][\w]+)*\b|\b[\da-f]{12,}\b|\b\d+(?:\.\d+){2,}\b/g;
const SIZE: Readonly<Record<string, number>> = {
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  ki: 1024,
  kib: 1024,
  mi: 1024 ** 2,
  mib: 1024 ** 2,
  gi: 1024 ** 3,
  gib: 1024 ** 3,
  b: 1,
  byte: 1,
  bytes: 1,
};

/** Masks what varies and collects the numbers. */
export function tokenize(message: string): Tokens {
  const values: { value: number; unit: NumberToken['unit']; at: number; end: number }[] = [];
  const short = message.length > 2000 ? message.slice(0, 2000) : message;
  const text = short.includes('-') ? short.replace(UUID, '<id>') : short;
  const withNumbers = text.replace(
    NUMBER,
    (hit, digits: string, _gap: string | undefined, unit: string | undefined, at: number) => {
      const plain = Number(digits.replaceAll(',', '')) * (hit.startsWith('-') ? -1 : 1);
      const [scale, kind] = scaleOf(unit);
      values.push({
        value: plain * scale,
        unit: kind,
        at,
        end: at + hit.length,
      });
      return '<#>';
    },
  );
  const tokens = withNumbers.replace(IDENTIFIER, '<id>').split(/\s+/).slice(0, MAX_TOKENS);
  const numbers: NumberToken[] = [];
  let next = 0;
  for (const [index, token] of tokens.entries()) {
    let ordinal = 0;
    for (let at = token.indexOf('<#>'); at !== -1; at = token.indexOf('<#>', at + 3)) {
      const held = values[next++];
      if (!held) break;
      numbers.push({
        slot: `${index}.${ordinal++}`,
        value: held.value,
        unit: held.unit,
        text,
        at: held.at,
        end: held.end,
      });
    }
  }
  return { masked: tokens, numbers };
}

function scaleOf(unit: string | undefined): [number, NumberToken['unit']] {
  if (unit === undefined) return [1, 'count'];
  if (unit === 'ms') return [1e-3, 'seconds'];
  if (unit === 's') return [1, 'seconds'];
  if (unit === '%') return [0.01, 'share'];
  return [SIZE[unit.toLowerCase()] ?? 1, 'bytes'];
}

/** "NotificationService cache size: N entries" → "NotificationService cache size entries". Called once a series, not once a line. */
export function labelOf({ text, at, end }: NumberToken): string {
  const before = text.slice(Math.max(0, at - 48), at);
  // key=value pairs name their own value; before a colon the whole phrase does.
  const key = /([\w.-]+)(?:=|:(?!\s))["']?$/.exec(before);
  if (key) return key[1]!;
  const words = before
    .replace(/^.*[,;|(){}\d]\s/, '')
    .replace(/^\S*\]\s*/, '')
    .trim()
    .split(/\s+/)
    .slice(-4)
    .join(' ');
  const noun = /^\s+([A-Za-z][\w-]*)/.exec(text.slice(end, end + 32))?.[1] ?? '';
  return `${words.replace(/[=:"']+$/, '')} ${noun}`.replace(/\s+/g, ' ').trim();
}
