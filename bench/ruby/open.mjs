import { openHeap } from '../../dist/index.js';

// What one asks of a dump: who keeps most, and through what.
const heap = await openHeap(process.argv[2]);
const [largest] = heap.objects({ limit: 1 });
process.stdout.write(`${heap.graph.nodeCount} objects; ${largest.name} retains ${largest.retainedBytes}\n`);
process.stdout.write(
  `${heap
    .path(largest.handle)
    .steps.map((step) => step.via + step.name)
    .join(' ')}\n`,
);
heap.close();
