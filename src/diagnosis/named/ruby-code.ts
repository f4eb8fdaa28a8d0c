import type { CollectionKind, MemberProfile, Owner } from '../dialect.ts';
import { type CodeHints, literally } from '../rules/rule.ts';
import type { SourceMatcher } from '../source-match.ts';
import { keyWordsOf } from './members.ts';

const ADDING =
  'push|append|unshift|prepend|store|add|add\\?|merge!|update|concat|insert|put|write|compute_if_absent|put_if_absent|fetch_or_store|deep_merge!|reverse_merge!';
/** `[…]`, in which another index may stand. */
const INDEX = '\\[(?:[^\\[\\]]|\\[[^\\[\\]]*\\])*\\]';
const REMOVING =
  'delete|delete_if|delete_at|clear|shift|pop|reject!|select!|keep_if|filter!|slice!|compact!|replace|subtract|evict|prune|truncate|extract!';

/** Fields of widely used classes, with the calls by which a program gets something into them and out again. */
const FILLED_BY_CALL: readonly { name: string; adds: RegExp; removes: RegExp }[] = [
  { name: '@observer_peers', adds: /\badd_observer\b/, removes: /\bdelete_observers?\b/ },
  {
    name: '@string_subscribers',
    adds: /\bNotifications\.(?:monotonic_)?subscribe\b/,
    removes: /\bunsubscribe\b/,
  },
  {
    name: '@other_subscribers',
    adds: /\bNotifications\.(?:monotonic_)?subscribe\b/,
    removes: /\bunsubscribe\b/,
  },
];

