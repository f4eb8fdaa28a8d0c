import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { distances } from '../../analysis/distances.ts';
import { dominators } from '../../analysis/dominators.ts';
import { meaningTree, NO_PARENT } from '../../analysis/meaning-tree.ts';
import { bytesSource } from '../../base/byte-source.ts';
import { choppedSource, randomNumbers } from '../../base/chopped-source.ts';
import { countAllocations } from '../../base/count-allocations.ts';
import { FormatError } from '../../base/errors.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import { DIALECTS, joinSections, type Sections, snapshotSections } from './draw-snapshot.ts';
import { readHeapSnapshot } from './read.ts';

/*
 * Ten thousand damaged snapshots, the same ones on every run. Each is read, or refused with a place in the file; what
 * was read can be used; and neither takes more memory than the file is worth.
 */

const MUTATIONS = 10_000;
const MAX_BYTES_PER_BYTE = 64;
const MAX_FIXED_BYTES = 1_000_000;

const folder = mkdtempSync(join(tmpdir(), 'stanch-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

const DRAWN = `
  root -!global-> g:Object -.bus-> bus:EventEmitter<app/bus.js:3:1> -._events-> events:Object -.beat-> list:Array
  list -[]-> h*12:closure"beat"<app/presence.js:19:30> -#context-> c*:context -$socket-> s*:Socket#512
  g -.map-> map:Map -#table-> table:array -#7-> key:string"a key", value:Object
  g -.weak-> weak:WeakMap -#table-> eph:array@901
  key -#"7 / part of key (a @11) -> value (Object @903) pair in WeakMap (table @901)"-> held:Object@903
  eph -#"7 / part of key (a @11) -> value (Object @903) pair in WeakMap (table @901)"-> held
  root -[1]-> roots:synthetic"(GC roots)" -[0]-> dom:synthetic"(Document DOM trees)" -[3]-> div:native"div"+detached
  div -?next-> div, text:cons"joined" -#first-> key
  lost:Object -.me-> lost2:Object -.you-> lost
`;

interface Seed {
  readonly sections: Sections;
  readonly bytes: Uint8Array;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const seedOf = (sections: Sections): Seed => ({ sections, bytes: encode(joinSections(sections)) });

/** A snapshot with a trace tree and samples as they are in a real one. */
function withAllocations(): Sections {
  const sections = snapshotSections('root -> a:Thing -> b:Thing -> c:Thing');
  return {
    ...sections,
    nodes: sections['nodes']!.replaceAll(/,0,0(?=[\n\]])/g, ',3,0'),
    trace_function_infos: '[0,0,0,0,0,0,7,1,2,3,4,5]',
    trace_tree: '[1,0,1,16,[2,1,1,16,[3,1,3,48,[]],4,0,0,0,[]]]',
    samples: '[0,5,\n50000,9]',
  };
}

/** The first nodes of a snapshot of this Node, with the references among them and the strings they use. */
function trimmedReal(): Sections {
  const path = join(folder, 'real.heapsnapshot');
  execFileSync(process.execPath, ['-e', 'require("v8").writeHeapSnapshot(process.argv[1])', path]);
  const raw = JSON.parse(readFileSync(path, 'utf8'));
  const stride = raw.snapshot.meta.node_fields.length;
  const kept = 150;
  const names = new Map<string, number>();
  const name = (index: number): number => {
    const text = raw.strings[index].slice(0, 40);
    if (!names.has(text)) names.set(text, names.size);
    return names.get(text)!;
  };
  const nodes: number[] = [];
  const edges: number[] = [];
  for (let node = 0, edge = 0; node < kept; node++) {
    const record: number[] = raw.nodes.slice(node * stride, (node + 1) * stride);
    const end = edge + record[4]!;
    record[4] = 0;
    for (; edge < end; edge++) {
      const [kind, nameOrIndex, target] = raw.edges.slice(edge * 3, edge * 3 + 3);
      if (target >= kept * stride) continue;
      edges.push(kind, kind === 1 || kind === 4 ? nameOrIndex : name(nameOrIndex), target);
      record[4]!++;
    }
    record[1] = name(record[1]!);
    nodes.push(...record);
  }
  raw.snapshot.node_count = kept;
  raw.snapshot.edge_count = edges.length / 3;
  return {
    snapshot: JSON.stringify(raw.snapshot),
    nodes: JSON.stringify(nodes),
    edges: JSON.stringify(edges),
    trace_function_infos: '[]',
    trace_tree: '[]',
    samples: '[]',
    locations: '[7,1,2,3]',
    strings: JSON.stringify([...names.keys()]),
  };
}

const seeds: Seed[] = [];
beforeAll(() => {
  for (const dialect of [DIALECTS.node20, DIALECTS.node24, DIALECTS.chrome]) {
    seeds.push(seedOf(snapshotSections(DRAWN, dialect)));
  }
  seeds.push(seedOf(withAllocations()), seedOf(trimmedReal()));
}, 60_000);

type Random = () => number;
const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const oneOf = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)]!;

