import { UsageError } from '../../base/errors.ts';

const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/**
 * A regular expression as Go writes it (RE2, https://github.com/google/re2/wiki/Syntax), for frames and labels. JavaScript's are the same but for
 * `\A` `\z` `\Q…\E`, `(?P<name>`, `[[:alpha:]]` and flags at the start, which are translated here.
 *
 * @throws UsageError when it is none
 */
export function framePattern(source: string): RegExp {
  let flags = 's';
  let rest = source;
  const leading = /^\(\?([ims]+)\)/.exec(rest);
  // Go's dot does not match a newline unless asked to; names have none, so that `s` does no harm either way.
  if (leading) {
    flags = [...new Set(`s${leading[1]}`)].join('');
    rest = rest.slice(leading[0].length);
  }
  try {
    return new RegExp(translated(rest), flags);
  } catch (cause) {
    throw new UsageError(`"${source}" is no regular expression: ${(cause as Error).message}`);
  }
}

function translated(source: string): string {
  return source.replace(
    /\\Q([\s\S]*?)(?:\\E|$)|\\A|\\z|\(\?P<|\[:(\^?)(\w+):\]|\\./g,
    (found: string, quoted: string | undefined, negated: string | undefined, posix: string | undefined) => {
      if (negated) throw new SyntaxError(`${found} cannot be translated`);
      if (quoted !== undefined) return quoted.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
      if (found === '\\A') return '^';
      if (found === '\\z') return '$';
      if (found === '(?P<') return '(?<';
      return posix === undefined ? found : (POSIX_CLASSES[posix] ?? found);
    },
  );
}

/** A repeated group or a reference back to one: JavaScript may try for ever on these, Go never does. */
const REPEATED_GROUP = /\)[*+{]|\\[1-9k]/;
/** Each further repetition in a row multiplies the time by the length of the name. */
const MAX_REPEATS = 2;

/**
 * A pattern that came with a file, and so from nobody known: null for one that could make us run for ever or that is broken.
 */
export function untrustedPattern(source: string): RegExp | null {
  if (REPEATED_GROUP.test(source)) return null;
  if (source.split('|').some((part) => (part.match(/[*+{]/g)?.length ?? 0) > MAX_REPEATS)) return null;
  try {
    return framePattern(source);
  } catch {
    return null;
  }
}
