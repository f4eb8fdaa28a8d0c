import { EDGE_KIND_MASK, type HeapGraph } from '../../model/heap-graph.ts';
import { EDGE, NODE } from './kinds.ts';

/** What an object is built of, rather than what it refers to: a part of an Array's store, a closure's variables. */
const INTERNAL_COSTS: Readonly<Record<string, number>> = {
  shared: 1,
  env: 1,
  default: 2,
  default_proc: 2,
  self: 4,
  receiver: 2,
  attached: 6,
};
const OTHER_INTERNAL = 12;
/** What holds on behalf of whom. Conservative stacks hold what may not be a reference at all. */
const ROOT_COSTS: Readonly<Record<string, number>> = {
  '(vm)': 2,
  '(threads)': 3,
  '(global_tbl)': 3,
  '(global_list)': 6,
  '(end_proc)': 4,
  '(finalizers)': 10,
  '(machine_context)': 60,
};
const OTHER_ROOT = 16;
/** Leaving a method entry, an instruction sequence or a cache. */
const FROM_HIDDEN = 20;
const MAX_COST = 63;

const KIND_COSTS: readonly number[] = (() => {
  const costs: number[] = [];
  costs[EDGE.element] = 2;
  costs[EDGE.property] = 1;
  costs[EDGE.context] = 1;
  costs[EDGE.key] = 3;
  costs[EDGE.value] = 2;
  costs[EDGE.internal] = OTHER_INTERNAL;
  costs[EDGE.slot] = 4;
  costs[EDGE.weak] = 0;
  return costs;
})();

/** Cost of an edge for the path by meaning. */
export function edgeCosts(
  graph: Pick<HeapGraph, 'nodeKind' | 'nodeName' | 'edgeKind' | 'edgeName' | 'strings'>,
): (source: number, edge: number) => number {
  const { nodeKind, nodeName, edgeKind, edgeName, strings } = graph;
  const internalCosts = new Map<number, number>();
  const rootCosts = new Map<number, number>();
  return (source, edge) => {
    const kind = edgeKind[edge]! & EDGE_KIND_MASK;
    let cost = KIND_COSTS[kind]!;
    const sourceKind = nodeKind[source]!;
    if (sourceKind === NODE.synthetic) {
      if (source === 0 || kind === EDGE.property) return 1;
      const name = nodeName[source]!;
      let known = rootCosts.get(name);
      if (known === undefined) {
        known = ROOT_COSTS[strings.head(name, 40)] ?? OTHER_ROOT;
        rootCosts.set(name, known);
      }
      return known;
    }
    if (kind === EDGE.internal) {
      const name = edgeName[edge]!;
      let known = internalCosts.get(name);
      if (known === undefined) {
        known = INTERNAL_COSTS[strings.head(name, 24)] ?? OTHER_INTERNAL;
        internalCosts.set(name, known);
      }
      cost = known;
    }
    if (sourceKind === NODE.hidden) cost += FROM_HIDDEN;
    return Math.min(cost, MAX_COST);
  };
}