const NUMBERS = [
  '0',
  '1',
  '7',
  '255',
  '65536',
  '2147483648',
  '4294967294',
  '4294967295',
  '4294967296',
  '9007199254740992',
  '1e12',
  '1000000000000',
  '-1',
  '0.5',
  '99999999999999999999999999999999',
  'null',
  '[]',
  '{}',
  '""',
  '00012',
];
const SPLINTERS = ['"', '\\', ',', ']', '[', '}', '{', ':', '\n', '\u0000', '\ufffd', ',,', '"]', '[[[[[['];

/** Each kind of damage takes bytes and gives new ones. */
const DAMAGES: readonly ((bytes: Uint8Array, random: Random) => Uint8Array)[] = [
  function flippedBits(bytes, random) {
    const damaged = bytes.slice();
    for (let count = 1 + below(random, 4); count > 0; count--)
      damaged[below(random, bytes.length)]! ^= 1 << below(random, 8);
    return damaged;
  },
  function anyBytes(bytes, random) {
    const damaged = bytes.slice();
    for (let count = 1 + below(random, 8); count > 0; count--)
      damaged[below(random, bytes.length)] = below(random, 256);
    return damaged;
  },
  function cut(bytes, random) {
    return bytes.slice(0, below(random, bytes.length));
  },
  function withoutRange(bytes, random) {
    const from = below(random, bytes.length);
    return splice(bytes, from, from + below(random, 200), '');
  },
  function withRangeTwice(bytes, random) {
    const from = below(random, bytes.length);
    const range = bytes.slice(from, from + below(random, 200));
    return splice(bytes, from, from, new TextDecoder('latin1').decode(range));
  },
  function withSplinter(bytes, random) {
    const from = below(random, bytes.length);
    return splice(bytes, from, from + below(random, 2), oneOf(random, SPLINTERS));
  },
  function otherNumber(bytes, random) {
    const [from, to] = anyNumber(bytes, random);
    return splice(bytes, from, to, oneOf(random, NUMBERS));
  },
  function swappedNumbers(bytes, random) {
    const [from, to] = anyNumber(bytes, random);
    const [otherFrom, otherTo] = anyNumber(bytes, random);
    return splice(bytes, from, to, new TextDecoder().decode(bytes.slice(otherFrom, otherTo)));
  },
  function nullBytes(bytes, random) {
    const damaged = bytes.slice();
    const from = below(random, bytes.length);
    return damaged.fill(0, from, from + below(random, 4096));
  },
];

function splice(bytes: Uint8Array, from: number, to: number, text: string): Uint8Array {
  return Uint8Array.from(Buffer.concat([bytes.subarray(0, from), Buffer.from(text), bytes.subarray(to)]));
}

/** Place of a number near a random place; an empty range when there is none. */
function anyNumber(bytes: Uint8Array, random: Random): [number, number] {
  const isDigit = (at: number): boolean => bytes[at]! >= 0x30 && bytes[at]! <= 0x39;
  let from = below(random, bytes.length);
  while (from < bytes.length && !isDigit(from)) from++;
  while (from > 0 && isDigit(from - 1)) from--;
  let to = from;
  while (to < bytes.length && isDigit(to)) to++;
  return [from, to];
}

/** Damage to whole sections: another order, one missing, one twice, one in the place of another. */
function mixedSections(sections: Sections, random: Random): Uint8Array {
  const entries = Object.entries(sections);
  const a = below(random, entries.length);
  const b = below(random, entries.length);
  switch (below(random, 4)) {
    case 0:
      [entries[a], entries[b]] = [entries[b]!, entries[a]!];
      break;
    case 1:
      entries.splice(a, 1);
      break;
    case 2:
      entries.splice(b, 0, entries[a]!);
      break;
    default:
      entries[a] = [entries[a]![0], entries[b]![1]];
  }
  return encode(`{${entries.map(([name, value]) => `"${name}":${value}`).join(',')}}`);
}

