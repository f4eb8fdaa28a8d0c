import type { HeapGraph } from '../../model/heap-graph.ts';
import type { Owner } from '../dialect.ts';
import { type CodeHints, literally } from '../rules/rule.ts';
import { keyWordsOf } from './members.ts';
import { lastName, PYTHON } from './python.ts';
import { nameTextOf } from './tongue.ts';

const ADDING =
  'append|appendleft|add|extend|insert|update|setdefault|put|put_nowait|push|register|subscribe|connect|heappush';
const REMOVING =
  'pop|popitem|popleft|remove|discard|clear|get_nowait|task_done|unregister|unsubscribe|disconnect|cache_clear|difference_update|intersection_update';
/** `[…]`, in which another index may stand. */
const INDEX = '\\[(?:[^\\[\\]]|\\[[^\\[\\]]*\\])*\\]';
/** What leads from a collection to one that it holds: `[key]`, `.get(key)`, `.setdefault(key, [])`. */
const INTO = `(?:\\s*${INDEX}|\\s*\\.\\s*(?:get|setdefault)\\s*\\((?:[^()]|\\([^()]*\\))*\\))`;
/** Attributes that the standard library fills, and the calls by which a program makes it do so. */
const FILLED_BY: Readonly<Record<string, string>> = {
  __warningregistry__: 'warn(?:_explicit)?',
  loggerDict: 'getLogger',
  handlers: 'addHandler',
  filters: 'addFilter',
  _waiters: '(?:wait|acquire|get|put)',
  _callbacks: '(?:add_done_callback|callback|push)',
  _exit_callbacks: '(?:enter_context|enter_async_context|push|callback)',
  _registry: '(?:register|finalize)',
  path: 'path\\.(?:append|insert)',
};

/**
 * Lines of Python that put members into a collection, or take them out.
 *
 * @param graph tells the class of the collection: one that is read may grow by that
 */
export function pythonCode(
  owner: Owner,
  keyPatterns: readonly string[] = [],
  graph: HeapGraph | null = null,
): CodeHints {
  const within = opens(owner);
  const name = owner.name.replace(/=$/, '');
  if (!/^\w+$/.test(name)) return { adds: [], removes: [], within };
  const flat = hintsFor(name);
  const inner = owner.text.includes(`${name}[]`);
  const isFilledByReading = graph !== null && lastName(nameTextOf(graph, owner.collection)) === 'defaultdict';
  const own = `${ownName(name)}`;
  return {
    adds: inner
      ? innerAdds(name)
      : [
          ...flat.adds,
          ...(isFilledByReading ? [new RegExp(`${own}\\s*${INDEX}`)] : []),
          ...(owner.collectionKind === 'other'
            ? [new RegExp(`${own}(?:\\s*,[^=]*)?\\s*(?::[^=]+)?=(?!=)`)]
            : []),
        ],
    removes: flat.removes,
    within,
    makes: [...(inner ? flat.adds : []), ...filling(name), ...askedOf(owner)],
    keyWords: keyWordsOf(keyPatterns),
    alias: { pattern: givesAnotherName(name, inner), code: hintsFor },
  };
}

function ownName(name: string): string {
  return `(?<![\\w])(?:[A-Za-z_][\\w.]*\\.)?${literally(name)}\\b`;
}

function hintsFor(name: string): Pick<CodeHints, 'adds' | 'removes'> {
  const own = ownName(name);
  const call = (methods: string) => new RegExp(`${own}${INTO}*\\s*\\.\\s*(?:${methods})\\s*\\(`);
  return {
    adds: [
      new RegExp(`${own}\\s*${INDEX}(?:\\s*${INDEX})*\\s*(?:\\|\\||[-+|&])?=(?!=)`),
      call(ADDING),
      new RegExp(`${own}\\s*(?:\\+=|\\|=)`),
      new RegExp(`heappush\\s*\\(\\s*${own}`),
      // Made anew of itself and something more: `ENTRIES = ENTRIES + (entry,)`, `rows = [*rows, row]`.
      new RegExp(`${own}\\s*(?::[^=]+)?=(?!=)(?!.*\\bfor\\b).*(?:(?:[+|]|\\*\\*?)\\s*${own}|${own}\\s*[+|])`),
    ],
    removes: [
      call(REMOVING),
      new RegExp(`\\bdel\\s+${own}\\s*\\[`),
      new RegExp(`heappop\\s*\\(\\s*${own}`),
      // Made anew of a part of itself.
      new RegExp(`${own}\\s*=(?!=).*\\bfor\\b.*\\bin\\b\\s*${own}`),
      new RegExp(`${own}\\s*=\\s*${own}\\s*\\[[^\\]]*:`),
    ],
  };
}

