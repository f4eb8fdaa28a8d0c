import type { Describer } from '../model/description.ts';
import { EDGE_KIND_MASK, type HeapGraph } from '../model/heap-graph.ts';
import { stringValueText, valueText } from './values.ts';

/** Names objects and references one by one, for listings. */
export interface ObjectNames {
  /** `Session`, `heartbeatHandler()`, `Context {socket, board}`, `"se…" (36)`. */
  object(node: number): string;
  /**
   * `.name` property, `["key"]` entry of an object that serves as a map, `[3]` array slot, `[key]` and `[value]` of a
   * Map, `$name` closure variable, `#name` internal, `~3` hidden, `?name` weak, `!name` shortcut.
   */
  reference(source: number, edge: number): string;
}

const MAX_NAME_CHARS = 120;

export function objectNames(graph: HeapGraph, describer: Describer, showValues: boolean): ObjectNames {
  const isString = graph.nodeKinds.map((kind) => kind.endsWith('string'));
  return {
    object(node) {
      if (isString[graph.nodeKind[node]!]) return stringValueText(graph, node, showValues);
      return node === 0 ? '(root)' : describer.shape(node).text;
    },
    reference(source, edge) {
      const kind = graph.edgeKinds[graph.edgeKind[edge]! & EDGE_KIND_MASK];
      const name = graph.edgeName[edge]!;
      if (kind === 'element') return `[${name}]`;
      if (kind === 'hidden') return `~${name}`;
      const text = graph.strings.head(name, MAX_NAME_CHARS);
      if (kind === 'property') {
        // The keys of an object that serves as a map are data, not names.
        if (describer.label(source, edge) === '.*') return `[${valueText(text, showValues)}]`;
        return propertyText(text);
      }
      if (kind === 'context') return `$${text}`;
      if (kind === 'weak') return `?${text}`;
      if (kind === 'shortcut') return `!${text}`;
      const label = describer.label(source, edge);
      return label === '[key]' || label === '[value]' ? label : internalText(text);
    },
  };
}

function propertyText(name: string): string {
  if (name.startsWith('<symbol ')) return `[${name.slice(1, -1)}]`;
  if (/^\d+$/.test(name)) return `[${name}]`;
  return /^#?[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/** V8 names both halves of a WeakMap entry with a long sentence. */
function internalText(name: string): string {
  return / \/ part of key \(/.test(name) ? '#entry of a WeakMap' : `#${name}`;
}
