import type { HeapGraph } from '../model/heap-graph.ts';
import type { Dialect } from './dialect.ts';
import { nodeDialect } from './node/dialect.ts';

export function dialectOf(graph: HeapGraph): Dialect {
  return nodeDialect(graph);
}
