import { gain } from '../base/gain.ts';
import { EDGE_NOT_RETAINING, type HeapGraph, sourceOf } from '../model/heap-graph.ts';
import { locationText } from '../model/source-location.ts';
import { authorOf } from './authorship.ts';
import type { MemberProfile } from './dialect.ts';
import type { SampledSite } from './groups.ts';

/** Closures among the members themselves, by position, most frequent first. */
export function closuresOf(sites: readonly SampledSite[]): MemberProfile['closures'] {
  return sites
    .filter((site) => site.shape.category === 'closure')
    .map((site) => ({
      location: site.shape.location,
      text: site.shape.text,
      count: gain(site.objects),
    }))
    .sort((a, b) => b.count - a.count);
}

/** The program's own functions that members other than closures hold directly, most frequent first. */
export function callbacksOf(
  graph: HeapGraph,
  samples: readonly number[],
  nodeText: (node: number) => string,
): MemberProfile['callbacks'] {
  const closure = graph.nodeKinds.indexOf('closure');
  const found = new Map<string, MemberProfile['callbacks'][number] & { count: number }>();
  for (const sample of samples) {
    if (graph.nodeKind[sample] === closure) continue;
    for (let edge = graph.firstEdge[sample]!; edge < graph.firstEdge[sample + 1]!; edge++) {
      const target = graph.edgeTarget[edge]!;
      if (graph.nodeKind[target] !== closure || (graph.edgeKind[edge]! & EDGE_NOT_RETAINING) !== 0) continue;
      const location = sourceOf(graph, target);
      if (!location || authorOf(location.file) === 'runtime') continue;
      const key = locationText(location);
      const entry = found.get(key) ?? { location, text: nodeText(target), count: 0 };
      entry.count++;
      found.set(key, entry);
    }
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}
