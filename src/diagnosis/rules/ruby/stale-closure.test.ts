import { expect, test } from 'vitest';
import { leaksOf } from '../../testing/diagnose-drawn.ts';
import { diagnoseRuby, type RubyHeap } from '../../testing/draw-ruby.ts';

const subscribers = (heap: RubyHeap, size: number): void => {
  const procs = Array.from({ length: size }, (_, nth) =>
    heap.proc(`p${nth}`, 'app/events.rb:12', {
      request: heap.object(`r${nth}`, 'Request', { '@body': heap.string(`b${nth}`, `body ${nth}`, 4000) }),
    }),
  );
  heap.klass('Events', { '@subscribers': heap.array('list', procs) }, 'app/events.rb:1');
};

test('leaks: Procs that each keep a request', async () => {
  const { findings } = await diagnoseRuby([100, 200, 300], subscribers);
  expect(findings[0]).toMatchObject({
    pattern: 'stale-closure',
    location: { file: 'app/events.rb', line: 12 },
    growth: { objects: 200 },
  });
  expect(findings[0]!.title).toContain('(request)');
});

test('clean: callbacks that are registered once', async () => {
  expect(leaksOf(await diagnoseRuby([100, 100, 100], subscribers))).toEqual([]);
});
