import type { HeapGraph } from '../../model/heap-graph.ts';
import type { SourceLocation } from '../../model/source-location.ts';
import { authorOf, shortFile } from '../authorship.ts';

export interface AllocationSite {
  readonly location: SourceLocation;
  /** Method in which it stands, as the dump tells it. */
  readonly method: string;
  readonly count: number;
}

/**
 * Where a traced dump (`trace_object_allocations`) says that these objects were made: lines of the program's own code, the most
 * frequent first. Empty without tracing, and for what was made before it began.
 */
export function allocationSitesOf(graph: HeapGraph, nodes: readonly number[]): AllocationSite[] {
  const table = graph.allocations;
  if (table === null || graph.runtime !== 'ruby') return [];
  const { traceOfNode, functionOf, functions, functionStride } = table;
  const counts = new Map<number, number>();
  for (const node of nodes) {
    const trace = traceOfNode[node] ?? 0;
    if (trace === 0) continue;
    const row = functionOf[trace]!;
    counts.set(row, (counts.get(row) ?? 0) + 1);
  }
  return [...counts]
    .map(([row, count]): AllocationSite => {
      const at = row * functionStride;
      return {
        location: { file: graph.strings.head(functions[at + 2]!, 500), line: functions[at + 4]!, column: 1 },
        method: graph.strings.head(functions[at + 1]!, 80),
        count,
      };
    })
    .filter(({ location }) => authorOf(location.file) === 'user')
    .sort((a, b) => b.count - a.count);
}

/** Says it as a reason; null when nothing was traced. */
export function allocationReason(graph: HeapGraph, nodes: readonly number[]): string | null {
  const [first] = allocationSitesOf(graph, nodes);
  if (first === undefined || first.count * 4 < nodes.length) return null;
  const { location, method, count } = first;
  return `${count} of the ${nodes.length} newest members looked at were made at ${shortFile(location.file)}:${location.line}, in ${method}`;
}
