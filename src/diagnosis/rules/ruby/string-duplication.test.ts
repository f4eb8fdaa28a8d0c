import { expect, test } from 'vitest';
import { leaksOf } from '../../testing/diagnose-drawn.ts';
import { diagnoseRuby, type RubyHeap } from '../../testing/draw-ruby.ts';

const statuses =
  (different: boolean) =>
  (heap: RubyHeap, size: number): void => {
    const strings = Array.from({ length: size }, (_, nth) =>
      heap.string(`s${nth}`, different ? `order ${nth} shipped` : 'order was shipped', 120),
    );
    heap.object('anonymous', 'Object', {});
    heap.klass('Orders', { '@statuses': heap.array('list', strings) });
  };

test('leaks: equal strings are told, though it is the list that keeps them', async () => {
  const { findings } = await diagnoseRuby([500, 1000, 1500], statuses(false));
  expect(findings[0]!.owner).toBe('Orders.@statuses (Array, 1,500 entries)');
  expect(findings[0]!.reasons.join() + findings[0]!.title).toMatch(/repeat|again and again/);
});

test('clean: different strings are no duplication', async () => {
  const { findings } = await diagnoseRuby([500, 1000, 1500], statuses(true));
  expect(findings.map(({ pattern }) => pattern)).not.toContain('string-duplication');
  expect(leaksOf(await diagnoseRuby([500, 500, 500], statuses(false)))).toEqual([]);
});
