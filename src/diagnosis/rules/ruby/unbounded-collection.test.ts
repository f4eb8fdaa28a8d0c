import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnoseRuby, entries, type RubyHeap } from '../../testing/draw-ruby.ts';

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

test('an entry at an address that was given again is no holder of its own', async () => {
  const { findings } = await diagnoseRuby(GROWING, (heap, size) => {
    const place = (nth: number): string =>
      nth >= 50 && nth % 3 === 0 ? `again ${nth}` : `preferences ${nth}`;
    const preferences = (nth: number): string => {
      const rows = Array.from({ length: 12 }, (_, row) =>
        heap.array(`row ${row} of ${nth}`, [heap.string(`text ${row} of ${nth}`, 'on')]),
      );
      return heap.hash(place(nth), [[heap.string(`rows ${nth}`, 'rows'), heap.array(`list ${nth}`, rows)]]);
    };
    const users = Array.from({ length: size / 10 }, (_, nth) => nth);
    const cache = heap.hash(
      'cache',
      users.map((nth) => [heap.string(`user ${nth}`, `user-${nth}`), preferences(nth)]),
    );
    const service = heap.object('service', 'NotificationService', { '@user_preferences_cache': cache });
    heap.klass('NotificationService', { '@@instance': service }, 'app/services/notification_service.rb:1');
    // What stands in the first dump where entries will stand.
    const first = size === GROWING[0] ? Array.from({ length: 150 }, (_, nth) => nth).slice(50) : [];
    const requests = first.filter((nth) => nth % 3 === 0).map((nth) => heap.hash(place(nth), []));
    heap.klass('Current', { '@requests': heap.array('requests', requests) });
  });
  expect(findings.map(({ owner }) => owner)).toEqual([
    'NotificationService.@@instance → @user_preferences_cache (Hash, 150 entries)',
  ]);
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

/** Things that one holder keeps, each under a name of its own. */
const named = (heap: RubyHeap, count: number, name: (nth: number) => string): { [name: string]: string } =>
  Object.fromEntries(
    Array.from({ length: count }, (_, nth) => [
      name(nth),
      heap.object(`filter ${nth}`, 'Filter', { '@terms': heap.string(`terms ${nth}`, `terms ${nth}`, 640) }),
    ]),
  );

test('leaks: instance variables under ever new names, with the line that makes them', async () => {
  const { verdict, findings, growth } = await diagnoseRuby(
    GROWING,
    (heap, size) => {
      const registry = heap.object(
        'registry',
        'Registry',
        named(heap, size, (nth) => `@filter_user_${nth}`),
      );
      heap.klass('Registry', { '@instance': registry }, 'lib/registry.rb:1');
    },
    {
      source: sourceTree({
        'lib/registry.rb': `class Registry
  def filter_for(user)
    name = "@filter_#{user}"
    instance_variable_get(name) || instance_variable_set(name, Filter.new(user))
  end
end
`,
      }),
    },
  );
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    pattern: 'unbounded-collection',
    title: 'Registry.@instance gains instance variables under ever new names and never loses them',
    location: { file: 'lib/registry.rb', line: 4 },
    growth: { objects: 1000 },
  });
  expect(growth.explainedShare).toBeGreaterThan(0.9);
});

test('leaks: constants that are set at run time', async () => {
  const { verdict, findings } = await diagnoseRuby(
    [50, 100, 150],
    (heap, size) => {
      const shapes = Object.fromEntries(
        Array.from({ length: size }, (_, nth) => [`User${nth}`, heap.klass(`App::Shapes::User${nth}`)]),
      );
      heap.klass('App', { Shapes: heap.klass('App::Shapes', shapes, 'lib/shapes.rb:1') });
    },
    {
      source: sourceTree({
        'lib/shapes.rb': 'module Shapes\n  def self.of(user) = const_set("User#{user}", Class.new)\nend\n',
      }),
    },
  );
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    title: 'App::Shapes gains constants under ever new names and never loses them',
    location: { file: 'lib/shapes.rb', line: 2 },
  });
});

test('clean: an object with many variables of one kind, each set again and again', async () => {
  const { verdict } = await diagnoseRuby([0, 1, 2], (heap, round) => {
    const fields = Object.fromEntries(
      Array.from({ length: 60 }, (_, nth) => [
        `@gauge_${nth}`,
        heap.object(`gauge ${nth} ${round}`, 'Gauge', {}, 640),
      ]),
    );
    heap.klass('Metrics', { '@instance': heap.object('metrics', 'Metrics', fields) });
  });
  expect(verdict).toBe('no-leak');
});

test('leaks: a text that grows evenly, although its memory doubles only now and then', async () => {
  const { verdict, findings } = await diagnoseRuby([730_000, 936_000, 1_302_000], (heap, bytes) => {
    heap.klass('Mailer', { '@log': heap.text('log', bytes, bytes < 786_431 ? 786_431 : 1_572_863) });
  });
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    title: 'The text in Mailer.@log only grows',
    growth: { bytes: 572_000 },
  });
  expect(findings[0]!.remedy.summary).toContain('Write the text out');
});

test('leaks: an Array of numbers, counted by its entries', async () => {
  const { verdict, findings } = await diagnoseRuby([6000, 7500, 9000], (heap, length) => {
    heap.klass('Stats', { TIMES: heap.numbers('times', length, length < 7000 ? 8192 : 12_288) });
  });
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    owner: 'Stats::TIMES (Array, 9,000 entries)',
    growth: { series: [6000, 7500, 9000] },
  });
});

test('clean: room that a text took and does not use', async () => {
  const { verdict } = await diagnoseRuby([10_000, 10_100, 10_200], (heap, bytes) => {
    heap.klass('Mailer', { '@log': heap.text('log', bytes, bytes < 10_050 ? 12_000 : 600_000) });
  });
  expect(verdict).not.toBe('leak');
});

test('the thread that writes the dump is no growth, whichever it is', async () => {
  const { growth } = await diagnoseRuby(GROWING, (heap, size) => {
    singleton(heap, size);
    heap.waitingThread('worker', heap.proc('work', 'app/worker.rb:3', {}));
    if (size > 500) heap.dumpThread(`guest ${size}`);
  });
  expect(growth.explainedShare).toBeGreaterThan(0.9);
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
