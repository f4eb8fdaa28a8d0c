import { expect, test } from 'vitest';
import type { SourceLocation } from '../model/source-location.ts';
import type { Owner } from './dialect.ts';
import { locate } from './locate.ts';
import type { RuleMatch } from './rules/rule.ts';
import { SourceMatcher } from './source-match.ts';
import { sourceTree } from './testing/diagnose-drawn.ts';

const at = (file: string, line: number): SourceLocation => ({ file, line, column: 1 });
const owner = (holds: SourceLocation | null): Owner => ({
  text: 'cache',
  name: 'cache',
  collection: 1,
  collectionKind: 'Map',
  author: 'user',
  holds,
  isNamed: true,
});
const match = (parts: Partial<RuleMatch>): RuleMatch => ({
  fit: 1,
  title: '',
  adds: null,
  code: { adds: [/cache\.set\(/], removes: [/cache\.delete\(/], makes: [/new Entry\(/] },
  reasons: [],
  against: [],
  remedy: { summary: '', example: '' },
  ...parts,
});
const source = (files: Record<string, string>): SourceMatcher => new SourceMatcher(sourceTree(files));

test('without source, the closure that is added is the place', () => {
  const { location, alsoSee, inSource } = locate(
    match({ adds: at('/app/a.js', 4) }),
    owner(at('/app/b.js', 9)),
    null,
  );
  expect(location).toEqual({ file: '/app/a.js', line: 4, role: 'adds' });
  expect(alsoSee).toEqual([{ file: '/app/b.js', line: 9, role: 'holds' }]);
  expect(inSource).toBe(false);
});

test('without source and closure, the place is where the holder is declared; the class of the members is told too', () => {
  const { location, alsoSee } = locate(
    match({ allocates: [at('/app/entry.js', 3)] }),
    owner(at('/app/b.js', 9)),
    null,
  );
  expect(location).toEqual({ file: '/app/b.js', line: 9, role: 'holds' });
  expect(alsoSee).toEqual([{ file: '/app/entry.js', line: 3, role: 'allocates' }]);
});

test('places inside the runtime are no places', () => {
  const { location, alsoSee } = locate(
    match({ adds: at('node:events', 4) }),
    owner(at('node:internal/timers', 9)),
    null,
  );
  expect({ location, alsoSee }).toEqual({ location: null, alsoSee: [] });
});

test('with source, the line that adds is the place, and lines that remove are told', () => {
  const code = 'const cache = new Map();\ncache.set(a, b);\ncache.delete(a);\n';
  const found = locate(match({}), owner(at('/srv/x/src/a.js', 1)), source({ 'src/a.js': code }));
  expect(found.location).toEqual({ file: 'src/a.js', line: 2, role: 'adds' });
  expect(found.alsoSee).toContainEqual({ file: 'src/a.js', line: 3, role: 'removes' });
  expect(found).toMatchObject({ inSource: true, neverRemoved: false });
});

test('with source and no line that removes, that is said', () => {
  const found = locate(
    match({}),
    owner(at('/app/a.js', 1)),
    source({ 'a.js': 'cache.set(a, b); // cache.delete(a)' }),
  );
  expect(found).toMatchObject({ inSource: true, neverRemoved: true });
});

test('lines of the file that the dump names are taken before those of others', () => {
  const files = { 'other.js': 'cache.set(1, 2);', 'own.js': '\n\ncache.set(3, 4);' };
  expect(locate(match({}), owner(at('/app/own.js', 1)), source(files)).location).toEqual({
    file: 'own.js',
    line: 3,
    role: 'adds',
  });
});

test('the line nearest to the closure is taken, before it rather than behind', () => {
  const code = [
    '',
    '',
    'function join() {',
    '  const beat = () => ping();',
    '  cache.set(id, beat);',
    '}',
    '',
    '',
    'cache.set(0, noop);',
  ].join('\n');
  expect(locate(match({ adds: at('/app/a.js', 4) }), owner(null), source({ 'a.js': code })).location).toEqual(
    { file: 'a.js', line: 5, role: 'adds' },
  );
});

test('a line far from the closure is another matter', () => {
  const code = `const beat = () => ping();${'\n'.repeat(80)}cache.set(0, noop);`;
  const { location, inSource } = locate(
    match({ adds: at('/app/a.js', 1) }),
    owner(null),
    source({ 'a.js': code }),
  );
  expect(location).toEqual({ file: 'a.js', line: 1, role: 'adds' });
  expect(inSource).toBe(false);
});

test('what a constructor sets up once comes after what runs again and again', () => {
  const code =
    'class A {\n  constructor() {\n    cache.set("default", this);\n  }\n  add(x) {\n    cache.set(x.id, x);\n  }\n}\n';
  expect(locate(match({}), owner(at('/app/a.js', 1)), source({ 'a.js': code })).location).toEqual({
    file: 'a.js',
    line: 6,
    role: 'adds',
  });
});

test('where nothing is seen to add, the line that makes members is the place', () => {
  const found = locate(
    match({}),
    owner(at('/app/a.js', 1)),
    source({ 'a.js': 'function f() {\n  keep(new Entry(1));\n}' }),
  );
  expect(found.location).toEqual({ file: 'a.js', line: 2, role: 'adds' });
});

test('a common word in many files is no place', () => {
  const files = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${name}.js`, 'cache.set(1, 2);']));
  expect(locate(match({}), owner(null), source(files))).toMatchObject({ location: null, inSource: false });
});

test('no place is told twice, and not more than four besides the first', () => {
  const places = [1, 1, 2, 3, 4, 5, 6, 7].map((line) => at('/app/entry.js', line));
  const { location, alsoSee } = locate(
    match({ adds: at('/app/entry.js', 1), allocates: places }),
    owner(null),
    null,
  );
  expect(location).toMatchObject({ line: 1 });
  expect(alsoSee.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
});

test('where all else is a library, the own function that the members lead to tells the line', () => {
  const made = at('/app/node_modules/rx/subscriber.js', 149);
  const { location, alsoSee } = locate(match({ allocates: [made] }), owner(at('/app/feed.js', 3)), null, [
    at('/app/quotes.js', 18),
  ]);
  expect(location).toEqual({ file: '/app/quotes.js', line: 18, role: 'adds' });
  expect(alsoSee).toContainEqual({ file: '/app/feed.js', line: 3, role: 'holds' });
});

test('a class of the service itself tells more than a function that its members lead to', () => {
  const { alsoSee, location } = locate(match({ allocates: [at('/app/entry.js', 5)] }), owner(null), null, [
    at('/app/quotes.js', 18),
  ]);
  expect([location, ...alsoSee].map((place) => place?.file)).not.toContain('/app/quotes.js');
});