function mutate(seed: Seed, random: Random): Uint8Array {
  if (random() < 0.1) return mixedSections(seed.sections, random);
  let bytes = seed.bytes;
  for (let rounds = random() < 0.8 ? 1 : 3; rounds > 0 && bytes.length > 0; rounds--)
    bytes = oneOf(random, DAMAGES)(bytes, random);
  return bytes;
}

/** Everything that is done with a graph first; each index within its bounds, each loop with an end. */
function use(graph: HeapGraph): void {
  const { nodeCount, edgeCount, firstEdge, edgeTarget, nodeKind, nodeKinds, edgeKind, edgeKinds } = graph;
  if (firstEdge.length !== nodeCount + 1 || firstEdge[0] !== 0 || firstEdge[nodeCount] !== edgeCount) {
    throw new Error('firstEdge does not fit');
  }
  for (let node = 0; node < nodeCount; node++) {
    if (firstEdge[node]! > firstEdge[node + 1]!) throw new Error('firstEdge goes back');
    if (graph.nodeName[node]! >= graph.strings.length) throw new Error('no such name');
    if (nodeKind[node]! >= nodeKinds.length) throw new Error('no such node kind');
  }
  for (let edge = 0; edge < edgeCount; edge++) {
    if (edgeTarget[edge]! >= nodeCount) throw new Error('an edge to nowhere');
    if ((edgeKind[edge]! & 0x0f) >= edgeKinds.length) throw new Error('no such edge kind');
  }
  const { idom, retainedBytes } = dominators(graph);
  for (let node = 0; node < nodeCount; node++) {
    if (idom[node]! >= nodeCount || !(retainedBytes[node]! >= 0)) throw new Error('a broken dominator tree');
  }
  if (distances(graph).length !== nodeCount) throw new Error('distances do not fit');
  const { parent } = meaningTree(graph);
  for (let node = 0; node < nodeCount; node++) {
    if (parent[node]! !== NO_PARENT && parent[node]! >= nodeCount) throw new Error('a broken path');
  }
  const describer = graph.newDescriber();
  for (let node = 0; node < nodeCount; node++) {
    describer.shape(node);
    for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) describer.label(node, edge);
  }
  const { locations, scripts, allocations, strings } = graph;
  for (let index = 0; index < locations.node.length; index++) {
    if (locations.node[index]! >= nodeCount) throw new Error('a position of nothing');
    scripts.pathOf(locations.scriptId[index]!);
    scripts.sourceMapUrlOf(locations.scriptId[index]!);
  }
  for (let index = 0; index < strings.length; index++) strings.get(index);
  for (const start of allocations?.traceOfNode ?? []) {
    let steps = 0;
    for (let trace = start; trace !== 0; trace = allocations!.parent[trace]!) {
      if (trace >= allocations!.parent.length || ++steps > 10_000) throw new Error('a stack without an end');
    }
  }
}

test(`${MUTATIONS} damaged snapshots are read or refused, never anything else`, async () => {
  const random = randomNumbers(20_251_121);
  let readWhole = 0;
  let readPartly = 0;
  const failures: string[] = [];
  for (let run = 0; run < MUTATIONS && failures.length < 5; run++) {
    const bytes = mutate(oneOf(random, seeds), random);
    const partial = random() < 0.5;
    const longest = oneOf(random, [30, 300, 5000]);
    const source =
      random() < 0.5 ? bytesSource(bytes) : choppedSource(bytes, () => 1 + below(random, longest));
    try {
      const { result, bytes: allocated } = await countAllocations(() =>
        readHeapSnapshot(source, { partial }).catch((error: unknown) => error),
      );
      const bound = bytes.length * MAX_BYTES_PER_BYTE + MAX_FIXED_BYTES;
      if (allocated > bound) throw new Error(`${allocated} bytes for a file of ${bytes.length}`);
      if (result instanceof FormatError) {
        if (!(result.offset >= 0 && result.offset <= bytes.length))
          throw new Error(`offset ${result.offset}`);
      } else if (result instanceof Error) {
        throw result;
      } else {
        const graph = result as HeapGraph;
        if (graph.partial) readPartly++;
        else readWhole++;
        use(graph);
      }
    } catch (error) {
      failures.push(`run ${run}: ${(error as Error).stack}`);
    }
  }
  expect(failures).toEqual([]);
  // Most damage must be noticed, and much of what is damaged must still be of use.
  expect(readWhole).toBeGreaterThan(MUTATIONS * 0.1);
  expect(readWhole).toBeLessThan(MUTATIONS * 0.5);
  expect(readPartly).toBeGreaterThan(MUTATIONS * 0.15);
}, 120_000);
