import { EDGE_KIND_MASK, type HeapGraph, sourceOf } from '../../model/heap-graph.ts';
import type { SourceLocation } from '../../model/source-location.ts';
import { type Authorship, authorOf, shortFile } from '../authorship.ts';
import type { CollectionKind, Owner } from '../dialect.ts';
import type { NodeStep } from '../node-path.ts';
import type { ContextPlaces } from './contexts.ts';

/** References that only say how a thing is built; a reader need not see them. */
const FOLDED = new Set([
  'table',
  'elements',
  'properties',
  'context',
  'value',
  'previous',
  'extension',
  'bound_argument',
]);
const PLAIN_CLASSES = new Set([
  '',
  'Object',
  'Array',
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'Promise',
  'Generator',
  'AsyncGenerator',
  'ArrayBuffer',
  'SafeMap',
  'SafeSet',
]);
const MAX_ANCHORS = 2;

/** Names the holder at the end of a path. */
export function ownerOf(graph: HeapGraph, path: readonly NodeStep[], contexts: ContextPlaces): Owner {
  const end = collectionIndex(graph, path);
  const anchors: { text: string; author: Authorship; holds: SourceLocation | null }[] = [];
  let parts = '';
  let name = '';
  for (let at = end; at > 0 && anchors.length < MAX_ANCHORS; at--) {
    const step = path[at]!;
    const holder = path[at - 1]!.node;
    // A link to the next of its kind is part of a chain: the chain is named by what holds its first link.
    if (isLinkOf(graph, holder, step.node)) continue;
    const part = listenedEvent(graph, path, at) ?? partOf(graph, holder, step.edge);
    const exported = contexts.exportName(step.node);
    if (exported !== null) {
      anchors.unshift({ text: `${exported}${parts} (exported)`, author: 'user', holds: null });
      if (name === '') name = exported;
      parts = '';
      break;
    }
    if (part.kind === 'folded') continue;
    if (part.kind !== 'slot' && name === '') name = part.text;
    if (part.kind === 'variable') {
      const file = contexts.fileOf(holder);
      const author = authorOf(file);
      if (author === 'runtime' && anchors.some((anchor) => anchor.author !== 'runtime')) break;
      const moduleLevel = contexts.isModuleLevel(holder);
      const where = author === 'runtime' ? '' : moduleLevel ? 'module-level in ' : 'closure variable in ';
      const suffix = where && file !== null ? ` (${where}${shortFile(file)})` : '';
      anchors.unshift({
        text: `${part.text}${parts}${suffix}`,
        author,
        holds: contexts.firstClosure(holder),
      });
      parts = '';
      if (moduleLevel) break;
      continue;
    }
    parts = `${part.text}${parts}`;
    if (part.kind === 'slot') continue;
    const className = classOf(graph, holder);
    if (className === null) continue;
    const source = sourceOf(graph, holder);
    const author = source ? authorOf(source.file) : className === 'global' ? 'user' : 'runtime';
    if (author === 'runtime' && anchors.some((anchor) => anchor.author !== 'runtime')) break;
    anchors.unshift({ text: `${className}${parts}`, author, holds: source });
    parts = '';
    if (className === 'global') break;
  }
  const collection = path[end]!.node;
  const nearest = anchors[anchors.length - 1];
  const best =
    anchors.find((anchor) => anchor.author === 'user') ??
    anchors.find((anchor) => anchor.author === 'library') ??
    nearest;
  return {
    text: anchors.map((anchor) => anchor.text).join(' → ') || rootText(graph, path, parts),
    name: name.replace(/^[.$]|^\['?|'?\]$/g, ''),
    collection,
    collectionKind: kindOf(graph, collection),
    author: best?.author ?? 'runtime',
    // The reader's own class or variable rather than the library's behind it.
    holds: (nearest?.author === 'user' ? nearest.holds : (best?.holds ?? nearest?.holds)) ?? null,
    library: nearest?.author === 'library' ? nearest.holds : null,
    isNamed: anchors.length > 0,
  };
}

/** Without any name on the way, the kind of root and the first thing that it holds have to do. */
function rootText(graph: HeapGraph, path: readonly NodeStep[], parts: string): string {
  const roots = path.filter(
    (step) => step.node !== 0 && graph.nodeKinds[graph.nodeKind[step.node]!] === 'synthetic',
  );
  const root = roots[roots.length - 1];
  const first = (root === undefined ? undefined : path[path.indexOf(root) + 1]) ?? path[path.length - 1]!;
  const named = /^(?:\[\])*$/.test(parts) ? '' : parts;
  const held = first === root ? '' : nodeText(graph, first.node);
  return [root ? nodeText(graph, root.node) : '(GC roots)', `${held}${named}`]
    .filter((text) => text !== '')
    .join(' → ');
}

function isLinkOf(graph: HeapGraph, holder: number, node: number): boolean {
  if (graph.nodeKind[holder] !== graph.nodeKind[node] || graph.nodeName[holder] !== graph.nodeName[node])
    return false;
  return classOf(graph, node) !== null && graph.nodeKinds[graph.nodeKind[node]!] === 'object';
}

