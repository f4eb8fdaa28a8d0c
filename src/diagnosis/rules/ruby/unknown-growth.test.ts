import { expect, test } from 'vitest';
import { leaksOf } from '../../testing/diagnose-drawn.ts';
import { diagnoseRuby, type RubyHeap } from '../../testing/draw-ruby.ts';

/** A list of links, each of which holds the next. */
const chain = (heap: RubyHeap, size: number): void => {
  let next: string | null = null;
  for (let nth = 0; nth < size; nth++)
    next = heap.object(`link ${nth}`, 'Undo::Step', next ? { '@previous': next } : {}, 160);
  heap.klass('Editor', { '@history': next! });
};

test('leaks: growth that is no collection still has an owner', async () => {
  const { verdict, findings } = await diagnoseRuby([200, 400, 600], chain);
  expect(verdict).toBe('leak');
  expect(findings[0]!.owner).toContain('Editor.@history');
});

test('clean: a chain of constant length', async () => {
  expect(leaksOf(await diagnoseRuby([200, 200, 200], chain))).toEqual([]);
});
