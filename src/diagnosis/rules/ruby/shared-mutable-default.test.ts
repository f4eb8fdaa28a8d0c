import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnoseRuby, entries, type RubyHeap } from '../../testing/draw-ruby.ts';

const draw = (heap: RubyHeap, size: number): void => {
  heap.klass('Search', { DEFAULTS: heap.hash('defaults', entries(heap, size, 'filter')) });
};

test('leaks: a default that names a constant, with the line that adds', async () => {
  const source = sourceTree({
    'lib/search.rb': `class Search
  DEFAULTS = { limit: 10 }
  def run(query, options = DEFAULTS)
    options[query] = Time.now
    find(query, options)
  end
end
`,
  });
  const { findings } = await diagnoseRuby([200, 400, 600], draw, { source });
  expect(findings[0]).toMatchObject({
    pattern: 'shared-mutable-default',
    location: { file: 'lib/search.rb', line: 4, role: 'adds' },
  });
});

test('clean: a literal default is never accused, and the claim that it grows is contradicted', async () => {
  const source = sourceTree({
    'lib/search.rb': `class Search
  def run(query, options = {})
    options[:seen] ||= []
    options[:seen] << query
    options
  end

  def other(query, options = {})
    options = options.merge(q: query)
    options[:x] = 1
  end
end
`,
  });
  const diagnosis = await diagnoseRuby([200, 200, 200], draw, { source });
  expect(leaksOf(diagnosis)).toEqual([]);
  expect(diagnosis.claims).toHaveLength(1);
  expect(diagnosis.claims[0]).toMatchObject({
    text: '`options = {}` of Search#run (lib/search.rb:2) is shared between calls and grows',
    verdict: 'contradicted',
  });
});