/** The event type of a listener list of an EventTarget: the key that stands before it in the `[kEvents]` Map's table. */
function listenedEvent(graph: HeapGraph, path: readonly NodeStep[], at: number): Part | null {
  if (at < 3) return null;
  const table = path[at - 1]!.node;
  const map = path[at - 2]!;
  if (
    graph.nodeKinds[graph.nodeKind[table]!] !== 'array' ||
    partOf(graph, path[at - 3]!.node, map.edge).text !== '[kEvents]'
  )
    return null;
  const slot = Number(graph.strings.head(graph.edgeName[path[at]!.edge]!, 12)) - 1;
  for (let edge = graph.firstEdge[table]!; edge < graph.firstEdge[table + 1]!; edge++) {
    if (graph.strings.head(graph.edgeName[edge]!, 12) !== String(slot)) continue;
    const type = graph.strings.head(graph.nodeName[graph.edgeTarget[edge]!]!, 40);
    return { kind: 'property', text: `.${type}` };
  }
  return null;
}

/** Steps back from tables and stores to the object that they serve. */
function collectionIndex(graph: HeapGraph, path: readonly NodeStep[]): number {
  let at = path.length - 1;
  while (at > 1) {
    const kind = graph.nodeKinds[graph.nodeKind[path[at]!.node]!]!;
    const part = partOf(graph, path[at - 1]!.node, path[at]!.edge);
    if (kind !== 'array' && part.text !== 'table' && part.text !== 'elements') break;
    at--;
  }
  return at;
}

interface Part {
  readonly kind: 'variable' | 'property' | 'slot' | 'folded';
  readonly text: string;
}

function partOf(graph: HeapGraph, holder: number, edge: number): Part {
  const kind = graph.edgeKinds[graph.edgeKind[edge]! & EDGE_KIND_MASK];
  if (kind === 'element') return { kind: 'slot', text: '[]' };
  if (kind === 'hidden' || kind === 'shortcut') return { kind: 'folded', text: '' };
  const name = graph.strings.head(graph.edgeName[edge]!, 80);
  if (kind === 'context') return { kind: 'variable', text: name };
  if (kind === 'property') {
    if (/^\d+$/.test(name)) return { kind: 'slot', text: '[]' };
    if (name === '__proto__') return { kind: 'folded', text: name };
    if (name.startsWith('<symbol ')) return { kind: 'property', text: `[${name.slice(8, -1)}]` };
    return { kind: 'property', text: isIdentifier(name) ? `.${name}` : `[${quoted(name)}]` };
  }
  if (FOLDED.has(name)) return { kind: 'folded', text: name };
  if (/^\d+$/.test(name))
    return isTable(graph, holder) ? { kind: 'slot', text: '[]' } : { kind: 'folded', text: '' };
  return { kind: 'folded', text: name };
}

function isTable(graph: HeapGraph, node: number): boolean {
  return graph.nodeKinds[graph.nodeKind[node]!] === 'array';
}

function isIdentifier(name: string): boolean {
  return /^#?[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
}

/** A key that is no identifier is data: only its pattern is shown, of an address nothing. */
function quoted(key: string): string {
  const masked = key
    .replace(/[^\s@'"/]+@[^\s@'"/]+/g, '…@…')
    .replace(/\d+/g, (run) => '#'.repeat(Math.min(run.length, 6)));
  return `'${masked.slice(0, 40)}'`;
}

/** The class that a property belongs to, when its name says something; null for plain objects and containers. */
function classOf(graph: HeapGraph, node: number): string | null {
  const kind = graph.nodeKinds[graph.nodeKind[node]!];
  const name = graph.strings.head(graph.nodeName[node]!, 80);
  if (kind === 'closure') return name === '' ? null : name;
  if (kind === 'native') return name;
  if (kind !== 'object' || PLAIN_CLASSES.has(name) || name.startsWith('system / ')) return null;
  return name;
}

function kindOf(graph: HeapGraph, node: number): CollectionKind {
  const kind = graph.nodeKinds[graph.nodeKind[node]!];
  const name = graph.strings.head(graph.nodeName[node]!, 80);
  if (kind === 'closure' || name.startsWith('system / Context')) return 'closure';
  if (name === 'Promise' || name.startsWith('system / Promise')) return 'promise';
  if (kind !== 'object') return 'other';
  if (/^(?:Safe)?Weak(?:Map|Set)$/.test(name)) return 'weak';
  if (name === 'Array') return 'Array';
  if (name === 'Object') return 'Object';
  const table = tableOf(graph, node);
  if (table >= 0) return /Set/.test(name) ? 'Set' : 'Map';
  return 'other';
}

/** The hash table of a Map or Set, also of subclasses; -1 for other objects. */
function tableOf(graph: HeapGraph, node: number): number {
  const internal = graph.edgeKinds.indexOf('internal');
  for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
    if ((graph.edgeKind[edge]! & EDGE_KIND_MASK) !== internal) continue;
    if (graph.strings.head(graph.edgeName[edge]!, 8) === 'table') return graph.edgeTarget[edge]!;
  }
  return -1;
}

export function nodeText(graph: HeapGraph, node: number): string {
  const kind = graph.nodeKinds[graph.nodeKind[node]!]!;
  if (kind.includes('string')) return `(${kind})`;
  const name = graph.strings.head(graph.nodeName[node]!, 80);
  if (kind === 'closure') return `${name || '(anonymous)'}()`;
  return name || `(${kind})`;
}
