import { EDGE_KIND_MASK, type HeapGraph } from '../../model/heap-graph.ts';
import type { SourceLocation } from '../../model/source-location.ts';

/** Where the scopes (contexts) of a V8 heap come from: V8 does not say, but closures that use them have positions. */
export interface ContextPlaces {
  /** The script of a context; null when no closure with a position uses it. */
  fileOf(context: number): string | null;
  /** True when the scope is that of a module or script, not of a function inside. */
  isModuleLevel(context: number): boolean;
  /** The position of the first closure made in this scope. */
  firstClosure(context: number): SourceLocation | null;
  /** The name under which a module exports this cell; null for all other nodes. */
  exportName(cell: number): string | null;
}

export function contextPlaces(graph: HeapGraph): ContextPlaces {
  let scripts: Map<number, { script: number; line: number; column: number }> | null = null;
  const internal = graph.edgeKinds.indexOf('internal');
  const names = new Map<number, string>();

  const target = (node: number, wanted: string): number => {
    for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
      if ((graph.edgeKind[edge]! & EDGE_KIND_MASK) !== internal) continue;
      const index = graph.edgeName[edge]!;
      let name = names.get(index);
      if (name === undefined) {
        name = graph.strings.head(index, 24);
        names.set(index, name);
      }
      if (name === wanted) return graph.edgeTarget[edge]!;
    }
    return -1;
  };

  const find = (): NonNullable<typeof scripts> => {
    const found: NonNullable<typeof scripts> = new Map();
    const closure = graph.nodeKinds.indexOf('closure');
    const { node: nodes, scriptId, line, column } = graph.locations;
    for (let at = 0; at < nodes.length; at++) {
      if (graph.nodeKind[nodes[at]!] !== closure) continue;
      let context = target(nodes[at]!, 'context');
      for (let hops = 0; context >= 0 && hops < 64; hops++) {
        const known = found.get(context);
        if (known && (known.line < line[at]! || (known.line === line[at]! && known.column <= column[at]!))) {
          if (hops > 0 || known.script === scriptId[at]) break;
        }
        found.set(context, { script: scriptId[at]!, line: line[at]!, column: column[at]! });
        context = target(context, 'previous');
        if (context >= 0 && graph.strings.head(graph.nodeName[context]!, 24) !== 'system / Context') break;
      }
    }
    return found;
  };

  let exportNames: Map<number, string> | null = null;
  const placeOf = (context: number) => {
    scripts ??= find();
    return scripts.get(context);
  };
  return {
    exportName(node) {
      if (graph.strings.head(graph.nodeName[node]!, 16) !== 'system / Cell') return null;
      exportNames ??= findExports(graph);
      return exportNames.get(node) ?? null;
    },
    fileOf(context) {
      const place = placeOf(context);
      return place ? graph.scripts.pathOf(place.script) : null;
    },
    isModuleLevel(context) {
      const previous = target(context, 'previous');
      return previous < 0 || graph.strings.head(graph.nodeName[previous]!, 24) !== 'system / Context';
    },
    firstClosure(context) {
      const place = placeOf(context);
      const file = place ? graph.scripts.pathOf(place.script) : null;
      return place && file !== null ? { file, line: place.line + 1, column: place.column + 1 } : null;
    },
  };
}

/** A module's exports are a hash table of names and cells, a cell standing right behind its name. */
function findExports(graph: HeapGraph): Map<number, string> {
  const names = new Map<number, string>();
  const array = graph.nodeKinds.indexOf('array');
  const string = graph.nodeKinds.indexOf('string');
  const isCell = new Map<number, boolean>();
  for (let node = 0; node < graph.nodeCount; node++) {
    if (graph.nodeKind[node] !== array) continue;
    let before = -1;
    for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
      const target = graph.edgeTarget[edge]!;
      if (graph.nodeKind[target] === string) {
        before = target;
        continue;
      }
      const name = graph.nodeName[target]!;
      let cell = isCell.get(name);
      if (cell === undefined) {
        cell = graph.strings.head(name, 16) === 'system / Cell';
        isCell.set(name, cell);
      }
      if (cell && before >= 0) names.set(target, graph.strings.head(graph.nodeName[before]!, 60));
      before = -1;
    }
  }
  return names;
}
