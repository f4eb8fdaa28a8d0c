import type { Describer, Label, Shape, ShapeCategory } from '../../model/description.ts';
import { EDGE_KIND_MASK, type HeapGraph, locationOf } from '../../model/heap-graph.ts';
import type { SourceLocation } from '../../model/source-location.ts';
import { EDGE, EDGE_KINDS, NODE_KINDS } from './kinds.ts';
import { entriesTold, type RubyFacts } from './ruby-facts.ts';
import { TYPE } from './words.ts';

const CATEGORY: Readonly<Record<(typeof NODE_KINDS)[number], ShapeCategory>> = {
  synthetic: 'root',
  object: 'object',
  string: 'string',
  symbol: 'primitive',
  number: 'primitive',
  regexp: 'object',
  class: 'object',
  closure: 'closure',
  context: 'context',
  hidden: 'engine',
};
const MAX_NAME_CHARS = 200;
/** Unnamed references beyond these are not told apart. */
const MAX_SLOT = 8;
/** With more named references than this to like things an object or a module is used as a map: `instance_variable_set`, `const_set`. */
const MAP_LIKE_NAMES = 24;

/** What an entry takes at least, by type of the collection. */
const ENTRY_BYTES: Readonly<Record<number, number>> = { [TYPE.ARRAY]: 8, [TYPE.HASH]: 24 };
const ANY_NAME: Label = '.*';

type Parts = Omit<HeapGraph, 'newDescriber'> & { readonly ruby: RubyFacts };

