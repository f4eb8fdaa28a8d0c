import type { Describer, Label, Shape, ShapeCategory } from '../../model/description.ts';
import { EDGE_KIND_MASK, type HeapGraph, locationOf } from '../../model/heap-graph.ts';
import type { SourceLocation } from '../../model/source-location.ts';
import { entriesOf } from './entries.ts';
import { Interner } from './interner.ts';
import { nameTest } from './name-test.ts';
import { layoutOfTable, type TableLayout } from './table-layout.ts';

const CATEGORIES: Readonly<Record<string, ShapeCategory>> = {
  hidden: 'engine',
  array: 'array',
  string: 'string',
  'concatenated string': 'string',
  'sliced string': 'string',
  object: 'object',
  code: 'engine',
  closure: 'closure',
  regexp: 'object',
  number: 'primitive',
  bigint: 'primitive',
  symbol: 'primitive',
  native: 'native',
  synthetic: 'root',
  'object shape': 'engine',
  'wasm object': 'object',
};
/** From this many named references on, an object is taken for a map from keys to values. */
const MAP_LIKE_KEYS = 32;
/** So many variables tell one scope from another. */
const CONTEXT_NAMES = 6;

const STRING_TEXTS: Readonly<Record<string, string>> = {
  string: '(string)',
  'concatenated string': '(concatenated string)',
  'sliced string': '(sliced string)',
};

