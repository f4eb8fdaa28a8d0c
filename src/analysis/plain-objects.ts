import { EDGE_KIND_MASK, type HeapGraph } from '../model/heap-graph.ts';
import { SequenceTrie } from './sequence-trie.ts';

/** A kind of plain object, told by the properties that several objects share. */
export interface PlainInterface {
  /** `{id, name}` */
  readonly name: string;
  readonly properties: readonly string[];
}

const MAX_NAME_CHARS = 120;
const MIN_OBJECTS = 2;
/** Of all plain objects, so many parts of a thousand must look alike. */
const MIN_PER_MILLE = 1;

/**
 * Finds the interfaces of plain objects as Chrome DevTools does (`inferInterfaceDefinitions`): an object's properties
 * in their order, cut at 120 characters; kept are those that at least two objects and one in a thousand have,
 * most frequent first.
 */
export function inferInterfaces(graph: HeapGraph): PlainInterface[] {
  const { firstEdge, edgeKind, edgeName } = graph;
  const property = graph.edgeKinds.indexOf('property');
  const texts = new PropertyTexts(graph);
  const trie = new SequenceTrie();
  /** Characters of the interface's name so far, by sequence; 0 is a sequence not seen yet. */
  const chars: number[] = [1];
  const counts = new Map<number, number>();
  let total = 0;
  for (const node of plainObjects(graph)) {
    total++;
    let sequence = 0;
    const end = firstEdge[node + 1]!;
    for (let edge = firstEdge[node]!; edge < end; edge++) {
      if ((edgeKind[edge]! & EDGE_KIND_MASK) !== property) continue;
      const name = edgeName[edge]!;
      if (texts.isProto(name)) continue;
      const length = texts.formattedLength(name);
      const before = chars[sequence]!;
      if (before > 1 && before + length > MAX_NAME_CHARS) break;
      sequence = trie.next(sequence, name);
      chars[sequence] ??= before + length + (before > 1 ? 2 : 0);
    }
    if (sequence !== 0) counts.set(sequence, (counts.get(sequence) ?? 0) + 1);
  }
  const atLeast = Math.max(MIN_OBJECTS, (total * MIN_PER_MILLE) / 1000);
  return [...counts]
    .filter(([, count]) => count >= atLeast)
    .sort((a, b) => b[1] - a[1])
    .map(([sequence]) => {
      const properties = trie.items(sequence).map((name) => graph.strings.get(name));
      return { name: `{${properties.map(formatProperty).join(', ')}}`, properties };
    });
}

/**
 * Tells the interface of a plain object: an index into `interfaces`, or -1. Of those whose properties the object has
 * all, the one with most properties wins; of equal ones the earlier.
 */
export function matchInterfaces(
  graph: HeapGraph,
  interfaces: readonly PlainInterface[],
): (node: number) => number {
  const { firstEdge, edgeKind, edgeName } = graph;
  const property = graph.edgeKinds.indexOf('property');
  const wanted = new Set(interfaces.flatMap(({ properties }) => properties));
  const texts = new PropertyTexts(graph);
  const used = new Uint8Array(graph.strings.length);
  const isUsed = (name: number): boolean => {
    // 0 not looked up yet, 1 part of an interface, 2 not
    if (used[name] === 0) used[name] = wanted.has(graph.strings.get(name)) ? 1 : 2;
    return used[name] === 1;
  };
  const byProperty = indexByProperty(interfaces);
  const trie = new SequenceTrie();
  const bestOf: number[] = [-1];
  const best = (sequence: number): number => {
    const names = new Set(trie.items(sequence).map((name) => texts.text(name)));
    let found = -1;
    for (const name of names) {
      for (const candidate of byProperty.get(name) ?? []) {
        const { properties } = interfaces[candidate]!;
        if (!properties.every((needed) => names.has(needed))) continue;
        const more = found < 0 ? 1 : setSize(properties) - setSize(interfaces[found]!.properties);
        if (more > 0 || (more === 0 && candidate < found)) found = candidate;
      }
    }
    return found;
  };
  return (node) => {
    let sequence = 0;
    const end = firstEdge[node + 1]!;
    for (let edge = firstEdge[node]!; edge < end; edge++) {
      if ((edgeKind[edge]! & EDGE_KIND_MASK) !== property || !isUsed(edgeName[edge]!)) continue;
      sequence = trie.next(sequence, edgeName[edge]!);
    }
    bestOf[sequence] ??= best(sequence);
    return bestOf[sequence]!;
  };
}

function* plainObjects(graph: HeapGraph): Generator<number> {
  const isPlain = plainTest(graph);
  for (let node = 0; node < graph.nodeCount; node++) if (isPlain(node)) yield node;
}

/** Tells plain objects: `{}` and `new Object()`. */
export function plainTest(graph: HeapGraph): (node: number) => boolean {
  const { nodeKind, nodeName, strings } = graph;
  const object = graph.nodeKinds.indexOf('object');
  // By string index: 0 not looked up yet, 1 'Object', 2 another name.
  const known = new Uint8Array(strings.length);
  return (node) => {
    if (nodeKind[node] !== object) return false;
    const name = nodeName[node]!;
    if (known[name] === 0) known[name] = strings.head(name, 7) === 'Object' ? 1 : 2;
    return known[name] === 1;
  };
}

/** Each interface under one of its properties, so that few are tried for an object. */
function indexByProperty(interfaces: readonly PlainInterface[]): Map<string, number[]> {
  const index = new Map<string, number[]>();
  interfaces.forEach(({ properties }, at) => {
    const first = [...properties].sort()[0]!;
    const list = index.get(first);
    if (list) list.push(at);
    else index.set(first, [at]);
  });
  return index;
}

function setSize(properties: readonly string[]): number {
  return new Set(properties).size;
}

function formatProperty(name: string): string {
  return /[,'"{}]/.test(name) ? JSON.stringify({ [name]: 0 }).slice(1, -3) : name;
}

/** Property names by string index, decoded once. */
class PropertyTexts {
  private readonly texts = new Map<number, string>();
  private readonly lengths = new Map<number, number>();
  private proto = -1;

  constructor(private readonly graph: HeapGraph) {}

  text(name: number): string {
    let text = this.texts.get(name);
    if (text === undefined) {
      text = this.graph.strings.get(name);
      this.texts.set(name, text);
    }
    return text;
  }

  isProto(name: number): boolean {
    if (name === this.proto) return true;
    if (this.proto >= 0 || this.text(name) !== '__proto__') return false;
    this.proto = name;
    return true;
  }

  formattedLength(name: number): number {
    let length = this.lengths.get(name);
    if (length === undefined) {
      length = formatProperty(this.text(name)).length;
      this.lengths.set(name, length);
    }
    return length;
  }
}
