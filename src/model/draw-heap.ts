import type { Describer } from './description.ts';
import { EDGE_KIND_MASK, EDGE_NOT_RETAINING, type HeapGraph } from './heap-graph.ts';

/**
 * Heaps drawn in text, for tests. A line is a chain of nodes and references:
 *
 *     root -!global-> g:Object -.bus-> bus:EventEmitter#64
 *     bus -._events-> list:Array -[]-> h*3:closure"heartbeat"#48<app/presence.js:19:30>
 *     h -#context-> c*:context -$socket-> s*:Socket#500, shared:Board
 *
 * A node is told in full once and by its handle afterwards: `handle[*count][:kind]["name"][#bytes][@id][+detached][<file:line:column>]`.
 * A `:Word` that is no kind is the class of an object. `h*3` draws three; `c*` one for each that refers to it; a
 * reference between groups of one size is drawn pair by pair, otherwise each to each.
 *
 * A reference is `.property`, `$contextVariable`, `[index]`, `[]` (next index), `#internal`, `~hidden`, `?weak` or
 * `!shortcut`; names with blanks or arrows stand in quotes, as JSON; `->` alone is the property named like the target's handle.
 * `root` is drawn already. Text behind `//` is for the reader.
 */
export interface HeapDrawing {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
  /** Node indexes of a handle: several for a group. */
  of(handle: string): readonly number[];
}

export interface DrawnNode {
  readonly handle: string;
  readonly kind: string;
  readonly name: string;
  readonly bytes: number;
  readonly id: number;
  /** Of a DOM node: 0 unknown, 1 attached, 2 detached. */
  readonly detachedness: number;
  /** Line and column from 1. */
  readonly at: { readonly file: string; readonly line: number; readonly column: number } | null;
}

export interface DrawnEdge {
  readonly from: number;
  readonly to: number;
  readonly kind: string;
  readonly name: string | number;
}

export const DRAWN_NODE_KINDS: readonly string[] = [
  'hidden',
  'array',
  'string',
  'object',
  'code',
  'closure',
  'regexp',
  'number',
  'native',
  'synthetic',
  'concatenated string',
  'sliced string',
  'symbol',
  'bigint',
  'object shape',
];
export const DRAWN_EDGE_KINDS: readonly string[] = [
  'context',
  'element',
  'property',
  'internal',
  'hidden',
  'shortcut',
  'weak',
];

const SHORT_KINDS: Readonly<Record<string, string>> = {
  cons: 'concatenated string',
  sliced: 'sliced string',
  shape: 'object shape',
};
const EDGE_SIGNS: Readonly<Record<string, string>> = {
  '.': 'property',
  $: 'context',
  '#': 'internal',
  '~': 'hidden',
  '?': 'weak',
  '!': 'shortcut',
  '[': 'element',
};
const DEFAULT_BYTES = 16;

const NODE =
  /\s*([\w$]+)(\*\d*)?(?::([a-zA-Z_$][\w$.]*)?("(?:[^"\\]|\\.)*")?)?(?:#(\d+))?(?:@(\d+))?(\+attached|\+detached)?(?:<([^>]+):(\d+):(\d+)>)?/y;
