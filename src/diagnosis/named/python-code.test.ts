import { describe, expect, test } from 'vitest';
import type { Owner } from '../dialect.ts';
import { pythonCode } from './python-code.ts';

const owner = (
  name: string,
  text: string = `app.${name}`,
  kind: Owner['collectionKind'] = 'dict',
): Owner => ({
  text,
  name,
  collection: 0,
  collectionKind: kind,
  author: 'user',
  holds: null,
  isNamed: true,
  scope: 'module',
});
const matches = (patterns: readonly RegExp[] | undefined, line: string): boolean =>
  (patterns ?? []).some((pattern) => pattern.test(line));

describe('lines that add', () => {
  test.each([
    'CACHE[key] = value',
    'self.CACHE[key] = value',
    'CACHE[key][other] += 1',
    'app.CACHE.setdefault(key, []).append(value)',
    'CACHE.get().append(value)',
    'CACHE.append(value)',
    'CACHE += [value]',
    'CACHE = CACHE + (value,)',
    'CACHE = {**CACHE, key: value}',
    'CACHE = [*CACHE, value]',
    'heapq.heappush(CACHE, value)',
  ])('%s', (line) => expect(matches(pythonCode(owner('CACHE')).adds, line)).toBe(true));

  test.each([
    'CACHE = {}',
    'if key in CACHE:',
    'value = CACHE[key]',
    'if CACHE[key] == value:',
    'OLD_CACHE[key] = value',
    'CACHES.append(value)',
    'CACHE.pop(key)',
    'CACHE = [entry for entry in CACHE if entry.alive]',
  ])('not: %s', (line) => expect(matches(pythonCode(owner('CACHE')).adds, line)).toBe(false));
});

describe('lines that add to a collection inside of the collection', () => {
  const hints = pythonCode(owner('rooms', 'Hub.rooms[]'));
  test.each([
    'self.rooms[room][user] = socket',
    'rooms.get(room).add(user)',
    'rooms.setdefault(room, []).append(1)',
  ])('%s', (line) => expect(matches(hints.adds, line)).toBe(true));
  test('the line that makes the inner one comes second', () => {
    expect(matches(hints.adds, 'self.rooms[room] = {}')).toBe(false);
    expect(matches(hints.makes, 'self.rooms[room] = {}')).toBe(true);
  });
  test.each([
    ['for room in self.rooms.values():', 'room'],
    ['for name, room in rooms.items():', 'room'],
    ['members = self.rooms[room]', 'members'],
    ['members = rooms.get(room)', 'members'],
  ])('%s gives another name', (line, name) => expect(hints.alias!.pattern.exec(line)?.[1]).toBe(name));
  test('a question is no other name', () => {
    expect(hints.alias!.pattern.exec('if room in self.rooms:')).toBeNull();
  });
});

test('lines that remove', () => {
  const { removes } = pythonCode(owner('CACHE'));
  for (const line of [
    'CACHE.pop(key)',
    'del self.CACHE[key]',
    'CACHE.clear()',
    'CACHE = {key: value for key, value in CACHE.items() if value}',
    'CACHE = CACHE[-100:]',
  ])
    expect([line, matches(removes, line)]).toEqual([line, true]);
});

test('what the standard library adds to is found by the call that makes it do so', () => {
  expect(matches(pythonCode(owner('loggerDict')).makes, 'log = logging.getLogger(name)')).toBe(true);
  expect(matches(pythonCode(owner('handlers')).makes, 'log.addHandler(handler)')).toBe(true);
  expect(matches(pythonCode(owner('_observers')).makes, 'bus.add_observer(self.on_change)')).toBe(true);
  expect(matches(pythonCode(owner('_observers')).makes, 'bus.remove_observer(self.on_change)')).toBe(false);
});
