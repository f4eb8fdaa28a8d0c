import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnoseRuby, entries, type RubyHeap } from '../../testing/draw-ruby.ts';

const draw = (heap: RubyHeap, size: number): void => {
  heap.klass('TaskService', { '@@default_options': heap.hash('options', entries(heap, size, 'option')) });
};
const source = sourceTree({
  'app/services/task_service.rb': `class TaskService
  @@default_options = { notify: true }

  def self.default_options = @@default_options

  def initialize
    @options = self.class.default_options
  end

  def create(attributes)
    @options["task-#{attributes[:id]}"] = attributes
  end
end
`,
});

test('leaks: a class variable, with the line that adds under another name', async () => {
  const { findings } = await diagnoseRuby([300, 600, 900], draw, { source });
  expect(findings[0]).toMatchObject({
    pattern: 'class-variable-growth',
    owner: 'TaskService.@@default_options (Hash, 900 entries)',
    location: { file: 'app/services/task_service.rb', line: 11, role: 'adds' },
  });
  expect(findings[0]!.reasons.join()).toContain('app/services/task_service.rb:7 hands out the object itself');
});

test('clean: a class variable that was filled once', async () => {
  expect(leaksOf(await diagnoseRuby([300, 300, 300], draw, { source }))).toEqual([]);
});

test('what only its own class adds to is told to get a limit, not to be copied', async () => {
  const ownSource = sourceTree({
    'app/catalog.rb': `class Catalog
  @@prices = {}

  def self.price(sku)
    @@prices[sku] ||= load(sku)
  end
end
`,
  });
  const { findings } = await diagnoseRuby(
    [300, 600, 900],
    (heap, size) => heap.klass('Catalog', { '@@prices': heap.hash('prices', entries(heap, size, 'sku')) }),
    { source: ownSource },
  );
  expect(findings[0]!.remedy.summary).toContain('Give it a limit');
});
