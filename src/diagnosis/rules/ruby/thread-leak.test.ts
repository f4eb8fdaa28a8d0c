import { expect, test } from 'vitest';
import { leaksOf } from '../../testing/diagnose-drawn.ts';
import { diagnoseRuby, type RubyHeap } from '../../testing/draw-ruby.ts';

const threads = (heap: RubyHeap, size: number): void => {
  for (let nth = 0; nth < size; nth++)
    heap.waitingThread(
      `t${nth}`,
      heap.proc(`p${nth}`, 'app/mailer.rb:8', {
        message: heap.string(`m${nth}`, `message ${nth}`, 2000),
      }),
    );
};

test('leaks: threads that wait for ever, with the block that they were started with', async () => {
  const { findings } = await diagnoseRuby([50, 100, 150], threads);
  expect(findings[0]).toMatchObject({
    pattern: 'task-leak',
    location: { file: 'app/mailer.rb', line: 8 },
    growth: { objects: 100 },
  });
  expect(findings[0]!.title).toBe('Threads are started and never end');
});

test('clean: a pool of threads', async () => {
  expect(leaksOf(await diagnoseRuby([16, 16, 16], threads))).toEqual([]);
});