/** Names the steps of paths in a Ruby dump. */
export function newDescriber(graph: Parts): Describer {
  const { nodeKind, nodeName, firstEdge, edgeKind, edgeName, edgeTarget, strings, ruby, locations } = graph;
  const category = NODE_KINDS.map((kind) => CATEGORY[kind]);
  const shapes: Shape[] = [];
  const shapeIds = new Map<string, number>();
  const shapeOf = new Map<number, number>();
  const labels: Label[] = [];
  const labelIds = new Map<Label, number>();
  const labelOf = new Map<number, number>();

  const locationAt = (node: number): SourceLocation | null => {
    const row = locationOf(graph as unknown as HeapGraph, node);
    const file = row < 0 ? null : graph.scripts.pathOf(locations.scriptId[row]!);
    return file === null ? null : { file, line: locations.line[row]! + 1, column: 1 };
  };

  const intern = (text: string, kind: ShapeCategory, location: SourceLocation | null): number => {
    const full = `${kind}|${text}|${location ? `${location.file}:${location.line}` : ''}`;
    let id = shapeIds.get(full);
    if (id === undefined) {
      id = shapes.push({ text, category: kind, location }) - 1;
      shapeIds.set(full, id);
    }
    return id;
  };

  const describe = (node: number): number => {
    const kind = nodeKind[node]!;
    const name = strings.head(nodeName[node]!, MAX_NAME_CHARS);
    switch (NODE_KINDS[kind]) {
      case 'string':
        return intern('(string)', 'string', null);
      case 'symbol':
      case 'number':
        return intern(`(${NODE_KINDS[kind]})`, 'primitive', null);
      case 'class':
        return intern(
          name.startsWith('#<') || name.startsWith('(')
            ? name
            : `${ruby.modules.has(node) ? 'module' : 'class'} ${numbersMasked(name)}`,
          'object',
          locationAt(node),
        );
      case 'closure':
        return intern(name, 'closure', locationAt(node));
      case 'context':
        return intern('(closure variables)', 'context', null);
      case 'object': {
        const owner = ruby.classByName.get(nodeName[node]!);
        return intern(name, 'object', owner === undefined ? null : locationAt(owner));
      }
      default:
        return intern(name, category[kind]!, null);
    }
  };

  const shapeKey = (node: number): number => {
    const kind = NODE_KINDS[nodeKind[node]!];
    // Strings have a name each, classes and closures a position.
    const key =
      kind === 'string' || kind === 'symbol'
        ? -1 - nodeKind[node]!
        : kind === 'class' || kind === 'closure'
          ? -100 - node
          : nodeName[node]! * 16 + nodeKind[node]!;
    let id = shapeOf.get(key);
    if (id === undefined) {
      id = describe(node);
      shapeOf.set(key, id);
    }
    return id;
  };

  const mapLike = new Map<number, boolean>();
  /** True when a node keeps like things under many names of variables or constants. */
  const isMapLike = (node: number): boolean => {
    if (firstEdge[node + 1]! - firstEdge[node]! <= MAP_LIKE_NAMES) return false;
    let known = mapLike.get(node);
    if (known === undefined) {
      const alike = new Map<number, number>();
      let names = 0;
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
        if ((edgeKind[edge]! & EDGE_KIND_MASK) !== EDGE.property) continue;
        const key = shapeKey(edgeTarget[edge]!);
        alike.set(key, (alike.get(key) ?? 0) + 1);
        names++;
      }
      known = names > MAP_LIKE_NAMES && Math.max(...alike.values()) * 2 >= names;
      mapLike.set(node, known);
    }
    return known;
  };

  const labelText = (source: number, edge: number, kind: number): Label => {
    switch (EDGE_KINDS[kind]) {
      case 'element':
        return '[]';
      case 'key':
        return '[key]';
      case 'value':
        return '[value]';
      case 'slot':
        return ruby.type[source] === TYPE.ROOT ? '~' : `~${Math.min(edgeName[edge]!, MAX_SLOT)}`;
      case 'context':
        return `$${strings.head(edgeName[edge]!, MAX_NAME_CHARS)}`;
      case 'internal':
        return `#${strings.head(edgeName[edge]!, MAX_NAME_CHARS)}`;
      default:
        return isMapLike(source) ? ANY_NAME : `.${strings.head(edgeName[edge]!, MAX_NAME_CHARS)}`;
    }
  };

  const labelKey = (source: number, edge: number): number => {
    const kind = edgeKind[edge]! & EDGE_KIND_MASK;
    let key: number;
    if (kind === EDGE.element || kind === EDGE.key || kind === EDGE.value) key = -1 - kind;
    else if (kind === EDGE.slot)
      key = ruby.type[source] === TYPE.ROOT ? -20 : -30 - Math.min(edgeName[edge]!, MAX_SLOT);
    else if (kind === EDGE.property && isMapLike(source)) key = -10;
    else key = edgeName[edge]! * 8 + kind;
    let id = labelOf.get(key);
    if (id === undefined) {
      const text = labelText(source, edge, kind);
      id = labelIds.get(text);
      if (id === undefined) {
        id = labels.push(text) - 1;
        labelIds.set(text, id);
      }
      labelOf.set(key, id);
    }
    return id;
  };

  /** A Set keeps its elements in a Hash up to Ruby 3.4, as references of its own since. */
  const entriesOfSet = (node: number): number => {
    for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
      const target = graph.edgeTarget[edge]!;
      if (ruby.type[target] === TYPE.HASH) return Math.max(0, entriesTold(ruby, target));
    }
    return graph.firstEdge[node + 1]! - graph.firstEdge[node]!;
  };

  /** Arrays and Hashes by their entries, since only those are told beside the whole size. */
  const usedBytes = (node: number): number | null => {
    const spare = ruby.spareBytes.get(node);
    if (spare !== undefined) return Math.max(0, graph.selfBytes[node]! - spare);
    const entryBytes = ENTRY_BYTES[ruby.type[node]!];
    if (entryBytes === undefined) return null;
    const entries = entriesTold(ruby, node);
    return entries < 0 ? null : Math.min(graph.selfBytes[node]!, entries * entryBytes);
  };

  return {
    usedBytes,
    shapeKey,
    labelKey,
    shape: (node) => shapes[shapeKey(node)]!,
    label: (source, edge) => labels[labelKey(source, edge)]!,
    entries: (node) => {
      const told = entriesTold(ruby, node);
      if (told >= 0) return told;
      return ruby.setNames.has(nodeName[node]!) && NODE_KINDS[nodeKind[node]!] === 'object'
        ? entriesOfSet(node)
        : null;
    },
  };
}

/** Classes that a program makes at run time differ by a number: `Shape117`. A digit within a word (`Http2Stream`) is part of it. */
function numbersMasked(name: string): string {
  return name.replace(/\d{2,}$|(?<=_)\d+$|\d{3,}/g, '#');
}
