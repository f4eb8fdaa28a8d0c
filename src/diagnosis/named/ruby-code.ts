import type { Owner } from '../dialect.ts';
import { type CodeHints, literally } from '../rules/rule.ts';
import type { SourceMatcher } from '../source-match.ts';
import { keyWordsOf } from './members.ts';

const ADDING =
  'push|append|unshift|prepend|store|add|add\\?|merge!|update|concat|insert|put|write|compute_if_absent|put_if_absent|fetch_or_store|deep_merge!|reverse_merge!';
/** `[…]`, in which another index may stand. */
const INDEX = '\\[(?:[^\\[\\]]|\\[[^\\[\\]]*\\])*\\]';
const REMOVING =
  'delete|delete_if|delete_at|clear|shift|pop|reject!|select!|keep_if|filter!|slice!|compact!|replace|subtract|evict|prune|truncate|extract!';

/** Lines of Ruby that put members into a collection, or take them out. */
export function rubyCode(owner: Owner, keyPatterns: readonly string[] = []): CodeHints {
  const within = opens(owner.className ?? null);
  const names = owner.name.startsWith('one of ') ? owner.name.slice(7).split(', ') : [owner.name];
  const named = names.filter((name) => /^(?:@{0,2}|\$)\w+[?!]?$/.test(name));
  if (named.length === 0) return { adds: [], removes: [], within };
  const hints = named.map(hintsFor);
  const bare = named.map((name) => literally(name.replace(/^@{1,2}/, ''))).join('|');
  return {
    adds: hints.flatMap(({ adds }) => adds),
    removes: hints.flatMap(({ removes }) => removes),
    within,
    keyWords: keyWordsOf(keyPatterns),
    alias: {
      // Handed out by reference: `@options = self.class.default_options`, `opts = DEFAULTS`, `opts ||= TaskService.defaults`.
      pattern: new RegExp(
        `(@{0,2}\\w+)\\s*(?:\\|\\|)?=\\s*(?:self\\.class\\.|self\\.|[\\w:]+[.:]{1,2})?@{0,2}(?:${bare})\\s*$`,
      ),
      code: hintsFor,
    },
  };
}

function hintsFor(name: string): Pick<CodeHints, 'adds' | 'removes'> {
  // `def cache; @cache ||= {}; end` lets the rest of the class say `cache[key] = value`.
  const sigil = /^@{1,2}|^\$/.exec(name)?.[0] ?? '';
  const bare = literally(name.slice(sigil.length));
  const own =
    sigil === '$'
      ? `\\$${bare}`
      : `(?:(?<![\\w@$.:])|(?:self|self\\.class|[A-Z]\\w*)(?:\\.|::))@{0,2}${bare}`;
  const call = (methods: string) =>
    new RegExp(`${own}\\b\\s*(?:${INDEX}\\s*)?(?:&?\\.)\\s*(?:${methods})(?![\\w])`);
  return {
    adds: [
      new RegExp(`${own}\\s*${INDEX}(?:\\s*${INDEX})*\\s*(?:\\|\\||&&|\\+|-)?=(?![=~])`),
      new RegExp(`${own}(?:\\s*${INDEX})?\\s*<<(?!~|-?[A-Z'"])`),
      call(ADDING),
      new RegExp(`${own}\\s*(?:\\|=|\\+=|=\\s*${own}\\s*(?:\\+|\\.merge))`),
    ],
    removes: [call(REMOVING), new RegExp(`${own}\\s*=\\s*(?:\\{\\}|\\[\\]|Hash\\.new|Set\\.new|nil)\\s*$`)],
  };
}

/** The line that opens a class or module; of a nested one its last name must do. */
export function opens(className: string | null): RegExp | null {
  const last = className?.split('::').at(-1);
  return last && /^\w+$/.test(last)
    ? new RegExp(
        `^\\s*(?:class|module)\\s+(?:\\w+::)*${last}\\b|\\b${last}\\s*=\\s*(?:Struct|Class|Module|Data)\\.`,
      )
    : null;
}

const ANY_NAME =
  /(?:^|[^\w@$.])(@{1,2}[a-z_]\w*|[A-Z][A-Z0-9_]+)(?:\s*\[[^\]]*\]\s*(?:\|\|)?=(?![=~])|\s*<<|\.(?:push|store|add|merge!|update|concat)\b)/;

/**
 * Where a dump does not tell under which name a class keeps something (Ruby before 3.2 without a names file), its source
 * may: the names in it to which something is added and from which nothing is ever taken.
 */
export function namesAddedTo(className: string, source: SourceMatcher): string[] {
  const start = opens(className);
  if (start === null) return [];
  const names = new Set<string>();
  for (const { file } of source.search(start)) {
    for (const text of source.linesOf(file)) {
      const name = ANY_NAME.exec(text)?.[1];
      if (name !== undefined) names.add(name);
    }
    for (const name of names) {
      const [takesOut] = hintsFor(name).removes;
      if (source.linesOf(file).some((text) => takesOut!.test(text))) names.delete(name);
    }
  }
  return [...names];
}
