import { expect, test } from 'vitest';
import { SourceMatcher } from './source-match.ts';
import { sourceTree } from './testing/diagnose-drawn.ts';

const matcher = (files: Record<string, string>, maps: Record<string, string> = {}): SourceMatcher =>
  new SourceMatcher(sourceTree(files, maps));

test.each([
  { name: 'the same path below another folder', path: '/usr/src/app/src/cache.js', file: 'src/cache.js' },
  { name: 'a path of another system', path: 'C:\\build\\src\\cache.js', file: 'src/cache.js' },
  { name: 'the file name alone', path: '/opt/dist/users.js', file: 'src/api/users.js' },
  { name: 'the longer common tail of two', path: '/app/src/api/index.js', file: 'src/api/index.js' },
  { name: 'nothing: no file has that name', path: '/app/src/other.js', file: null },
  { name: 'nothing: two files fit equally well', path: '/app/lib/index.js', file: null },
  { name: 'nothing: only the end of the name is the same', path: '/app/my-cache.js', file: null },
])('a path in the dump stands for $name', ({ path, file }) => {
  const tree = { 'src/cache.js': '', 'src/api/users.js': '', 'src/api/index.js': '', 'src/web/index.js': '' };
  expect(matcher(tree).fileFor(path)).toBe(file);
});

test('a file at the root of the checkout is no more ambiguous than others', () => {
  expect(matcher({ 'main.js': '', 'src/main.js': '' }).fileFor('/app/src/main.js')).toBe('src/main.js');
});

test('comments do not match, strings do', () => {
  const code = [
    '// bus.on("tick", a)',
    'bus.on("tick", b);',
    '/* bus.on("tick", c)',
    '   bus.on("tick", d) */',
    'bus.on("tick", e); // bus.on("tick", f)',
  ].join('\n');
  const found = matcher({ 'a.js': code }).search(/\.on\("tick", (\w)\)/);
  expect(found).toEqual([
    { file: 'a.js', line: 2, text: 'bus.on("tick", b);' },
    { file: 'a.js', line: 5, text: 'bus.on("tick", e);' },
  ]);
});

test('files that are asked for first come first', () => {
  const lines = matcher({ 'a.js': 'x', 'b.js': 'x', 'c.js': 'y' }).search(/x/, ['b.js', 'missing.js']);
  expect(lines.map(({ file }) => file)).toEqual(['b.js', 'a.js']);
});

/** A map in which line 1, column 1 of the output comes from line 7, column 3 of the original (VLQ: 0, 0, 6, 2). */
const map = JSON.stringify({
  version: 3,
  file: 'out.js',
  sources: ['../src/service.ts'],
  names: [],
  mappings: 'AAME',
});

test('a position is followed through the source map beside the file', () => {
  const source = matcher({ 'dist/out.js': 'x', 'src/service.ts': 'y' }, { 'dist/out.js.map': map });
  expect(source.locate({ file: '/srv/app/dist/out.js', line: 1, column: 1 })).toEqual({
    file: 'src/service.ts',
    line: 7,
    column: 3,
  });
});

test('a map alone is enough, when it is the only one of its name', () => {
  const source = matcher({ 'src/service.ts': 'y' }, { 'maps/out.js.map': map });
  expect(source.locate({ file: '/srv/app/dist/out.js', line: 1, column: 1 })).toMatchObject({
    file: 'src/service.ts',
    line: 7,
  });
  const two = matcher({ 'src/service.ts': 'y' }, { 'a/out.js.map': map, 'b/out.js.map': map });
  expect(two.locate({ file: '/srv/app/dist/out.js', line: 1, column: 1 })).toEqual({
    file: '/srv/app/dist/out.js',
    line: 1,
    column: 1,
  });
});

test('a map of a bundler names its sources by a scheme of its own', () => {
  const bundled = map.replace('../src/service.ts', 'webpack://shop/./src/service.ts');
  const source = matcher({ 'src/service.ts': 'y' }, { 'out.js.map': bundled });
  expect(source.locate({ file: '/app/out.js', line: 1, column: 1 })).toMatchObject({
    file: 'src/service.ts',
    line: 7,
  });
});

test('a broken map is as good as none', () => {
  const source = matcher({ 'out.js': 'x' }, { 'out.js.map': '{"version":' });
  expect(source.locate({ file: '/app/out.js', line: 4, column: 2 })).toEqual({
    file: 'out.js',
    line: 4,
    column: 2,
  });
});

test('a position outside of the checkout stays as it is', () => {
  const place = { file: '/app/node_modules/ws/lib/sender.js', line: 4, column: 2 };
  expect(matcher({ 'src/a.js': '' }).locate(place)).toEqual(place);
});

test.each([
  { name: 'in a constructor', line: 3, inside: true },
  { name: 'in a block of a constructor', line: 4, inside: true },
  { name: 'in a method', line: 7, inside: false },
  { name: 'in a block of a method', line: 8, inside: false },
  { name: 'at the top', line: 11, inside: false },
])('a line $name is told', ({ line, inside }) => {
  const code = `class A {
  constructor(list) {
    this.a = 1;
    for (const x of list) this.b(x);
  }
  b() {
    this.c();
    if (this.d) { this.e(); }
  }
}
new A([]);
`;
  expect(matcher({ 'a.js': code }).isInConstructor({ file: 'a.js', line, text: '' })).toBe(inside);
});
