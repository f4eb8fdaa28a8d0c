import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { meaningTree } from '../../analysis/meaning-tree.ts';
import { bytesSource } from '../../base/byte-source.ts';
import { choppedSource, randomNumbers } from '../../base/chopped-source.ts';
import { addressOfId, type HeapGraph, totalBytes } from '../../model/heap-graph.ts';
import { rubyCollectionKind } from './collection-kind.ts';
import { detectRubyDump } from './detect.ts';
import { plainReading } from './plain-reading.ts';
import { readRubyDump } from './read.ts';

const FIXTURES = [
  '3.1-plain',
  '3.1-traced',
  '3.1-malformed',
  '3.3-plain',
  '3.3-traced',
  '3.3-malformed',
] as const;
type Fixture = (typeof FIXTURES)[number];

/** A real dump of `fixtures/ruby-objspace`. */
function fixtureDump(name: string): Uint8Array {
  const path = new URL(`../../../fixtures/ruby-objspace/${name}.json.gz`, import.meta.url);
  return new Uint8Array(gunzipSync(readFileSync(path)));
}

const open = (name: Fixture): Promise<HeapGraph> => readRubyDump(bytesSource(fixtureDump(name), name));
const hexOf = (graph: HeapGraph, node: number): string =>
  `0x${addressOfId(graph.nodeId[node]!).toString(16)}`;
const nameOf = (graph: HeapGraph, node: number): string => graph.strings.get(graph.nodeName[node]!);

/** Paths from a class to what it holds, by label. */
function heldBy(graph: HeapGraph, className: string, kind = 'class'): Map<string, number> {
  const describer = graph.newDescriber();
  const held = new Map<string, number>();
  for (let node = 0; node < graph.nodeCount; node++) {
    if (graph.nodeKinds[graph.nodeKind[node]!] !== kind || nameOf(graph, node) !== className) continue;
    for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++)
      held.set(describer.label(node, edge), graph.edgeTarget[edge]!);
  }
  return held;
}

test.each(FIXTURES)('%s holds the objects, references and sizes that JSON.parse finds', async (name) => {
  const dump = fixtureDump(name);
  const plain = plainReading(dump);
  const graph = await open(name);
  const byAddress = new Map<string, number>();
  for (let node = 1; node < graph.nodeCount; node++) byAddress.set(hexOf(graph, node), node);

  let references = 0;
  let compared = 0;
  const wrong: string[] = [];
  for (const record of plain.records) {
    if (!record.address) continue;
    const node = byAddress.get(record.address)!;
    if (graph.selfBytes[node] !== (record.memsize ?? 0)) wrong.push(`${record.address} size`);
    const expected = (record.references ?? []).filter((address) => byAddress.has(address));
    const targets: string[] = [];
    for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++)
      targets.push(hexOf(graph, graph.edgeTarget[edge]!));
    // A class that hangs from its objects comes last.
    if (targets.slice(0, expected.length).join() !== expected.join())
      wrong.push(`${record.address} references`);
    if (targets.slice(expected.length).some((address) => address !== record.class))
      wrong.push(`${record.address} class`);
    references += expected.length;
    if (record.value !== undefined && (record.type === 'STRING' || record.type === 'SYMBOL')) {
      if (nameOf(graph, node) !== record.value) wrong.push(`${record.address} value`);
      compared++;
    }
  }
  expect(wrong).toEqual([]);
  expect(references).toBeGreaterThan(5000);
  expect(compared).toBeGreaterThan(2000);
  if (plain.malformed === 0) {
    expect(totalBytes(graph)).toBe(plain.bytes);
    expect(graph.nodeCount).toBe(plain.records.length + 1);
  }
  expect(new Set(graph.nodeId).size).toBe(graph.nodeCount);
  expect(detectRubyDump(dump.subarray(0, 4096), '')).toBe(1);
});

test('pieces of any length and a source that cannot be read twice give the same graph', async () => {
  const dump = fixtureDump('3.3-traced');
  const whole = await readRubyDump(bytesSource(dump));
  const random = randomNumbers(7);
  const chopped = await readRubyDump(choppedSource(dump, () => 1 + Math.floor(random() * 5000)));
  for (const key of ['nodeKind', 'nodeId', 'selfBytes', 'firstEdge', 'edgeKind', 'edgeTarget'] as const)
    expect(chopped[key]).toEqual(whole[key]);
  const names = (graph: HeapGraph): string[] =>
    Array.from({ length: graph.nodeCount }, (_, node) => nameOf(graph, node));
  expect(names(chopped)).toEqual(names(whole));
});

