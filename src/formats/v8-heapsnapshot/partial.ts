import type { FormatError } from '../../base/errors.ts';
import { EDGE_KIND_MASK, type HeapGraph, type PartialRead } from '../../model/heap-graph.ts';
import type { StringTable } from '../../model/string-table.ts';
import type { SnapshotReader } from './reader.ts';

/** No node has references beyond those that were read. */
export function cutEdges(firstEdge: Uint32Array, edgeCount: number): void {
  for (let node = 0; node < firstEdge.length; node++) {
    if (firstEdge[node]! > edgeCount) firstEdge[node] = edgeCount;
  }
}

/** True when something is named by a string that the file does not hold. */
export function lacksNames({ nodes, edges, strings }: SnapshotReader): boolean {
  const maxName = Math.max(nodes?.maxName ?? 0, edges?.maxName ?? 0);
  return (nodes?.count ?? 0) > 0 && maxName >= (strings?.length ?? 0);
}

/** The same strings and one more, which stands for all that the file does not hold. */
export function withLostString(strings: StringTable): StringTable {
  return {
    length: strings.length + 1,
    get: (index) => strings.get(index),
    head: (index, maxChars) => strings.head(index, maxChars),
    writtenBytes: (index) => strings.writtenBytes(index),
  };
}

/** Names beyond the strings become the last one, so that tables by name need no check. */
export function keepNamesInside(
  graph: Pick<HeapGraph, 'nodeName' | 'edgeName' | 'edgeKind' | 'indexedEdgeKinds' | 'strings'>,
): void {
  const { nodeName, edgeName, edgeKind, indexedEdgeKinds } = graph;
  const last = graph.strings.length - 1;
  for (let node = 0; node < nodeName.length; node++) if (nodeName[node]! > last) nodeName[node] = last;
  for (let edge = 0; edge < edgeName.length; edge++) {
    const indexed = ((indexedEdgeKinds >>> (edgeKind[edge]! & EDGE_KIND_MASK)) & 1) === 1;
    if (!indexed && edgeName[edge]! > last) edgeName[edge] = last;
  }
}

/** What is missing, in words. */
export function partialRead(reader: SnapshotReader, damage: FormatError): PartialRead {
  const { nodes, edges, strings, complete } = reader;
  const missing: string[] = [];
  if (!complete.has('nodes')) {
    missing.push(
      `nodes after the first ${nodes!.count} of ${reader.layout!.header.node_count}, and all references`,
    );
  } else if (!complete.has('edges')) {
    missing.push(`references after the first ${edges?.count ?? 0} of ${reader.layout!.header.edge_count}`);
  }
  if (!complete.has('strings') || lacksNames(reader))
    missing.push(`names after the first ${strings?.length ?? 0}`);
  if (!complete.has('locations')) missing.push('source positions');
  return { offset: damage.offset, reason: damage.message, missing: missing.join('; ') || 'nothing' };
}
