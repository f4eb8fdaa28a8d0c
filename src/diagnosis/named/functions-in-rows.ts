import { EDGE_NOT_RETAINING, type HeapGraph, sourceOf } from '../../model/heap-graph.ts';
import type { SourceLocation } from '../../model/source-location.ts';
import { authorOf } from '../authorship.ts';
import { kindTextOf, nameTextOf } from './tongue.ts';

const ROW = /^(?:tuple|list)$/;
/** What refers to a function on behalf of somebody: its object, its arguments, or weakly. */
const WRAPPERS = /(?:^|\.)(?:method|partial|WeakMethod|ReferenceType)$/;
const MAX_DEPTH = 3;

/** The program's own functions in rows (tuples, lists) among the samples, behind bound methods and partials; most frequent first. */
export function functionsInRows(
  graph: HeapGraph,
  samples: readonly number[],
): { readonly text: string; readonly location: SourceLocation }[] {
  const found = new Map<string, { text: string; location: SourceLocation; count: number }>();
  for (const sample of samples) {
    if (!ROW.test(nameTextOf(graph, sample))) continue;
    let level = [sample];
    for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
      const next: number[] = [];
      for (const node of level) {
        for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
          if ((graph.edgeKind[edge]! & EDGE_NOT_RETAINING) !== 0) continue;
          const target = graph.edgeTarget[edge]!;
          if (kindTextOf(graph, target) === 'closure') {
            // The reader takes a bound method for a function as well, without a place of its own.
            const location = sourceOf(graph, target);
            if (location === null) next.push(target);
            else if (authorOf(location.file) === 'user') {
              const text = nameTextOf(graph, target);
              const entry = found.get(text) ?? { text, location, count: 0 };
              entry.count++;
              found.set(text, entry);
            }
          } else if (WRAPPERS.test(nameTextOf(graph, target))) next.push(target);
        }
      }
      level = next;
    }
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}
