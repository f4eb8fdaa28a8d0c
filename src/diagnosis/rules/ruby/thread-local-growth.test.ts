import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnoseRuby, type RubyHeap } from '../../testing/draw-ruby.ts';

const log = (heap: RubyHeap, size: number): string =>
  heap.array(
    'log',
    Array.from({ length: size }, (_, nth) => heap.string(`line ${nth}`, `GET /${nth}`, 200)),
  );

test('leaks: a list in Thread.current', async () => {
  const source = sourceTree({
    'lib/tracing.rb':
      'module Tracing\n  def self.note(text)\n    (Thread.current[:request_log] ||= []) << text\n  end\nend\n',
  });
  const { findings } = await diagnoseRuby(
    [300, 600, 900],
    (heap, size) => {
      heap.thread('pool 1', { request_log: log(heap, size) });
    },
    { source },
  );
  expect(findings[0]).toMatchObject({
    pattern: 'thread-local-growth',
    location: { file: 'lib/tracing.rb', line: 3, role: 'adds' },
  });
});

test('clean: a list that each request begins anew', async () => {
  const diagnosis = await diagnoseRuby([300, 310, 300], (heap, size) => {
    heap.thread('pool 1', { request_log: log(heap, size) });
  });
  expect(leaksOf(diagnosis)).toEqual([]);
});