/** Lines that put something into a collection that this one holds. */
function innerAdds(name: string): RegExp[] {
  const into = `${ownName(name)}${INTO}+`;
  return [
    new RegExp(`${into}\\s*\\.\\s*(?:${ADDING})\\s*\\(`),
    new RegExp(`${into}\\s*${INDEX}\\s*(?:\\|\\||[-+|&])?=(?!=)`),
    new RegExp(`${into}\\s*(?:\\+=|\\|=)`),
    new RegExp(`heappush\\s*\\(\\s*${into}`),
  ];
}

/** Group 1 is the other name: `members = rooms[room]`, `for inbox in self.inboxes.values():`. */
function givesAnotherName(name: string, inner: boolean): RegExp {
  const part = inner ? `(?:${INTO}|\\s*\\.\\s*(?:values|items|copy)\\s*\\(\\s*\\))*` : '';
  return new RegExp(
    `(?:\\bfor\\s+(?:\\w+\\s*,\\s*)?(?=\\w+\\s+in\\b)|(?=\\w+\\s*=))(\\w+)\\s*(?:=|in\\b)\\s*(?:[\\w.]+\\.)?${literally(name)}\\b${part}\\s*:?\\s*$`,
  );
}

/** Methods that are called after what they add to: `addHandler` for `handlers`, `add_observer` for `_observers`. */
function filling(name: string): RegExp[] {
  const known = FILLED_BY[name];
  const one = name.replace(/^_+/, '').replace(/(?:list|_by_\w+)$/, '');
  const singular = one.replace(/ies$/, 'y').replace(/s$/, '');
  return [
    ...(known ? [new RegExp(`\\b${known}\\s*\\(`)] : []),
    ...(singular.length > 3 && singular !== one
      ? [new RegExp(`\\.(?:add|append|register|push|put|attach)_?${literally(singular)}\\s*\\(`, 'i')]
      : []),
  ];
}

/**
 * Calls by which a program puts something into what an object of a library keeps: `post_save.connect(…)`, `session.add(…)`,
 * `@receiver(post_save)`. The object is known by the variable that holds it.
 */
function askedOf(owner: Owner): RegExp[] {
  const variable = libraryVariable(owner);
  if (variable === null) return [];
  const called = `(?<![\\w])(?:\\w+\\.)*${literally(variable)}`;
  return [
    new RegExp(
      `${called}\\s*\\.\\s*(?:${ADDING}|on|listen|bind|attach|observe|enqueue|submit|schedule|track|watch|(?:add|register|on|bind|attach)_\\w+)\\s*\\(`,
    ),
    new RegExp(`@\\w*(?:receiver|listen\\w*|on|subscribe\\w*|connect)\\s*\\(\\s*\\[?\\s*${called}\\b`),
  ];
}

/** The variable that holds an object of a library, where what grows is a field of that object; else null. */
export function libraryVariable({ text, className }: Pick<Owner, 'text' | 'className'>): string | null {
  if (!className || PYTHON.authorOfClass(className) === 'user') return null;
  const outer = text.split(' → ').at(-2);
  const variable = outer === undefined ? null : (/([A-Za-z_]\w*)(?:\[\])*$/.exec(outer)?.[1] ?? null);
  return variable;
}

/** The line that opens the class, where the owner belongs to one. */
function opens({ className, scope }: Owner): RegExp | null {
  const last = className ? lastName(className) : '';
  return scope !== 'module' && /^\w+$/.test(last) ? new RegExp(`^\\s*class\\s+${last}\\b`) : null;
}
