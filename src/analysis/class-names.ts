import type { HeapGraph } from '../model/heap-graph.ts';
import type { SourceLocation } from '../model/source-location.ts';
import { inferInterfaces, matchInterfaces, type PlainInterface, plainTest } from './plain-objects.ts';

/** The classes of one heap. Class 0 is that of the first node. */
export interface ClassNames {
  /** Class by node. */
  readonly classOf: Uint32Array;
  readonly names: readonly string[];
  /** Where the class is written, as far as the dump tells. */
  readonly locations: readonly (SourceLocation | null)[];
  /** What plain objects were told apart by; give it to other dumps of the process so that classes mean the same. */
  readonly interfaces: readonly PlainInterface[];
}

/**
 * How objects are classed. `class`: as Chrome DevTools does; plain objects by the properties that they share, classes
 * of one name apart by their source position. `constructor`: by the name of the constructor alone.
 */
export type ClassedBy = 'class' | 'constructor';

const KIND_CLASSES: Readonly<Record<string, string>> = {
  hidden: '(system)',
  code: '(compiled code)',
  closure: 'Function',
  regexp: 'RegExp',
};
/** As `HeapGraph.detachedness` says it. */
const DETACHED = 2;

/** Classes by the rules of Chrome DevTools' heap view. */
export function classNames(
  graph: HeapGraph,
  by: ClassedBy,
  interfaces: readonly PlainInterface[] | null = null,
): ClassNames {
  const { nodeCount, nodeKind, nodeName, detachedness } = graph;
  const classOf = new Uint32Array(nodeCount);
  const table = new ClassTable();
  const fixed = graph.nodeKinds.map((kind) =>
    graph.namedKinds.has(kind) ? -1 : table.id(KIND_CLASSES[kind] ?? `(${kind})`, null),
  );
  const object = graph.nodeKinds.indexOf('object');
  const known = interfaces ?? (by === 'class' && graph.runtime === 'node' ? inferInterfaces(graph) : []);
  const isPlain = plainTest(graph);
  const interfaceOf = matchInterfaces(graph, known);
  const interfaceClass = known.map(({ name }) => table.id(name, null));
  const byName = nameLookup(graph, table);
  const located = by === 'class' ? locatedLookup(graph, table) : null;
  for (let node = 0; node < nodeCount; node++) {
    const kind = nodeKind[node]!;
    if (fixed[kind]! >= 0) {
      classOf[node] = fixed[kind]!;
      continue;
    }
    const match = by === 'class' && isPlain(node) ? interfaceOf(node) : -1;
    const unlocated =
      match >= 0 ? interfaceClass[match]! : byName(nodeName[node]!, detachedness[node] === DETACHED);
    classOf[node] = located && kind === object ? located(node, unlocated) : unlocated;
  }
  return { classOf, names: table.names, locations: table.locations, interfaces: known };
}

/** `<div class="x">` is a `<div>`. */
function className(name: string): string {
  const from = name.startsWith('Detached <') ? 10 : name.startsWith('<') ? 0 : -1;
  if (from < 0) return name;
  const blank = name.indexOf(' ', from);
  return blank < 0 ? name : `${name.slice(0, blank)}>`;
}

class ClassTable {
  readonly names: string[] = [];
  readonly locations: (SourceLocation | null)[] = [];
  private readonly ids = new Map<string, number>();

  id(name: string, location: SourceLocation | null): number {
    const key = location ? `${name} ${location.file}:${location.line}:${location.column}` : name;
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.names.length;
      this.names.push(name);
      this.locations.push(location);
      this.ids.set(key, id);
    }
    return id;
  }
}

function nameLookup(graph: HeapGraph, table: ClassTable): (name: number, isDetached: boolean) => number {
  const classOfName = new Uint32Array(graph.strings.length);
  const classOfDetached = new Map<number, number>();
  return (name, isDetached) => {
    if (isDetached) {
      const known = classOfDetached.get(name);
      if (known !== undefined) return known;
      const text = graph.strings.get(name);
      const id = table.id(className(text.startsWith('Detached ') ? text : `Detached ${text}`), null);
      classOfDetached.set(name, id);
      return id;
    }
    // A name past the end is one that a truncated dump has lost.
    if (name >= classOfName.length) return table.id(graph.strings.get(name), null);
    if (classOfName[name] === 0) classOfName[name] = table.id(className(graph.strings.get(name)), null) + 1;
    return classOfName[name]! - 1;
  };
}

/** Tells instances of classes that are written at different places apart. Nodes are asked for in ascending order. */
function locatedLookup(graph: HeapGraph, table: ClassTable): (node: number, unlocated: number) => number {
  const { node: nodes, scriptId, line, column } = graph.locations;
  const byLine = new Map<number, Map<number, number>>();
  let at = 0;
  return (node, unlocated) => {
    while (at < nodes.length && nodes[at]! < node) at++;
    if (nodes[at] !== node) return unlocated;
    const lineKey = scriptId[at]! * 2 ** 21 + line[at]!;
    let byColumn = byLine.get(lineKey);
    if (!byColumn) {
      byColumn = new Map();
      byLine.set(lineKey, byColumn);
    }
    const key = column[at]! * 2 ** 21 + unlocated;
    let id = byColumn.get(key);
    if (id === undefined) {
      const file = graph.scripts.pathOf(scriptId[at]!);
      const location = file === null ? null : { file, line: line[at]! + 1, column: column[at]! + 1 };
      id = table.id(table.names[unlocated]!, location);
      byColumn.set(key, id);
    }
    return id;
  };
}
