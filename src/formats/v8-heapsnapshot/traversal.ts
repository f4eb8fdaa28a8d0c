import { EDGE_KIND_MASK, type HeapGraph, type Traversal } from '../../model/heap-graph.ts';
import { edgeCosts } from './edge-costs.ts';
import { ephemeronNames } from './ephemerons.ts';
import { kindNumbers } from './kinds.ts';
import { nameTest } from './name-test.ts';

/** The synthetic node under which a browser's documents hang. */
export const DOM_TREES = '(Document DOM trees)';

/** DevTools' distances: which nodes start at 1 and which edges a walk does not take. */
export function v8Traversal(graph: Omit<HeapGraph, 'traversal' | 'scripts' | 'newDescriber'>): Traversal {
  const kinds = kindNumbers(graph);
  const { nodeKind, nodeName, edgeKind, edgeName, strings } = graph;
  const isNativeContext = nameTest(strings, 'system / NativeContext');
  const isDescriptors = nameTest(strings, '(map descriptors)');
  const isSloppyMap = nameTest(strings, 'sloppy_function_map');
  return {
    newCost: () => edgeCosts(graph),
    isUserRoot: (node) => nodeKind[node] !== kinds.synthetic || strings.get(nodeName[node]!) === DOM_TREES,
    newFilter() {
      const pending = new Set<string>();
      const ephemeronOf = ephemeronNames(strings);
      return (source, edge) => {
        const kind = edgeKind[edge]! & EDGE_KIND_MASK;
        if (kind === kinds.weakEdge) return false;
        const name = edgeName[edge]!;
        const indexed = ((graph.indexedEdgeKinds >>> kind) & 1) === 1;
        const sourceKind = nodeKind[source];
        if (
          sourceKind === kinds.hidden &&
          !indexed &&
          isSloppyMap(name) &&
          isNativeContext(nodeName[source]!)
        ) {
          return false;
        }
        if (sourceKind === kinds.array && isDescriptors(nodeName[source]!)) {
          // Descriptor k of a map: key, details, value; the second of each three leads back into other maps.
          const index = indexed ? name : Number.parseInt(strings.get(name), 10);
          return !(index >= 2) || index % 3 !== 1;
        }
        if (kind !== kinds.internalEdge) return true;
        const ephemeron = ephemeronOf(name);
        if (!ephemeron || pending.delete(ephemeron.pair)) return true;
        pending.add(ephemeron.pair);
        return false;
      };
    },
  };
}
