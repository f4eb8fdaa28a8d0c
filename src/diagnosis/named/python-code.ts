import type { Owner } from '../dialect.ts';
import { type CodeHints, literally } from '../rules/rule.ts';
import { keyWordsOf } from './members.ts';
import { lastName } from './python.ts';

const ADDING =
  'append|appendleft|add|extend|insert|update|setdefault|put|put_nowait|push|register|subscribe|connect|heappush';
const REMOVING =
  'pop|popitem|popleft|remove|discard|clear|get_nowait|task_done|unregister|unsubscribe|disconnect|cache_clear|difference_update|intersection_update';
/** `[…]`, in which another index may stand. */
const INDEX = '\\[(?:[^\\[\\]]|\\[[^\\[\\]]*\\])*\\]';

/** Lines of Python that put members into a collection, or take them out. */
export function pythonCode(owner: Owner, keyPatterns: readonly string[] = []): CodeHints {
  const within = opens(owner);
  const name = owner.name.replace(/=$/, '');
  if (!/^\w+$/.test(name)) return { adds: [], removes: [], within };
  return {
    ...hintsFor(name),
    within,
    keyWords: keyWordsOf(keyPatterns),
    alias: {
      pattern: new RegExp(`(\\w+)\\s*=\\s*(?:[\\w.]+\\.)?${literally(name)}\\s*$`),
      code: hintsFor,
    },
  };
}

function hintsFor(name: string): Pick<CodeHints, 'adds' | 'removes'> {
  const own = `(?<![\\w])(?:[A-Za-z_][\\w.]*\\.)?${literally(name)}`;
  const call = (methods: string) => new RegExp(`${own}\\s*(?:${INDEX}\\s*)?\\.\\s*(?:${methods})\\s*\\(`);
  return {
    adds: [
      new RegExp(`${own}\\s*${INDEX}(?:\\s*${INDEX})*\\s*(?:\\|\\||[-+|&])?=(?!=)`),
      call(ADDING),
      new RegExp(`${own}\\s*(?:\\+=|\\|=)`),
      new RegExp(`heappush\\s*\\(\\s*${own}\\b`),
    ],
    removes: [
      call(REMOVING),
      new RegExp(`\\bdel\\s+${own}\\s*\\[`),
      new RegExp(`heappop\\s*\\(\\s*${own}\\b`),
    ],
  };
}

/** The line that opens the class, where the owner belongs to one. */
function opens({ className, scope }: Owner): RegExp | null {
  const last = className ? lastName(className) : '';
  return scope !== 'module' && /^\w+$/.test(last) ? new RegExp(`^\\s*class\\s+${last}\\b`) : null;
}
