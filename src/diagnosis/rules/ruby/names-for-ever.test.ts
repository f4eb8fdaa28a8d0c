import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnoseRuby, type RubyHeap } from '../../testing/draw-ruby.ts';

const names = (heap: RubyHeap, size: number): void => {
  heap.hiddenArray(
    'names',
    Array.from({ length: size }, (_, nth) => heap.string(`n${nth}`, `@user_${nth}`, 80)),
  );
};

test('leaks: names of variables made of what users send', async () => {
  const source = sourceTree({
    'lib/settings.rb':
      'class Settings\n  def remember(user, value)\n    instance_variable_set("@user_#{user}", value)\n  end\nend\n',
  });
  const { findings } = await diagnoseRuby([1000, 2000, 3000], names, { source });
  expect(findings[0]!.title).toContain('Ruby never frees a name');
  expect(findings[0]).toMatchObject({ location: { file: 'lib/settings.rb', line: 3 } });
});

test('clean: the names of a program that has loaded its code', async () => {
  expect(leaksOf(await diagnoseRuby([2000, 2000, 2000], names))).toEqual([]);
});
