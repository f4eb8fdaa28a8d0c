import { expect, test } from 'vitest';
import { SourceMatcher } from '../source-match.ts';
import { sourceTree } from '../testing/diagnose-drawn.ts';
import { globalsAddedTo, hintsFor, methodsGiving, mutableNames, namesAddedTo } from './ruby-code.ts';

const matcher = (text: string): SourceMatcher => new SourceMatcher(sourceTree({ 'lib/x.rb': text }));
const adds = (name: string, line: string): boolean => hintsFor(name).adds.some((each) => each.test(line));

test.each([
  ['@cache', '@cache[[symbol, at]] ||= load(symbol)'],
  ['@events', '(@events[tenant][day] ||= []) << event'],
  ['@last', '@last = Change.new(text, @last)'],
  ['@history', '@history += [line]'],
  ['REGISTRY', 'Jobs::REGISTRY << job'],
  ['$seen', '$seen[ip] = now'],
])('%s is added to by `%s`', (name, line) => expect(adds(name, line)).toBe(true));

test.each([
  ['@cache', 'return @cache[key] == value'],
  ['@cache', '@cached[key] = value'],
  ['$seen', 'seen[ip] = now'],
])('%s is not added to by `%s`', (name, line) => expect(adds(name, line)).toBe(false));

test('what is set up empty in a class body takes nothing out; what a method empties does', () => {
  const setUp = matcher('class X\n  @all = []\n  def initialize\n    @all = []\n  end\nend\n');
  const emptied = matcher('class X\n  @all = []\n  def flush\n    @all = []\n  end\nend\n');
  expect(hintsFor('@all', setUp).removes.some((each) => each.test('    @all = []'))).toBe(false);
  expect(hintsFor('@all', emptied).removes.some((each) => each.test('    @all = []'))).toBe(true);
});

test('a method that hands out an object is another name for it', () => {
  const source = matcher(
    'module X\n  def self.store\n    @@registry ||= {}\n  end\n  def all = @@registry\nend\n',
  );
  expect(methodsGiving('@@registry', source).sort()).toEqual(['all', 'store']);
});

test('names that a class adds to, by the kind of collection', () => {
  const source = matcher(
    'class X\n  LIMITS = { a: 1 }\n  def add(key, value)\n    @list << value\n    @table[key] = value\n    $last[key] = value\n  end\nend\n',
  );
  expect(namesAddedTo('X', 'Array', source)).toEqual(['@list']);
  expect(namesAddedTo('X', 'Hash', source)).toEqual(['@table']);
  expect(mutableNames('X', source)).toEqual(['LIMITS']);
  expect(globalsAddedTo(source)).toEqual(['$last']);
});
