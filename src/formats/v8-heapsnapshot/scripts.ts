import { EDGE_KIND_MASK, type HeapGraph, type ScriptTable } from '../../model/heap-graph.ts';

type Parts = Omit<HeapGraph, 'traversal' | 'scripts' | 'newDescriber'>;

/**
 * Which script a script id stands for. A snapshot does not say; but a closure with a position leads to its shared
 * function info (`shared`), and that to its Script (`script` since Node 22, `script_or_debug_info` before), whose
 * node carries the path as its name, newest V8 with `system / Script / ` in front.
 */
export function scriptTable(graph: Parts): ScriptTable {
  let scripts: Map<number, number> | null = null;
  const scriptNode = (scriptId: number): number => {
    scripts ??= findScripts(graph);
    return scripts.get(scriptId) ?? -1;
  };
  const paths = new Map<number, string | null>();
  return {
    pathOf(scriptId) {
      let path = paths.get(scriptId);
      if (path === undefined) {
        const node = scriptNode(scriptId);
        path = node < 0 ? null : cleanPath(graph.strings.get(graph.nodeName[node]!));
        paths.set(scriptId, path);
      }
      return path;
    },
    sourceMapUrlOf(scriptId) {
      const node = scriptNode(scriptId);
      return node < 0 ? null : sourceMapUrl(graph, node);
    },
  };
}

function cleanPath(name: string): string | null {
  const path = name.replace(/^system \/ Script \/ /, '').replace(/^file:\/\//, '');
  return path === '' || path.startsWith('system / ') ? null : decodePath(path);
}

function decodePath(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function findScripts(graph: Parts): Map<number, number> {
  const { locations, nodeKind } = graph;
  const closure = graph.nodeKinds.indexOf('closure');
  const named = edgeFinder(graph);
  const scripts = new Map<number, number>();
  for (let index = 0; index < locations.node.length; index++) {
    const node = locations.node[index]!;
    const scriptId = locations.scriptId[index]!;
    if (nodeKind[node] !== closure || scripts.has(scriptId)) continue;
    const shared = named(node, 'shared');
    if (shared < 0) continue;
    let script = named(shared, 'script');
    if (script < 0) script = named(shared, 'script_or_debug_info');
    // While a debugger is attached a DebugInfo stands between.
    if (script >= 0 && graph.strings.head(graph.nodeName[script]!, 24) === 'system / DebugInfo')
      script = named(script, 'script');
    if (script >= 0) scripts.set(scriptId, script);
  }
  return scripts;
}

/** Finds an internal edge by name; names are compared by string index after the first time. */
function edgeFinder(graph: Parts): (node: number, name: string) => number {
  const internal = graph.edgeKinds.indexOf('internal');
  const indexes = new Map<string, number>();
  return (node, name) => {
    const known = indexes.get(name);
    for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
      if ((graph.edgeKind[edge]! & EDGE_KIND_MASK) !== internal) continue;
      const index = graph.edgeName[edge]!;
      if (known === undefined ? graph.strings.head(index, 32) === name : index === known) {
        indexes.set(name, index);
        return graph.edgeTarget[edge]!;
      }
    }
    return -1;
  };
}

/** The Script's source-map URL is one of its hidden string references; which one differs by V8 version. */
function sourceMapUrl(graph: Parts, script: number): string | null {
  const string = graph.nodeKinds.indexOf('string');
  for (let edge = graph.firstEdge[script]!; edge < graph.firstEdge[script + 1]!; edge++) {
    const target = graph.edgeTarget[edge]!;
    if (graph.nodeKind[target] !== string) continue;
    const text = graph.strings.head(graph.nodeName[target]!, 1100);
    if (text.startsWith('data:application/json') || /^[^\s]{1,500}\.map$/.test(text)) return text;
  }
  return null;
}