const EDGE = /\s*-(?:([.$#~?!](?:"(?:[^"\\]|\\.)*"|[^\s"]*?)|\[\d*\])-)?>/y;
const COMMA = /\s*,/y;

/** Reads a drawing. */
export function draw(text: string): HeapDrawing {
  const pen = new Pen();
  for (const line of text.split('\n')) pen.line(line.replace(/(^|\s)\/\/.*$/, ''));
  return pen.done();
}

class Pen {
  private readonly nodes: DrawnNode[] = [
    { handle: 'root', kind: 'synthetic', name: '', bytes: 0, id: 1, detachedness: 0, at: null },
  ];
  private readonly edges: DrawnEdge[] = [];
  private readonly handles: Map<string, number[]> = new Map([['root', [0]]]);
  private readonly nextIndex: Map<number, number> = new Map();
  private text = '';
  private at = 0;

  line(text: string): void {
    if (text.trim() === '') return;
    this.text = text;
    this.at = 0;
    let sources = this.node(1);
    for (let label = this.take(EDGE); label; label = this.take(EDGE)) {
      let targets: number[];
      do {
        targets = this.node(sources.length);
        this.connect(sources, targets, label[1] ?? '');
      } while (this.take(COMMA));
      sources = targets;
    }
    if (this.text.slice(this.at).trim() !== '') throw this.unreadable();
  }

  done(): HeapDrawing {
    const { nodes, edges, handles } = this;
    return { nodes, edges, of: (handle) => handles.get(handle) ?? [] };
  }

  private node(sources: number): number[] {
    const match = this.take(NODE);
    if (!match) throw this.unreadable();
    const [, handle, star, word, quoted, bytes, id, attachment, file, line, column] = match;
    const known = this.handles.get(handle!);
    if (known) return known;
    const count = star === undefined ? 1 : star === '*' ? sources : Number(star.slice(1));
    const kind = kindOf(word);
    const group: number[] = [];
    for (let nth = 0; nth < count; nth++) {
      group.push(this.nodes.length);
      this.nodes.push({
        handle: handle!,
        kind,
        name: quoted ? (JSON.parse(quoted) as string) : nameOf(kind, word, handle!),
        bytes: Number(bytes ?? (kind === 'synthetic' ? 0 : DEFAULT_BYTES)),
        id: id === undefined ? this.nodes.length * 2 + 1 : Number(id) + 2 * nth,
        detachedness: attachment === undefined ? 0 : attachment === '+attached' ? 1 : 2,
        at: file === undefined ? null : { file, line: Number(line), column: Number(column) },
      });
    }
    this.handles.set(handle!, group);
    return group;
  }

  private connect(sources: readonly number[], targets: readonly number[], label: string): void {
    if (sources.length === targets.length) {
      sources.forEach((from, nth) => {
        this.edge(from, targets[nth]!, label);
      });
      return;
    }
    for (const from of sources) for (const to of targets) this.edge(from, to, label);
  }

  private edge(from: number, to: number, label: string): void {
    const kind = label === '' ? 'property' : EDGE_SIGNS[label[0]!]!;
    const written = label === '' ? this.nodes[to]!.handle : unquoted(label.slice(1));
    let name: string | number = written;
    if (kind === 'element') {
      name = written === '' ? (this.nextIndex.get(from) ?? 0) : Number(written);
      this.nextIndex.set(from, name + 1);
    } else if (kind === 'hidden') {
      name = Number(written);
    }
    this.edges.push({ from, to, kind, name });
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at = pattern.lastIndex;
    return match;
  }

  private unreadable(): Error {
    return new Error(`drawn heap: cannot read "${this.text.slice(this.at).trim()}" in "${this.text}"`);
  }
}

function unquoted(label: string): string {
  return label.startsWith('"') ? (JSON.parse(label) as string) : label.replace(/\]$/, '');
}

function kindOf(word: string | undefined): string {
  if (word === undefined) return 'object';
  const kind = SHORT_KINDS[word] ?? word;
  return DRAWN_NODE_KINDS.includes(kind) ? kind : 'object';
}

function nameOf(kind: string, word: string | undefined, handle: string): string {
  if (word === 'context') return 'system / Context';
  if (kind === 'object') return word === undefined || word === 'object' ? 'Object' : word;
  return kind === 'closure' ? handle : '';
}

/**
 * The drawing as a graph with the plainest rules: weak references, self references and shortcuts (but for the
 * root's) retain nothing, a walk takes every reference that is not weak, and every one costs 1. For V8's own rules draw a
 * snapshot (`drawSnapshot` in `formats/v8-heapsnapshot/`).
 */
export function drawHeap(text: string): HeapGraph {
  const { nodes, edges } = draw(text);
  const strings = [...new Set([...nodes.map(({ name }) => name), ...edges.map(({ name }) => String(name))])];
  const stringIndex = new Map(strings.map((string, index) => [string, index]));
  const ordered = edges.toSorted((a, b) => a.from - b.from);
  const weak = DRAWN_EDGE_KINDS.indexOf('weak');
  const firstEdge = new Uint32Array(nodes.length + 1);
  for (const { from } of edges) firstEdge[from + 1]!++;
  for (let node = 0; node < nodes.length; node++) firstEdge[node + 1]! += firstEdge[node]!;
  const located = nodes.flatMap(({ at }, node) => (at ? [{ node, ...at }] : []));
  const files = [...new Set(located.map(({ file }) => file))];
  const retains = ({ from, to, kind }: DrawnEdge): boolean =>
    kind !== 'weak' && from !== to && (kind !== 'shortcut' || from === 0);
  const graph = bareGraph({
    format: 'drawn',
    nodeKinds: DRAWN_NODE_KINDS,
    edgeKinds: DRAWN_EDGE_KINDS,
    nodeKind: Uint8Array.from(nodes, ({ kind }) => DRAWN_NODE_KINDS.indexOf(kind)),
    nodeName: Uint32Array.from(nodes, ({ name }) => stringIndex.get(name)!),
    nodeId: Uint32Array.from(nodes, ({ id }) => id),
    selfBytes: Float64Array.from(nodes, ({ bytes }) => bytes),
    detachedness: Uint8Array.from(nodes, ({ detachedness }) => detachedness),
    firstEdge,
    edgeKind: Uint8Array.from(
      ordered,
      (edge) => DRAWN_EDGE_KINDS.indexOf(edge.kind) | (retains(edge) ? 0 : EDGE_NOT_RETAINING),
    ),
    edgeName: Uint32Array.from(ordered, ({ name }) =>
      typeof name === 'number' ? name : stringIndex.get(name)!,
    ),
    edgeTarget: Uint32Array.from(ordered, ({ to }) => to),
    indexedEdgeKinds: (1 << DRAWN_EDGE_KINDS.indexOf('element')) | (1 << DRAWN_EDGE_KINDS.indexOf('hidden')),
    strings: {
      length: strings.length,
      get: (index) => strings[index] ?? '(lost string)',
      head: (index, maxChars) => strings[index]?.slice(0, maxChars) ?? '(lost string)',
      writtenBytes: (index) => new TextEncoder().encode(strings[index] ?? '').length,
    },
    locations: {
      node: Uint32Array.from(located, ({ node }) => node),
      scriptId: Uint32Array.from(located, ({ file }) => files.indexOf(file) + 1),
      line: Uint32Array.from(located, ({ line }) => line - 1),
      column: Uint32Array.from(located, ({ column }) => column - 1),
    },
    traversal: {
      isUserRoot: (node) => nodes[node]!.kind !== 'synthetic',
      newFilter: () => () => true,
      newCost: () => (source, edge) => {
        const kind = graph.edgeKind[edge]!;
        return (kind & EDGE_KIND_MASK) === weak || ((kind & EDGE_NOT_RETAINING) !== 0 && source !== 0)
          ? 0
          : 1;
      },
    },
    scripts: { pathOf: (id) => files[id - 1] ?? null, sourceMapUrlOf: () => null },
  });
  return { ...graph, newDescriber: () => plainDescriber(nodes, ordered) };
}

/** A graph of which only these parts matter; the rest is empty. Node kinds are all one, edges hold what they say. */
export function bareGraph(
  parts: Partial<HeapGraph> & Pick<HeapGraph, 'firstEdge' | 'edgeTarget'>,
): HeapGraph {
  const nodeCount = parts.firstEdge.length - 1;
  const edgeCount = parts.edgeTarget.length;
  const none = new Uint32Array(0);
  return {
    runtime: 'node',
    format: 'bare',
    file: '<drawn>',
    nodeCount,
    edgeCount,
    nodeKinds: ['object'],
    edgeKinds: ['property', 'weak'],
    nodeKind: new Uint8Array(nodeCount),
    nodeName: new Uint32Array(nodeCount),
    nodeId: new Uint32Array(nodeCount),
    idKind: 'serial',
    selfBytes: new Uint32Array(nodeCount).fill(1),
    detachedness: new Uint8Array(nodeCount),
    edgeKind: new Uint8Array(edgeCount),
    edgeName: new Uint32Array(edgeCount),
    indexedEdgeKinds: 0,
    strings: { length: 0, get: () => '', head: () => '', writtenBytes: () => 0 },
    locations: { node: none, scriptId: none, line: none, column: none },
    allocations: null,
    samples: null,
    extraNativeBytes: 0,
    partial: null,
    warnings: [],
    process: null,
    namedKinds: new Set(['object', 'native']),
    traversal: { isUserRoot: () => true, newFilter: () => () => true, newCost: () => () => 1 },
    scripts: { pathOf: () => null, sourceMapUrlOf: () => null },
    newDescriber: () => plainDescriber([], []),
    ...parts,
  };
}

function plainDescriber(nodes: readonly DrawnNode[], edges: readonly DrawnEdge[]): Describer {
  const keys = new Map<string, number>();
  const keyOf = (text: string): number => {
    if (!keys.has(text)) keys.set(text, keys.size);
    return keys.get(text)!;
  };
  const signs = Object.fromEntries(Object.entries(EDGE_SIGNS).map(([sign, kind]) => [kind, sign]));
  const label = (edge: number): string => {
    const { kind, name } = edges[edge]!;
    return kind === 'element' ? '[]' : `${signs[kind]}${name}`;
  };
  const text = (node: number): string => {
    const { kind, name } = nodes[node]!;
    return kind === 'closure' ? `${name}()` : kind === 'object' ? name : `(${kind})`;
  };
  return {
    label: (_source, edge) => label(edge),
    labelKey: (_source, edge) => keyOf(label(edge)),
    shape: (node) => ({
      text: text(node),
      category: nodes[node]!.kind === 'closure' ? 'closure' : 'object',
      location: nodes[node]!.at,
    }),
    entries: () => null,
    shapeKey: (node) => keyOf(`shape ${text(node)} ${JSON.stringify(nodes[node]!.at)}`),
  };
}
