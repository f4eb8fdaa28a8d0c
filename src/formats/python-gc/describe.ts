import type { Describer, Label, Shape, ShapeCategory } from '../../model/description.ts';
import { EDGE_KIND_MASK, type HeapGraph } from '../../model/heap-graph.ts';
import type { SourceLocation } from '../../model/source-location.ts';
import type { LruCache } from './facts.ts';
import { EDGE, NODE_KINDS } from './kinds.ts';
import { NO_LENGTH, type Objects, type Place } from './objects.ts';

const CATEGORIES: Readonly<Record<(typeof NODE_KINDS)[number], ShapeCategory>> = {
  synthetic: 'root',
  object: 'object',
  string: 'string',
  number: 'primitive',
  class: 'object',
  module: 'object',
  closure: 'closure',
  context: 'context',
  hidden: 'engine',
};

/** Names the steps of paths in a Python graph. */
export function newPythonDescriber(
  graph: Omit<HeapGraph, 'newDescriber'>,
  objects: Objects,
  lruCaches: readonly LruCache[],
): Describer {
  const { edgeKind, edgeName, nodeKind, nodeName, strings } = graph;
  const shapes: Shape[] = [];
  const keys = new Map<string, number>();
  const byClass = new Map<number, number>();
  const labels: Label[] = [];
  const labelKeys = new Map<string, number>();
  const byName = new Map<number, number>();
  const cacheAt = new Map(lruCaches.map((cache) => [cache.node, cache]));

  const intern = (text: string, category: ShapeCategory, place: Place | null): number => {
    const id = `${category}|${text}|${place ? `${place.file}:${place.line}` : ''}`;
    let key = keys.get(id);
    if (key === undefined) {
      key = shapes.length;
      shapes.push({ text, category, location: locationOfPlace(place) });
      keys.set(id, key);
    }
    return key;
  };

  const shapeKey = (node: number): number => {
    const kind = NODE_KINDS[nodeKind[node]!]!;
    const classIndex = objects.classOf[node]!;
    if (kind === 'object' || kind === 'string' || kind === 'number' || kind === 'hidden') {
      let key = byClass.get(classIndex);
      if (key === undefined) {
        const { name, place } = objects.classes[classIndex]!;
        key = intern(masked(name) || '(object)', CATEGORIES[kind], place);
        byClass.set(classIndex, key);
      }
      return key;
    }
    const cache = cacheAt.get(node);
    const place = cache?.place ?? objects.places.get(node) ?? null;
    const name = cache ? cache.name || 'lru_cache' : strings.get(nodeName[node]!);
    return intern(textOfNode(kind, name), CATEGORIES[kind], place);
  };

  const labelKey = (_source: number, edge: number): number => {
    const kind = edgeKind[edge]! & EDGE_KIND_MASK;
    const cacheKey = kind === EDGE.element ? 7 : edgeName[edge]! * 8 + kind;
    let key = byName.get(cacheKey);
    if (key === undefined) {
      const text = labelText(kind, kind === EDGE.element ? '' : strings.head(edgeName[edge]!, 80));
      key = labelKeys.get(text) ?? labels.push(text) - 1;
      labelKeys.set(text, key);
      byName.set(cacheKey, key);
    }
    return key;
  };

  return {
    shapeKey,
    labelKey,
    shape: (node) => shapes[shapeKey(node)]!,
    label: (source, edge) => labels[labelKey(source, edge)]!,
    entries: (node) => {
      const cache = cacheAt.get(node);
      if (cache) return cache.entries;
      return objects.length[node] === NO_LENGTH ? null : objects.length[node]!;
    },
  };
}

function textOfNode(kind: (typeof NODE_KINDS)[number], name: string): string {
  if (kind === 'closure') return `${name}()`;
  if (kind === 'module') return `module ${name}`;
  if (kind === 'class') return `class ${masked(name)}`;
  return name || `(${kind})`;
}

/** Classes that a program makes by the dozen differ by a number: `Rule17`. A digit within a word (`Http2Stream`) is part of it. */
function masked(name: string): string {
  return name.replace(/\d+$|(?<=[-_ ])\d+/g, (run) =>
    run.length > 1 || /[a-z_]\d$/i.test(name) ? '#' : run,
  );
}

function labelText(kind: number, name: string): Label {
  switch (kind) {
    case EDGE.element:
      return '[]';
    case EDGE.key:
      return '[key]';
    case EDGE.value:
      return '[value]';
    case EDGE.context:
      return `$${name}`;
    case EDGE.property:
      return `.${name}`;
    case EDGE.internal:
      // Threads are numbered: each would be a place of its own.
      return `#${name.replace(/\d+/g, '#')}`;
    default:
      return '~';
  }
}

function locationOfPlace(place: Place | null): SourceLocation | null {
  return place && { ...place, column: 1 };
}
