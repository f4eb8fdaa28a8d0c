import { expect, test } from 'vitest';
import { figuresIn } from './runtime-figures.ts';

test('figures of Node.js and Go are found among the metrics of a service, summed over their labels', () => {
  const node = `# HELP nodejs_heap_size_used_bytes x
nodejs_heap_size_used_bytes 1.2e+07
nodejs_gc_duration_seconds_count{kind="minor"} 40
nodejs_gc_duration_seconds_count{kind="major"} 2 1700000000000
nodejs_active_handles_total 7
http_requests_total 9`;
  expect(figuresIn(node, 80)).toEqual({
    port: 80,
    heapUsedBytes: 12e6,
    heapTotalBytes: null,
    externalBytes: null,
    collections: 42,
    collectionSeconds: null,
    running: 7,
  });
  expect(figuresIn('go_memstats_heap_alloc_bytes 5\ngo_goroutines 8\n', 1)).toMatchObject({
    heapUsedBytes: 5,
    running: 8,
  });
});

test('a page that is not for Prometheus has none', () => {
  expect(figuresIn('<html>', 80)).toBeNull();
  expect(figuresIn('http_requests_total 9\nnodejs_heap_size_used_bytes NaN\n', 80)).toBeNull();
});
