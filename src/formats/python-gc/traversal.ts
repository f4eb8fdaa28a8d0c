import { EDGE_KIND_MASK, type HeapGraph, type Traversal } from '../../model/heap-graph.ts';
import { EDGE } from './kinds.ts';
import { ASYNCIO, FIRST_OBJECT, FRAMES, MODULES, OTHER, THREADS, TYPES } from './objects.ts';

const BASE: Readonly<Record<number, number>> = {
  [EDGE.property]: 1,
  [EDGE.context]: 1,
  [EDGE.element]: 2,
  [EDGE.value]: 2,
  [EDGE.key]: 3,
  [EDGE.internal]: 12,
  [EDGE.slot]: 6,
};
/** How things that a programmer knows are built. */
const BUILT_OF: ReadonlyMap<string, number> = new Map([
  ['cache', 1],
  ['__dict__', 1],
  ['__wrapped__', 2],
  ['__func__', 2],
  ['__self__', 2],
  ['cell_contents', 2],
  ['__closure__', 3],
  ['_coro', 2],
  ['cr_await', 2],
]);
/** What stands below a group: modules are where a programmer looks first, stacks and C code last. */
const GROUP_COSTS: ReadonlyMap<number, number> = new Map([
  [MODULES, 1],
  [THREADS, 8],
  [ASYNCIO, 10],
  [TYPES, 12],
  [FRAMES, 40],
  [OTHER, 60],
]);

export function pythonTraversal(
  graph: Pick<HeapGraph, 'edgeKind' | 'edgeName' | 'edgeTarget' | 'strings'>,
): Traversal {
  const { edgeKind, edgeName, edgeTarget, strings } = graph;
  return {
    isUserRoot: (node) => node >= FIRST_OBJECT,
    newFilter: () => () => true,
    newCost() {
      const known = new Map<number, number>();
      const internalCost = (name: number): number => {
        let cost = known.get(name);
        if (cost === undefined) {
          cost = BUILT_OF.get(strings.head(name, 24)) ?? BASE[EDGE.internal]!;
          known.set(name, cost);
        }
        return cost;
      };
      return (source, edge) => {
        if (source === 0) return GROUP_COSTS.get(edgeTarget[edge]!) ?? 1;
        const kind = edgeKind[edge]! & EDGE_KIND_MASK;
        if (source < FIRST_OBJECT) return kind === EDGE.internal && source === MODULES ? 20 : 1;
        return kind === EDGE.internal ? internalCost(edgeName[edge]!) : BASE[kind]!;
      };
    },
  };
}
