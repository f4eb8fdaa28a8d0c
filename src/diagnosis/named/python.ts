import type { Authorship } from '../authorship.ts';
import type { CollectionKind } from '../dialect.ts';
import { knownPythonGrowth, PYTHON_LIBRARIES, PYTHON_RUNTIME } from '../known/python.ts';
import type { Tongue } from './tongue.ts';

const KINDS: Readonly<Record<string, CollectionKind>> = {
  dict: 'dict',
  OrderedDict: 'dict',
  defaultdict: 'dict',
  Counter: 'dict',
  WeakValueDictionary: 'dict',
  UserDict: 'dict',
  list: 'list',
  UserList: 'list',
  tuple: 'tuple',
  set: 'set',
  frozenset: 'set',
  deque: 'deque',
  Queue: 'deque',
  SimpleQueue: 'deque',
};

/** Python's own words. */
export const PYTHON: Tongue = {
  runtime: 'python',
  known: knownPythonGrowth,
  engineText: 'the interpreter: code, descriptors, type tables',
  isPlain: (className) => className === '' || className === 'object' || lastName(className) in KINDS,
  authorOfClass(className): Authorship {
    if (!className.includes('.')) return 'runtime';
    const top = className.split('.')[0]!;
    if (PYTHON_RUNTIME.has(top)) return 'runtime';
    return PYTHON_LIBRARIES.has(top) ? 'library' : 'user';
  },
  collectionKind: (className) => KINDS[lastName(className)] ?? null,
  keyed: 'dict',
  listed: 'list',
  ownText: (holder, name) => `${lastName(holder, 2)}.${name}`,
  fieldText: (className, name) => `${lastName(className)}.${name}`,
  scopeOf(holderKind, className) {
    if (holderKind === 'module') return 'module';
    if (holderKind === 'class') return 'class';
    return /(?:^|\.)(?:local|_local|_localdummy|_threading_local\.local)$/.test(className)
      ? 'thread-local'
      : 'instance';
  },
  isInnerField: (className, name) =>
    (name === 'data' && /^(?:collections\.)?User(?:Dict|List)$|^weakref\.Weak/.test(className)) ||
    (name === 'queue' && /(?:^|\.)(?:Queue|LifoQueue|PriorityQueue)$/.test(className)) ||
    (name === '_queue' && /^asyncio\.queues\./.test(className)),
};

/** `Session` of `app.models.Session`; with 2, `services.content` of `app.services.content`. */
export function lastName(qualified: string, parts: number = 1): string {
  return qualified.split('.').slice(-parts).join('.');
}
