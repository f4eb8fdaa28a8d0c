import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { captureSeries } from './series.ts';
import type { PreparedTarget } from './target.ts';

/** A target whose captures take longer than the time between them. */
function slow(done: { begun: number; ended: number }[], takesMs: number): PreparedTarget {
  return {
    capture: async () => {
      const begun = performance.now();
      await sleep(takesMs);
      done.push({ begun, ended: performance.now() });
      return [];
    },
  } as unknown as PreparedTarget;
}

test('a process that stood still for a capture works for the whole time before the next', async () => {
  const done: { begun: number; ended: number }[] = [];
  const series = captureSeries(slow(done, 200), {
    count: 3,
    everyMs: 100,
    folder: '.',
    signal: new AbortController().signal,
  });
  const labels: string[] = [];
  for await (const { label } of series) labels.push(label);
  expect(labels).toEqual(['A', 'B', 'C']);
  for (const at of [1, 2])
    expect(done[at]!.begun - done[at - 1]!.ended, 'a timer ends a millisecond early').toBeGreaterThan(97);
});
