import { EDGE_EPHEMERON_TABLE, EDGE_KIND_MASK, type HeapGraph } from '../../model/heap-graph.ts';

/** Internal references that are just how a thing a programmer knows is built: a Map's table, a closure's context. */
const BUILT_OF = new Set([
  'table',
  'elements',
  'properties',
  'context',
  'reactions_or_result',
  'promise_or_capability',
]);
/** References to what describes an object rather than to what it holds. */
const DESCRIPTION = new Set([
  'map',
  'shared',
  'code',
  'feedback_cell',
  'scope_info',
  'function_data',
  'initial_map',
  'back_pointer',
]);
const DESCRIPTION_PROPERTIES = new Map([
  ['__proto__', 12],
  ['constructor', 8],
  ['prototype', 6],
]);
/** What holds on behalf of whom: the program's own global first, conservative stacks last. */
const ROOT_COSTS = new Map([
  ['(GC roots)', 8],
  ['(Global handles)', 8],
  ['(Traced handles)', 8],
  ['(Eternal handles)', 20],
  ['(Strong roots)', 24],
  ['(Strong root list)', 24],
  ['(Internalized strings)', 63],
  ['(Startup object cache)', 50],
  ['(Builtins)', 60],
  ['(Handle scope)', 50],
  ['(Stack roots)', 60],
]);
const OTHER_ROOT = 30;
const MAX_COST = 63;

/** Cost of an edge for the path by meaning; a name is looked up once for each string. */
export function edgeCosts(
  graph: Pick<
    HeapGraph,
    'nodeKinds' | 'edgeKinds' | 'nodeKind' | 'nodeName' | 'edgeKind' | 'edgeName' | 'edgeTarget' | 'strings'
  >,
): (source: number, edge: number) => number {
  const { nodeKind, edgeKind, edgeName, edgeTarget, strings } = graph;
  const edgeKindNames = graph.edgeKinds;
  const base = edgeKindNames.map((kind) => BASE_COSTS[kind] ?? 10);
  const fromKind = graph.nodeKinds.map((kind) => SOURCE_COSTS[kind] ?? 0);
  const weak = edgeKindNames.indexOf('weak');
  const shortcut = edgeKindNames.indexOf('shortcut');
  const internal = edgeKindNames.indexOf('internal');
  const property = edgeKindNames.indexOf('property');
  const synthetic = graph.nodeKinds.indexOf('synthetic');
  const internalCostOf = onceByName(strings.length, (name) => internalNameCost(strings.head(name, 24)));
  const propertyCostOf = onceByName(
    strings.length,
    (name) => DESCRIPTION_PROPERTIES.get(strings.head(name, 16)) ?? 1,
  );
  return (source, edge) => {
    const flags = edgeKind[edge]!;
    const kind = flags & EDGE_KIND_MASK;
    if (kind === weak || (flags & EDGE_EPHEMERON_TABLE) !== 0) return 0;
    if (kind === shortcut) return source === 0 ? 1 : 0;
    const sourceKind = nodeKind[source]!;
    if (sourceKind === synthetic) {
      const target = edgeTarget[edge]!;
      return (
        ROOT_COSTS.get(strings.head(graph.nodeName[nodeKind[target] === synthetic ? target : source]!, 40)) ??
        OTHER_ROOT
      );
    }
    let cost = base[kind]!;
    if (kind === internal) cost = internalCostOf(edgeName[edge]!);
    else if (kind === property) cost = propertyCostOf(edgeName[edge]!);
    cost += fromKind[sourceKind]!;
    return Math.min(cost, MAX_COST);
  };
}

const BASE_COSTS: Readonly<Record<string, number>> = {
  context: 1,
  element: 1,
  property: 1,
  internal: 4,
  hidden: 6,
};
const SOURCE_COSTS: Readonly<Record<string, number>> = { code: 20, 'object shape': 24, hidden: 2, native: 4 };

function internalNameCost(name: string): number {
  if (BUILT_OF.has(name)) return 1;
  if (DESCRIPTION.has(name)) return 16;
  return /^\d+$/.test(name) ? 1 : 4;
}

/** Remembers the cost of each name, a string index; 0 stands for a name that was not looked up yet. */
function onceByName(names: number, costOf: (name: number) => number): (name: number) => number {
  const known = new Uint8Array(names);
  return (name) => {
    // A name past the end is one that a truncated dump has lost.
    let cost = known[name] ?? 0;
    if (cost === 0) {
      cost = costOf(name);
      known[name] = cost;
    }
    return cost;
  };
}
