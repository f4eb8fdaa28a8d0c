import type { HeapGraph } from '../model/heap-graph.ts';
import type { Dialect } from './dialect.ts';
import { namedDialect } from './named/dialect.ts';
import { PYTHON } from './named/python.ts';
import { RUBY } from './named/ruby.ts';
import { nodeDialect } from './node/dialect.ts';

const TONGUES = { ruby: RUBY, python: PYTHON } as const;

export function dialectOf(graph: HeapGraph): Dialect {
  return graph.runtime === 'node' ? nodeDialect(graph) : namedDialect(graph, TONGUES[graph.runtime]);
}
