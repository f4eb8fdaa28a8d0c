import { expect, test } from 'vitest';
import { knownPythonGrowth } from './python.ts';

const isKnown = (path: string): boolean => knownPythonGrowth.some((entry) => entry.path?.test(path));

test.each([
  '~ (modules) → .re module re → ._cache dict → [value] re.Pattern',
  '~ (modules) → .linecache module linecache → .cache dict → [value] tuple',
  '~ (modules) → .sys module sys → .modules dict → [value] module app.lazy',
  '~ (modules) → .app module app → .LIVE _weakrefset.WeakSet → .data set → [] weakref.ReferenceType',
  '~ (modules) → .app module app → .BY_ID weakref.WeakValueDictionary → .data dict → [value] weakref.KeyedRef',
  '~ (modules) → .logging module logging → ._handlerList list → [] weakref.ReferenceType',
])('known: %s', (path) => expect(isKnown(path)).toBe(true));

test.each([
  '~ (modules) → .app module app → ._cache dict → [value] app.User',
  '~ (modules) → .repo module repo → .rows list → [] dict',
  '~ (modules) → .app module app → .REFS list → [] weakref.ReferenceType',
  // A WeakKeyDictionary keeps what it maps to as long as the key lives.
  '~ (modules) → .app module app → .BY_ID weakref.WeakKeyDictionary → .data dict → [value] app.Report',
  '~ (modules) → .logging module logging → .root logging.RootLogger → .handlers list → [] logging.StreamHandler',
])('not known: %s', (path) => expect(isKnown(path)).toBe(false));