/** Names the steps of paths in a V8 snapshot. */
export function newDescriber(graph: Omit<HeapGraph, 'newDescriber'>): Describer {
  const { strings, edgeKind, edgeName, nodeKind, nodeName, firstEdge, edgeTarget } = graph;
  const categoryOf = graph.nodeKinds.map((kind) => CATEGORIES[kind] ?? 'object');
  const stringText = graph.nodeKinds.map((kind) => STRING_TEXTS[kind]);
  const kind = (name: string) => graph.edgeKinds.indexOf(name);
  const [context, element, property, internal, hidden] = [
    'context',
    'element',
    'property',
    'internal',
    'hidden',
  ].map(kind);
  const concatenated = graph.nodeKinds.indexOf('concatenated string');

  const names = new Map<number, number>();
  const shapes = new Interner<Shape>();
  const labels = new Interner<Label>();
  const labelKeys = new Map<number, number>();
  const tables = new Map<number, TableLayout | null>();
  const mapLike = new Map<number, boolean>();
  const contexts = new Map<string, number>();
  const isContextName = nameTest(strings, 'system / Context');

  const shapeKey = (node: number): number => {
    const nodeKindNumber = nodeKind[node]!;
    const category = categoryOf[nodeKindNumber]!;
    if (category === 'string')
      return shapes.key(stringText[nodeKindNumber]!, () => plain(stringText[nodeKindNumber]!, 'string'));
    if (category === 'primitive') {
      const text = `(${graph.nodeKinds[nodeKindNumber]})`;
      return shapes.key(text, () => plain(text, 'primitive'));
    }
    const located =
      category === 'closure' || category === 'object' ? locationOf(graph as HeapGraph, node) : -1;
    if (located >= 0) return locatedKey(node, category, located);
    if (category === 'closure') {
      const target = boundFunction(graph, node, internal!);
      if (target >= 0 && target !== node) {
        const shape = shapes.value(shapeKey(target));
        const bound = `bound ${shape.text}`;
        return shapes.key(
          `${bound}|${shape.location?.file}:${shape.location?.line}:${shape.location?.column}`,
          () => ({ ...shape, text: bound }),
        );
      }
    }
    if (category !== 'array' && isContextName(nodeName[node]!)) return contextKey(node);
    const cacheKey = nodeName[node]! * 32 + nodeKindNumber;
    let key = names.get(cacheKey);
    if (key === undefined) {
      const text = unlocatedText(node, category);
      key = shapes.key(`${category}|${text}`, () => plain(text, category));
      names.set(cacheKey, key);
    }
    return key;
  };

  /** Contexts are told apart by the variables that they hold. */
  const contextKey = (node: number): number => {
    let packed = '';
    let count = 0;
    for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]! && count < CONTEXT_NAMES; edge++) {
      if ((edgeKind[edge]! & EDGE_KIND_MASK) !== context) continue;
      packed += `,${edgeName[edge]}`;
      count++;
    }
    let key = contexts.get(packed);
    if (key === undefined) {
      const variables = packed
        .split(',')
        .slice(1)
        .map((index) => strings.head(Number(index), 40));
      const text = `Context {${variables.join(', ')}}`;
      key = shapes.key(`context|${text}`, () => plain(text, 'context'));
      contexts.set(packed, key);
    }
    return key;
  };

  const locatedKeys = new Map<number, Map<number, number>>();
  const locatedKey = (node: number, category: ShapeCategory, index: number): number => {
    const { scriptId, line, column } = graph.locations;
    const nameKey = nodeName[node]! * 2 + (category === 'closure' ? 1 : 0);
    let byPlace = locatedKeys.get(nameKey);
    if (!byPlace) {
      byPlace = new Map();
      locatedKeys.set(nameKey, byPlace);
    }
    const place = (scriptId[index]! * 2 ** 20 + line[index]!) * 2 ** 12 + Math.min(column[index]!, 4095);
    let key = byPlace.get(place);
    if (key === undefined) {
      const location = locationAt(graph, index);
      const name = normalized(strings.head(nodeName[node]!, 120));
      const text = category === 'closure' ? `${name || '(anonymous)'}()` : name;
      const at = location
        ? `${location.file}:${location.line}:${location.column}`
        : `script ${scriptId[index]}:${line[index]}`;
      key = shapes.key(`${category}|${text}|${at}`, () => ({ text, category, location }));
      byPlace.set(place, key);
    }
    return key;
  };

  const unlocatedText = (node: number, category: ShapeCategory): string => {
    const name = strings.head(nodeName[node]!, 120);
    if (category === 'closure') return `${name || '(anonymous)'}()`;
    if (category === 'array') return name || '(array)';
    if (category === 'native' && name.startsWith('<')) return `${name.split(' ')[0]!.replace(/>$/, '')}>`;
    return normalized(name) || `(${graph.nodeKinds[nodeKind[node]!]})`;
  };

  const isMapLike = (node: number): boolean => {
    if (firstEdge[node + 1]! - firstEdge[node]! <= MAP_LIKE_KEYS) return false;
    let known = mapLike.get(node);
    if (known === undefined) {
      let count = 0;
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]! && count <= MAP_LIKE_KEYS; edge++) {
        if ((edgeKind[edge]! & EDGE_KIND_MASK) === property) count++;
      }
      known = count > MAP_LIKE_KEYS && strings.head(nodeName[node]!, 8) === 'Object' && hasLikeValues(node);
      mapLike.set(node, known);
    }
    return known;
  };

  /** At least half of the first values are of one shape: keys of a map; the exports of a module are not. */
  const hasLikeValues = (node: number): boolean => {
    const byShape = new Map<number, number>();
    let probed = 0;
    for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]! && probed < MAP_LIKE_KEYS; edge++) {
      if ((edgeKind[edge]! & EDGE_KIND_MASK) !== property) continue;
      const key = shapeKey(edgeTarget[edge]!);
      byShape.set(key, (byShape.get(key) ?? 0) + 1);
      probed++;
    }
    return Math.max(...byShape.values()) * 2 >= probed;
  };

  const slots = new Map<number, number>();
  /** The slot that an internal edge's name tells; NaN for names that are no number. */
  const slotOf = (edge: number): number => {
    const name = edgeName[edge]!;
    let slot = slots.get(name);
    if (slot === undefined) {
      slot = strings.writtenBytes(name) > 16 ? Number.NaN : Number(strings.head(name, 12));
      slots.set(name, slot);
    }
    return slot;
  };

  const tableLayout = (node: number): TableLayout | null => {
    let known = tables.get(node);
    if (known === undefined) {
      known = layoutOfTable(graph, node, internal!, slotOf);
      tables.set(node, known);
    }
    return known;
  };

  const labelText = (source: number, edge: number): Label => {
    const kindNumber = edgeKind[edge]! & EDGE_KIND_MASK;
    if (nodeKind[source] === concatenated) return '#part';
    if (kindNumber === element) return '[]';
    if (kindNumber === hidden) return `~${Math.min(edgeName[edge]!, 8)}`;
    const name = strings.head(edgeName[edge]!, 80);
    if (kindNumber === context) return `$${name}`;
    if (kindNumber === property)
      return isMapLike(source) && !name.startsWith('__proto__') ? '.*' : propertyLabel(name);
    if (kindNumber === internal && /^\d+$/.test(name)) return '[]';
    return `#${name}`;
  };

  const labelKey = (source: number, edge: number): number => {
    const kindNumber = edgeKind[edge]! & EDGE_KIND_MASK;
    if (kindNumber === internal && nodeKind[source] !== concatenated) {
      const role = tableLayout(source)?.roleOf(edge);
      if (role) return labels.key(role, () => role);
    }
    if (
      kindNumber === element ||
      kindNumber === hidden ||
      nodeKind[source] === concatenated ||
      (kindNumber === property && isMapLike(source))
    ) {
      const text = labelText(source, edge);
      return labels.key(text, () => text);
    }
    const cacheKey = edgeName[edge]! * 16 + kindNumber;
    let key = labelKeys.get(cacheKey);
    if (key === undefined) {
      const text = labelText(source, edge);
      key = labels.key(text, () => text);
      labelKeys.set(cacheKey, key);
    }
    return key;
  };

  const label = (source: number, edge: number): Label => labels.value(labelKey(source, edge));
  return {
    entries: (node) => entriesOf(graph, node, label),
    shapeKey,
    labelKey,
    shape: (node) => shapes.value(shapeKey(node)),
    label,
  };
}

