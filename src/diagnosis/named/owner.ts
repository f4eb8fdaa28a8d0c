import { EDGE_KIND_MASK, type HeapGraph, sourceOf } from '../../model/heap-graph.ts';
import type { SourceLocation } from '../../model/source-location.ts';
import { type Authorship, authorOf, shortFile } from '../authorship.ts';
import type { CollectionKind, Owner, OwnerScope } from '../dialect.ts';
import type { NodeStep } from '../node-path.ts';
import { looseCycleText } from './python-cycles.ts';
import { rubyRootText, threadVariable } from './ruby-places.ts';
import { kindTextOf, nameTextOf, type Tongue } from './tongue.ts';

const MAX_ANCHORS = 2;

/** A name on the way to the holder that a programmer gave. */
interface Anchor {
  readonly text: string;
  readonly name: string;
  readonly className: string | null;
  readonly scope: OwnerScope;
  readonly author: Authorship;
  readonly holds: SourceLocation | null;
  /** Nothing above it needs to be said: modules, classes and globals live for ever. */
  readonly isLast: boolean;
}

/** Names the holder at the end of a path. */
export function ownerOf(graph: HeapGraph, tongue: Tongue, path: readonly NodeStep[]): Owner {
  const end = collectionIndex(graph, tongue, path);
  const cycles = tongue.runtime === 'python' ? looseCycleText(graph, path) : null;
  if (cycles !== null) {
    const collection = path[end]!.node;
    return {
      text: cycles,
      name: '',
      collection,
      collectionKind: 'other',
      author: 'user',
      holds: null,
      isNamed: true,
    };
  }
  const anchors: Anchor[] = [];
  let slots = '';
  for (let at = end; at > 0 && anchors.length < MAX_ANCHORS; at--) {
    const step = path[at]!;
    const holder = path[at - 1]!.node;
    if (isLink(graph, tongue, holder, step.node)) continue;
    const kind = edgeKindOf(graph, step.edge);
    if (isStore(graph, holder, step)) {
      slots = '';
      continue;
    }
    if (kind === 'element' || kind === 'key' || kind === 'value') {
      slots = `[]${slots}`;
      continue;
    }
    const anchor =
      threadAnchor(graph, tongue, path, at, slots) ?? anchorOf(graph, tongue, holder, step.edge, kind, slots);
    if (anchor === null) continue;
    const outer = anchors[0];
    // Above the program's own code stands what runs it: that names nothing.
    if (anchor.author !== 'user' && outer?.author === 'user' && !anchor.isLast) break;
    if (outer && outer.className !== null && outer.className === anchor.className) {
      if (anchor.name === '') {
        if (anchor.isLast) break;
        continue;
      }
      if (outer.name !== '') anchors[0] = { ...outer, text: outer.name };
    }
    anchors.unshift(anchor);
    slots = '';
    if (anchor.isLast) break;
  }
  const collection = path[end]!.node;
  const nearest = anchors[anchors.length - 1];
  const best = anchors.find(({ author }) => author === 'user') ?? nearest;
  return {
    text: anchors.map(({ text }) => text).join(' → ') || rootText(graph, tongue, path),
    name: (nearest?.name ?? '').replace(/(?:\[\])+$/, ''),
    collection,
    collectionKind: collectionKindOf(graph, tongue, collection),
    author: best?.author ?? 'runtime',
    holds: nearest?.holds ?? best?.holds ?? null,
    isNamed: anchors.length > 0,
    scope: nearest?.scope ?? null,
    className: nearest?.className ?? null,
  };
}

/** A variable of a thread: `Thread.current[:name]`, `Thread.current.thread_variable_get(:name)`. */
function threadAnchor(
  graph: HeapGraph,
  tongue: Tongue,
  path: readonly NodeStep[],
  at: number,
  slots: string,
): Anchor | null {
  const variable = tongue.runtime === 'ruby' ? threadVariable(graph, path, at) : null;
  return variable === null
    ? null
    : {
        text: variable.text + slots,
        name: variable.name + slots,
        className: 'Thread',
        scope: 'thread-local',
        author: 'user',
        holds: null,
        isLast: true,
      };
}

/** What a collection written in C keeps its members in (the Array of a Queue): part of the collection. */
function isStore(graph: HeapGraph, holder: number, { node, edge }: NodeStep): boolean {
  return (
    kindTextOf(graph, node) === 'hidden' &&
    kindTextOf(graph, holder) === 'object' &&
    edgeKindOf(graph, edge) === 'slot'
  );
}

