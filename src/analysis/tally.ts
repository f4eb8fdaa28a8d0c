import type { HeapGraph } from '../model/heap-graph.ts';
import { type ClassNames, classNames } from './class-names.ts';
import { ownCounts } from './histogram.ts';
import type { PlainInterface } from './plain-objects.ts';
import type { IdentifiedNodes } from './same-process.ts';

/**
 * What a comparison needs of one dump: ids, sizes and classes of its objects, without the references, so that the
 * graph itself can go before the next dump is read.
 */
export interface HeapTally {
  /** For telling whether two dumps are of one process. */
  readonly nodes: IdentifiedNodes;
  readonly selfBytes: HeapGraph['selfBytes'];
  readonly classes: ClassNames;
  /** Objects and own bytes by class. */
  readonly objects: Float64Array;
  readonly bytes: Float64Array;
}

/** @param interfaces of another dump of the process, so that classes of plain objects mean the same in both */
export function tallyOf(graph: HeapGraph, interfaces: readonly PlainInterface[] | null = null): HeapTally {
  const { nodeCount, nodeKinds, nodeKind, nodeName, nodeId, idKind, process, strings, selfBytes } = graph;
  const classes = classNames(graph, 'class', interfaces);
  const { objects, selfBytes: bytes } = ownCounts(graph, classes);
  return {
    nodes: { nodeCount, nodeKinds, nodeKind, nodeName, nodeId, idKind, process, strings },
    selfBytes,
    classes,
    objects,
    bytes,
  };
}