function plain(text: string, category: ShapeCategory): Shape {
  return { text, category, location: null };
}

/** Position of a location-table entry with its script's path; null when the dump does not name the script. */
function locationAt(graph: Pick<HeapGraph, 'locations' | 'scripts'>, index: number): SourceLocation | null {
  const { scriptId, line, column } = graph.locations;
  const file = graph.scripts.pathOf(scriptId[index]!);
  return file === null ? null : { file, line: line[index]! + 1, column: column[index]! + 1 };
}

/**
 * Numbers and hashes in a name differ from object to object and from run to run; one or two digits before a capital
 * are part of a word (`V8EventListener`, `Http2Session`).
 */
export function normalized(name: string): string {
  const pattern = /[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]{4,}){0,4}|(?<=[A-Za-z])(\d{1,2})(?=[A-Z])|\d+/g;
  return name.replace(pattern, (run: string, word?: string) => word ?? (/\d/.test(run) ? '#' : run));
}

function propertyLabel(name: string): Label {
  if (/^\d+$/.test(name)) return '[]';
  if (name.startsWith('<symbol ')) return `.[${name.slice(8, -1)}]`;
  return `.${normalized(name)}`;
}

/** What a bound function calls; -1 for other functions. A bound bound function is followed once more by its own shape. */
function boundFunction(graph: Omit<HeapGraph, 'newDescriber'>, node: number, internal: number): number {
  for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
    if ((graph.edgeKind[edge]! & EDGE_KIND_MASK) !== internal) continue;
    if (graph.strings.head(graph.edgeName[edge]!, 16) === 'bound_function') return graph.edgeTarget[edge]!;
  }
  return -1;
}