function anchorOf(
  graph: HeapGraph,
  tongue: Tongue,
  holder: number,
  edge: number,
  kind: string,
  slots: string,
): Anchor | null {
  const holderKind = kindTextOf(graph, holder);
  const holderName = nameTextOf(graph, holder);
  const edgeName = kind === 'property' || kind === 'context' ? nameOfEdge(graph, edge) : '';
  const holds = sourceOf(graph, holder) ?? (holderKind === 'module' ? moduleFile(graph, holder) : null);
  const author = (className: string): Authorship =>
    holds ? authorOf(holds.file) : tongue.authorOfClass(className);
  if (holderKind === 'class' || holderKind === 'module') {
    if (kind !== 'property' && kind !== 'slot') return null;
    // The constant that leads to a class is not what holds its members.
    const className = holderName.replace(/^#<Class:(.*)>$/, '$1');
    const name = kind === 'slot' ? '' : edgeName;
    return {
      text:
        (name === ''
          ? `${className} (a name that the dump does not tell)`
          : tongue.ownText(className, name)) + slots,
      name: name + slots,
      className,
      scope: tongue.scopeOf(holderKind, className, name),
      author: author(className),
      holds,
      isLast: true,
    };
  }
  if (holderKind === 'synthetic') {
    if (kind !== 'property') return null;
    const isThread = holderName === '(threads)';
    return {
      text: (isThread ? `thread-local ${edgeName}` : edgeName) + slots,
      name: edgeName + slots,
      className: null,
      scope: isThread ? 'thread-local' : 'global',
      author: 'user',
      holds: null,
      isLast: true,
    };
  }
  if (holderKind === 'closure') {
    if (kind !== 'property' && kind !== 'context') return null;
    const isDefault = edgeName.endsWith('=');
    const where = holds ? ` at ${shortFile(holds.file)}:${holds.line}` : '';
    return {
      text: isDefault
        ? `${holderName || 'a function'}(${edgeName})${slots}`
        : `${edgeName}${slots} (held by ${holderName || 'a function'}${where})`,
      name: edgeName.replace(/=$/, '') + slots,
      className: null,
      scope: isDefault ? 'default-argument' : 'closure',
      author: holds ? authorOf(holds.file) : 'user',
      holds,
      isLast: true,
    };
  }
  if (kind === 'context') {
    return {
      text: `${edgeName}${slots} (closure variable)`,
      name: edgeName + slots,
      className: null,
      scope: 'closure',
      author: 'user',
      holds,
      isLast: false,
    };
  }
  if (holderKind !== 'object' || (kind !== 'property' && kind !== 'slot')) return null;
  if (tongue.isInnerField(holderName, edgeName)) return null;
  if (kind === 'slot' && tongue.isPlain(holderName)) return null;
  // How the interpreter's own objects are made inside names nothing: the value of a ContextVar, the links of a tee.
  if (kind === 'slot' && tongue.runtime === 'python' && tongue.authorOfClass(holderName) === 'runtime')
    return null;
  const classSource = holds ?? classLocation(graph, holderName);
  const name = kind === 'slot' ? '' : edgeName;
  return {
    text:
      (name === ''
        ? `${holderName} (a field that the dump does not name)`
        : tongue.fieldText(holderName, name)) + slots,
    name: name + slots,
    className: holderName,
    scope: tongue.scopeOf('object', holderName, name),
    author: classSource ? authorOf(classSource.file) : tongue.authorOfClass(holderName),
    holds: classSource,
    isLast: false,
  };
}

/** The thing that a programmer calls the collection: the Set rather than the Hash inside it. */
function collectionIndex(graph: HeapGraph, tongue: Tongue, path: readonly NodeStep[]): number {
  let end = path.length - 1;
  // A String may share the text of another: a programmer knows the first of them.
  const isString = (at: number): boolean => kindTextOf(graph, path[at]!.node) === 'string';
  while (end > 1 && isString(end) && isString(end - 1)) end--;
  if (end < 2) return end;
  const holder = path[end - 1]!.node;
  if (isStore(graph, holder, path[end]!)) return end - 1;
  const { edge } = path[end]!;
  const inner =
    edgeKindOf(graph, edge) === 'property' &&
    kindTextOf(graph, holder) === 'object' &&
    tongue.isInnerField(nameTextOf(graph, holder), nameOfEdge(graph, edge));
  return inner ? end - 1 : end;
}

function collectionKindOf(graph: HeapGraph, tongue: Tongue, node: number): CollectionKind {
  const kind = kindTextOf(graph, node);
  if (kind === 'closure' || kind === 'context') return 'closure';
  if (kind === 'string') return 'string';
  if (kind !== 'object') return 'other';
  const named = tongue.collectionKind(nameTextOf(graph, node));
  if (named !== null) return named;
  const from = graph.firstEdge[node]!;
  for (let edge = graph.firstEdge[node + 1]! - 1, seen = 0; edge >= from && seen < 8; edge--, seen++) {
    const edgeKind = edgeKindOf(graph, edge);
    if (edgeKind === 'value' || edgeKind === 'key') return tongue.keyed;
    if (edgeKind === 'element') return tongue.listed;
  }
  return 'other';
}

/** Nodes of one class that is no container are links of a chain. */
export function isLink(graph: HeapGraph, tongue: Tongue, holder: number, node: number): boolean {
  return (
    graph.nodeKind[holder] === graph.nodeKind[node] &&
    graph.nodeName[holder] === graph.nodeName[node] &&
    kindTextOf(graph, node) === 'object' &&
    !tongue.isPlain(nameTextOf(graph, node))
  );
}

export function edgeKindOf(graph: HeapGraph, edge: number): string {
  return edge < 0 ? '' : graph.edgeKinds[graph.edgeKind[edge]! & EDGE_KIND_MASK]!;
}

export function nameOfEdge(graph: HeapGraph, edge: number): string {
  return graph.strings.head(graph.edgeName[edge]!, 80);
}

/** The file of a module: that of its functions and classes whose path ends as its name does. */
function moduleFile(graph: HeapGraph, module: number): SourceLocation | null {
  const tail = nameTextOf(graph, module).split('.').slice(-2).join('/');
  for (let edge = graph.firstEdge[module]!; edge < graph.firstEdge[module + 1]!; edge++) {
    const place = sourceOf(graph, graph.edgeTarget[edge]!);
    if (
      place &&
      /(?:\/__init__)?\.py$/.test(place.file) &&
      place.file.replace(/(?:\/__init__)?\.py$/, '').endsWith(tail)
    )
      return { file: place.file, line: 1, column: 1 };
  }
  return null;
}

const classPlaces = new WeakMap<HeapGraph, ReadonlyMap<string, SourceLocation | null>>();

/** Where the class of this name is written. */
export function classLocation(graph: HeapGraph, className: string): SourceLocation | null {
  let places = classPlaces.get(graph);
  if (!places) {
    places = classPlacesOf(graph);
    classPlaces.set(graph, places);
  }
  return places.get(className) ?? null;
}

function classPlacesOf(graph: HeapGraph): Map<string, SourceLocation | null> {
  const nodes = new Map<number, number>();
  for (const node of graph.locations.node) {
    const kind = kindTextOf(graph, node);
    if (kind === 'class' || kind === 'module') nodes.set(graph.nodeName[node]!, node);
  }
  const places = new Map<string, SourceLocation | null>();
  for (const [name, node] of nodes) {
    const text = graph.strings.head(name, 120);
    if (!places.has(text)) places.set(text, sourceOf(graph, node));
  }
  return places;
}

/** Without any name on the way, the kind of root and the first thing that it holds have to do. */
function rootText(graph: HeapGraph, tongue: Tongue, path: readonly NodeStep[]): string {
  const told = tongue.runtime === 'ruby' ? rubyRootText(graph, path) : null;
  if (told !== null) return told;
  const root = path.findLast(({ node }) => node !== 0 && kindTextOf(graph, node) === 'synthetic');
  const first = path.find(({ node }) => kindTextOf(graph, node) !== 'synthetic');
  return [root ? nameTextOf(graph, root.node) : '(root)', first ? nodeText(graph, first.node) : '']
    .filter((text) => text !== '')
    .join(' → ');
}

/** An object as a path shows it; values of strings are never shown. */
export function nodeText(graph: HeapGraph, node: number): string {
  const kind = kindTextOf(graph, node);
  if (kind === 'string' || kind === 'symbol' || kind === 'number') return `(${kind})`;
  const name = nameTextOf(graph, node);
  if (kind === 'class' || kind === 'module') return `${kind} ${name || '(anonymous)'}`;
  if (kind === 'closure') {
    const source = sourceOf(graph, node);
    return `${name || '(function)'}${source ? ` @ ${shortFile(source.file)}:${source.line}` : ''}`;
  }
  return name || `(${kind})`;
}