/** Lines of Ruby that put members into a collection, or take them out. */
export function rubyCode(
  owner: Owner,
  keyPatterns: readonly string[] = [],
  source: SourceMatcher | null = null,
): CodeHints {
  const within = opens(owner.className ?? null);
  const ownerName = owner.name.replace(/(?:\[\])+$/, '');
  const names = ownerName.startsWith('one of ') ? ownerName.slice(7).split(', ') : [ownerName];
  const named = names.filter((name) => /^(?:@{0,2}|\$)\w+[?!]?$/.test(name));
  if (named.length === 0) return { adds: [], removes: [], within };
  const byCall = FILLED_BY_CALL.filter(({ name }) => named.includes(name));
  if (byCall.length > 0)
    return { adds: byCall.map(({ adds }) => adds), removes: byCall.map(({ removes }) => removes) };
  const given = source ? named.flatMap((name) => methodsGiving(name, source)) : [];
  const hints = [...new Set([...named, ...given])].map((name) => hintsFor(name, source));
  const bare = [...named, ...given].map((name) => literally(name.replace(/^@{1,2}/, ''))).join('|');
  return {
    adds: [...hints.flatMap(({ adds }) => adds), ...named.map(fillsItself)],
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

/** Lines that add methods to a class at run time. */
export const DEFINES: RegExp =
  /\b(?:define_method|define_singleton_method|class_eval|module_eval|instance_eval|alias_method|attr_(?:accessor|reader|writer)\s*\*?\(?[a-z]\w*[.[])/;

/** A Hash whose default block stores what it makes: reading an unknown key adds it. */
function fillsItself(name: string): RegExp {
  return new RegExp(
    `(?<!\\w)${literally(name)}\\s*(?:\\|\\|)?=\\s*(?:Hash|Concurrent::Map)\\.new\\s*(?:\\(\\w*\\)\\s*)?(?:\\{\\s*\\||do\\b)`,
  );
}

/** Methods whose only line gives the object that a name stands for: `def store = @@registry`, `def self.log; Thread.current[:log] ||= []; end`. */
export function methodsGiving(name: string | RegExp, source: SourceMatcher): string[] {
  const own = typeof name === 'string' ? `(?<![\\w@$])${literally(name)}(?!\\w)` : name.source;
  const gives = new RegExp(`^\\s*(?:return\\s+)?${own}\\s*(?:\\|\\|=.*)?$`);
  const endless = new RegExp(
    `^\\s*def\\s+(?:self\\.)?(\\w+)\\s*(?:\\(\\))?\\s*(?:=|;)\\s*${own}\\s*(?:\\|\\|=[^;]*)?(?:;\\s*end)?\\s*$`,
  );
  const names = new Set<string>();
  for (const { text } of source.search(endless)) names.add(endless.exec(text)![1]!);
  for (const { file, line } of source.search(gives)) {
    const opened = /^\s*def\s+(?:self\.)?(\w+)\s*(?:\(\s*\))?\s*$/.exec(source.linesOf(file)[line - 2] ?? '');
    if (opened) names.add(opened[1]!);
  }
  return [...names];
}

/** @param source tells a name that is only set up empty (in a class body, at the top) from one that is emptied again */
export function hintsFor(
  name: string,
  source: SourceMatcher | null = null,
): Pick<CodeHints, 'adds' | 'removes'> {
  // `def cache; @cache ||= {}; end` lets the rest of the class say `cache[key] = value`.
  const sigil = /^@{1,2}|^\$/.exec(name)?.[0] ?? '';
  const bare = literally(name.slice(sigil.length));
  const own =
    sigil === '$'
      ? `\\$${bare}`
      : `(?:(?<![\\w@$.:])|(?:self|self\\.class|[A-Z]\\w*)(?:\\.|::))@{0,2}${bare}`;
  const call = (methods: string) =>
    new RegExp(`${own}\\b\\s*(?:${INDEX}\\s*)*(?:&?\\.)\\s*(?:${methods})(?![\\w])`);
  const emptied = new RegExp(
    `${own}\\s*=\\s*(?:\\{\\}|\\[\\]|(?:Hash|Array|Set|String|Queue|Concurrent::\\w+)\\.new(?:\\(\\))?|nil)\\s*$`,
  );
  const isSetUpOnly = source?.search(emptied).every((line) => !isInMethod(source, line));
  return {
    adds: [
      new RegExp(`${own}\\s*${INDEX}(?:\\s*${INDEX})*\\s*(?:\\|\\||&&|\\+|-)?=(?![=~])`),
      new RegExp(`${own}(?:\\s*${INDEX})*\\s*<<(?!~|-?[A-Z'"])`),
      new RegExp(
        `\\(\\s*${own}(?:\\s*${INDEX})*\\s*\\|\\|=[^)]*\\)\\s*(?:<<|\\[|\\.\\s*(?:${ADDING})(?!\\w))`,
      ),
      call(ADDING),
      new RegExp(`${own}\\s*(?:\\|=|\\+=|=\\s*${own}\\s*(?:\\+|\\.merge)|=\\s*\\[\\s*\\*${own})`),
      // A chain: the new link holds what the name stood for.
      new RegExp(`${own}\\s*=\\s*[A-Z][\\w:]*(?:\\.new|\\[).*${own}`),
    ],
    removes: isSetUpOnly ? [call(REMOVING)] : [call(REMOVING), emptied],
  };
}

/** Told by indentation: some line above, less indented, opens a method. */
function isInMethod(source: SourceMatcher, { file, line }: { file: string; line: number }): boolean {
  const lines = source.linesOf(file);
  const indent = (text: string) => text.length - text.trimStart().length;
  let least = indent(lines[line - 1] ?? '');
  for (let at = line - 2; at >= 0 && least > 0; at--) {
    const text = lines[at]!;
    if (text.trim() === '' || indent(text) >= least) continue;
    least = indent(text);
    if (/^\s*def\s+initialize\b/.test(text)) return false;
    if (/^\s*def\s/.test(text)) return true;
  }
  return false;
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

const ANY_NAME = new RegExp(
  `(?:^|[^\\w@$.])(@{1,2}[a-z_]\\w*|[A-Z][A-Z0-9_]+)(?:(?:\\s*${INDEX})+\\s*(?:\\|\\||\\+)?=(?![=~])|(?:\\s*${INDEX})*\\s*<<(?!~)|(?:\\s*${INDEX})*\\.(?:${ADDING})(?!\\w)|\\s*\\+=\\s*\\[|\\s*(?:\\|\\|)?=\\s*Hash\\.new\\s*\\{\\s*\\|)`,
);

/**
 * Where a dump does not tell under which name a class keeps something (Ruby before 3.2 without a names file), its source
 * may: the names in it to which something is added and from which nothing is ever taken.
 */
export function namesAddedTo(className: string, kind: CollectionKind, source: SourceMatcher): string[] {
  const start = opens(className);
  if (start === null) return [];
  const names = new Set<string>();
  for (const { file } of source.search(start)) {
    for (const text of source.linesOf(file)) {
      const found = ANY_NAME.exec(text);
      if (found && suits(found[0], kind)) names.add(found[1]!);
    }
    for (const name of names) {
      const { removes } = hintsFor(name, source);
      if (source.linesOf(file).some((text) => removes.some((takesOut) => takesOut.test(text))))
        names.delete(name);
    }
  }
  return [...names];
}

/** A Hash is added to by key, an Array at its end (one in a Hash too); of other collections both ways are looked for. */
function suits(addition: string, kind: CollectionKind): boolean {
  const atEnd = /<<|\.(?:push|append|unshift|prepend|concat)/.test(addition);
  if (kind === 'Hash') return !atEnd || addition.includes('[');
  return kind === 'Array' ? atEnd || /\+=|Hash\.new/.test(addition) : true;
}

/** Names to which a class gives an object that may be changed: what adds to it may know it by another name. */
export function mutableNames(className: string, source: SourceMatcher): string[] {
  const start = opens(className);
  if (start === null) return [];
  const given =
    /^\s*(@{1,2}[a-z_]\w*|[A-Z][A-Z0-9_]+)\s*(?:\|\|)?=\s*(?:\{|\[|(?:Hash|Array|Set|String|Concurrent::\w+)\.new\b)(?!.*\.freeze\s*$)/;
  const names = source
    .search(start)
    .flatMap(({ file }) => source.linesOf(file).flatMap((text) => given.exec(text)?.[1] ?? []));
  return [...new Set(names)];
}

/** Globals to which something is added. */
export function globalsAddedTo(source: SourceMatcher): string[] {
  const added = new RegExp(
    `(\\$[a-z_]\\w*)(?:(?:\\s*${INDEX})+\\s*(?:\\|\\||\\+)?=(?![=~])|(?:\\s*${INDEX})*\\s*<<|(?:\\s*${INDEX})*\\.(?:${ADDING})(?!\\w))`,
  );
  return [...new Set(source.search(added).map(({ text }) => added.exec(text)![1]!))];
}

/** Lines that make members of the program's own classes: tried when no line that adds them was found. */
export function makingMembers(members: MemberProfile): RegExp[] {
  return members.classes
    .filter(({ name }) => /^[A-Z][\w:]*$/.test(name) && !EVERYWHERE.has(name))
    .map(
      ({ name }) =>
        new RegExp(`\\b${literally(name.split('::').at(-1)!)}(?:\\.(?:new|create|build|start)\\b|\\[)`),
    );
}

/** Lines that make these say nothing: each method has some. */
const EVERYWHERE = new Set(['String', 'Hash', 'Array', 'Object', 'Set', 'Proc', 'Time', 'Symbol']);
