import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnoseRuby, entries } from '../../testing/draw-ruby.ts';

const GROWING = [500, 1000, 1500];
const source = sourceTree({
  'app/services/notification_service.rb': `class NotificationService
  def self.instance = @@instance ||= new

  def preferences_for(user)
    # @other[user.id] = never in a comment
    @user_preferences_cache[user.id] ||= load(user)
  end
end
`,
});

const singleton = (heap: Parameters<Parameters<typeof diagnoseRuby>[1]>[0], size: number): void => {
  const cache = heap.hash('cache', entries(heap, size));
  const service = heap.object('service', 'NotificationService', { '@user_preferences_cache': cache });
  heap.klass('NotificationService', { '@@instance': service }, 'app/services/notification_service.rb:1');
};

test('leaks: a Hash of a singleton, by its names, with the line that adds', async () => {
  const { verdict, findings } = await diagnoseRuby(GROWING, singleton, { source });
  expect(verdict).toBe('leak');
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    pattern: 'unbounded-collection',
    owner: 'NotificationService.@@instance → @user_preferences_cache (Hash, 1,500 entries)',
    location: { file: 'app/services/notification_service.rb', line: 6, role: 'adds' },
    growth: { objects: 1000, series: GROWING },
  });
  expect(findings[0]!.reasons.join()).toContain('newest keys look like user-####');
});

test('leaks: without a names file the class is named, and its source tells the variable', async () => {
  const { findings } = await diagnoseRuby(GROWING, singleton, { source, isNamed: false });
  expect(findings[0]!.owner).toContain('NotificationService (a field that the dump does not name)');
  expect(findings[0]!.location).toMatchObject({ line: 6 });
  expect(findings[0]!.reasons.join()).toContain('only @user_preferences_cache is added to and never emptied');
});

test.each([
  {
    name: 'a constant',
    own: 'REGISTRY',
    owner: 'Jobs::REGISTRY (Hash, 1,500 entries)',
  },
  { name: 'an instance variable of the class', own: '@seen', owner: 'Jobs.@seen (Hash, 1,500 entries)' },
])('leaks: $name', async ({ own, owner }) => {
  const diagnosis = await diagnoseRuby(GROWING, (heap, size) => {
    heap.klass('Jobs', { [own]: heap.hash('list', entries(heap, size)) });
  });
  expect(leaksOf(diagnosis).map((finding) => finding.owner)).toEqual([owner]);
});

test('clean: a cache at its limit that replaces what it holds', async () => {
  const diagnosis = await diagnoseRuby([0, 1, 2], (heap, round) => {
    const members = Array.from({ length: 1000 }, (_, nth) => {
      const id = round * 400 + nth;
      return [heap.string(`k${id}`, `user-${id}`), heap.string(`v${id}`, `v ${id}`, 900)] as const;
    });
    heap.klass('Jobs', { '@recent': heap.hash('list', members) });
  });
  expect(diagnosis.verdict).toBe('no-leak');
});

test('clean: a cache that filled and stopped', async () => {
  const diagnosis = await diagnoseRuby([200, 1000, 1000], singleton);
  expect(diagnosis.verdict).toBe('no-leak');
});