test('lines that an unescaped path breaks keep their objects, references and sizes', async () => {
  for (const name of ['3.1-malformed', '3.3-malformed'] as const) {
    const dump = fixtureDump(name);
    const graph = await open(name);
    const text = new TextDecoder().decode(dump);
    const sizes = [...text.matchAll(/"memsize":(\d+)/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
    const shapes = [...text.matchAll(/"type":"SHAPE".*"memsize":(\d+)/g)].reduce(
      (sum, [, bytes]) => sum + Number(bytes),
      0,
    );
    expect(totalBytes(graph)).toBe(sizes - shapes);
    expect(graph.warnings[0]).toMatch(/^\d+ lines with an unescaped file name were read/);
  }
});

test('Ruby 3.3 names instance, class-level and class variables by shapes, and says where it is not sure', async () => {
  const graph = await open('3.3-plain');
  const service = heldBy(graph, 'NotificationService', 'object');
  expect([...service.keys()]).toEqual(['.@user_preferences_cache', '.@channels', '.@delivered']);
  expect(graph.newDescriber().entries(service.get('.@delivered')!)).toBe(30);
  expect([...heldBy(graph, 'TaskService').keys()]).toEqual(
    expect.arrayContaining(['.@@default_options', '.@@other']),
  );
  expect([...heldBy(graph, 'Registry').keys()]).toContain('.@by_id');
  expect([...heldBy(graph, 'Mixed', 'object').keys()]).toEqual([
    '.one of @count, @cache, @ready',
    '.one of @cache, @ready, @label',
  ]);
  expect([...heldBy(graph, 'TaggedHash', 'object').keys()]).toEqual(['.@tag', '[key]', '[value]']);
});

test('Ruby 3.1 has no names of variables, and the graph says how to get them', async () => {
  const graph = await open('3.1-plain');
  expect([...heldBy(graph, 'NotificationService', 'object').keys()]).toEqual(['~0', '~1', '~2']);
  expect(graph.warnings.join()).toContain('Ruby before 3.2');
});

test.each(['3.1-plain', '3.3-plain'] as const)(
  '%s: classes, closures, Sets and Hashes are told',
  async (name) => {
    const graph = await open(name);
    const find = (kind: string, text: string): number => {
      for (let node = 0; node < graph.nodeCount; node++)
        if (graph.nodeKinds[graph.nodeKind[node]!] === kind && nameOf(graph, node) === text) return node;
      return -1;
    };
    const describer = graph.newDescriber();
    expect(heldBy(graph, 'Object').has('.NotificationService')).toBe(true);
    expect(describer.shape(find('class', 'NotificationService')).text).toBe('class NotificationService');
    expect(describer.shape(find('class', 'Registry')).text).toBe('module Registry');
    expect(find('class', '#<Class:NotificationService>')).toBeGreaterThan(0);
    expect(rubyCollectionKind(graph, find('object', '(anonymous < Array)'))).toBe('Array');
    expect(describer.entries(find('object', '(anonymous < Array)'))).toBe(3);
    expect(rubyCollectionKind(graph, find('object', 'TaggedHash'))).toBe('Hash');
    expect(rubyCollectionKind(graph, find('object', 'Point'))).toBe('Struct');
    const set = find('object', 'Set');
    expect(rubyCollectionKind(graph, set)).toBe('Set');
    expect(describer.entries(set)).toBe(3);
    const keys: string[] = [];
    const hash = graph.edgeTarget[graph.firstEdge[set]!]!;
    for (let edge = graph.firstEdge[hash]!; edge < graph.firstEdge[hash + 1]!; edge++)
      keys.push(describer.label(hash, edge));
    expect(keys).toEqual(['[key]', '[key]', '[key]']);
    expect([...heldBy(graph, 'Proc', 'closure').keys()]).toEqual(expect.arrayContaining(['#self', '#env']));
  },
);

test('every object that is kept has a path, and named references lead there', async () => {
  const graph = await open('3.3-plain');
  const { parent, edge } = meaningTree(graph);
  const describer = graph.newDescriber();
  const cache = heldBy(graph, 'NotificationService', 'object').get('.@user_preferences_cache')!;
  const path: string[] = [];
  for (let node = cache; node !== 0; node = parent[node]!)
    path.unshift(`${describer.label(parent[node]!, edge[node]!)} ${describer.shape(node).text}`);
  expect(path.slice(0, 3)).toEqual([
    '~ (vm)',
    '~ class Object',
    '.NotificationService class NotificationService',
  ]);
  expect(path.at(-1)).toBe('.@user_preferences_cache Hash');
});

test('a traced dump tells where objects were made', async () => {
  const graph = await open('3.1-traced');
  const { allocations, strings } = graph;
  const sites = new Set<string>();
  for (let node = 0; node < graph.nodeCount; node++) {
    const trace = allocations!.traceOfNode[node]!;
    if (trace === 0 || graph.nodeKinds[graph.nodeKind[node]!] !== 'object') continue;
    if (nameOf(graph, node) !== 'User') continue;
    const row = allocations!.functionOf[trace]! * allocations!.functionStride;
    sites.add(
      `${strings.get(allocations!.functions[row + 2]!)}:${allocations!.functions[row + 4]} ${strings.get(allocations!.functions[row + 1]!)}`,
    );
  }
  // `new` is what allocates.
  expect([...sites]).toEqual(['services.rb:94 new']);
  expect((await open('3.1-plain')).allocations).toBeNull();
});
