import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { distances } from '../../analysis/distances.ts';
import { dominators } from '../../analysis/dominators.ts';
import { meaningTree } from '../../analysis/meaning-tree.ts';
import { bytesSource } from '../../base/byte-source.ts';
import { choppedSource, randomNumbers } from '../../base/chopped-source.ts';
import { countAllocations } from '../../base/count-allocations.ts';
import { FormatError } from '../../base/errors.ts';
import { type HeapGraph, totalBytes } from '../../model/heap-graph.ts';
import { readRubyDump } from './read.ts';

/** A real dump of `fixtures/ruby-objspace`. */
function fixtureDump(name: string): Uint8Array {
  const path = new URL(`../../../fixtures/ruby-objspace/${name}.json.gz`, import.meta.url);
  return new Uint8Array(gunzipSync(readFileSync(path)));
}

const MUTATIONS = 10_000;
const MAX_BYTES_PER_BYTE = 64;
const MAX_FIXED_BYTES = 1_000_000;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const address = (at: number): string => `0x7f00${(at * 40).toString(16).padStart(8, '0')}`;
const array = (at: number, targets: readonly number[]): string =>
  `{"address":"${address(at)}", "type":"ARRAY", "class":"${address(1)}", "length":${targets.length}, "references":[${targets
    .map((target) => `"${address(target)}"`)
    .join(', ')}], "memsize":40, "flags":{"wb_protected":true}}\n`;
const HEAD =
  `{"type":"ROOT", "root":"vm", "references":["${address(1)}", "${address(2)}"]}\n` +
  `{"address":"${address(1)}", "type":"CLASS", "class":"${address(1)}", "name":"Array", "references":[], "memsize":500, "flags":{"wb_protected":true}}\n`;

/** Lines of all types, few enough to be damaged ten thousand times. */
function smallDump(name: '3.1-traced' | '3.3-malformed'): string {
  const seen = new Map<string, number>();
  return `${new TextDecoder()
    .decode(fixtureDump(name))
    .split('\n')
    .filter((line) => {
      const type = /"(?:imemo_type|type|struct)":"(\w+)"/.exec(line)?.[1] ?? 'rest';
      const count = (seen.get(type) ?? 0) + 1;
      seen.set(type, count);
      return line !== '' && (count <= 2 || type === 'rest') && line.length < 1500;
    })
    .join('\n')}\n`;
}

function use(graph: HeapGraph): void {
  const { nodeCount, edgeCount, firstEdge, edgeTarget, nodeKind, nodeKinds, edgeKind, edgeKinds } = graph;
  if (firstEdge.length !== nodeCount + 1 || firstEdge[0] !== 0 || firstEdge[nodeCount] !== edgeCount)
    throw new Error('firstEdge does not fit');
  for (let node = 0; node < nodeCount; node++) {
    if (firstEdge[node]! > firstEdge[node + 1]!) throw new Error('firstEdge goes back');
    if (graph.nodeName[node]! >= graph.strings.length) throw new Error('no such name');
    if (nodeKind[node]! >= nodeKinds.length) throw new Error('no such node kind');
    if (!Number.isSafeInteger(graph.nodeId[node])) throw new Error('an id that is none');
  }
  if (new Set(graph.nodeId).size !== nodeCount) throw new Error('an id twice');
  for (let edge = 0; edge < edgeCount; edge++) {
    if (edgeTarget[edge]! >= nodeCount) throw new Error('an edge to nowhere');
    if ((edgeKind[edge]! & 0x0f) >= edgeKinds.length) throw new Error('no such edge kind');
  }
  const { idom, retainedBytes } = dominators(graph);
  for (let node = 0; node < nodeCount; node++)
    if (idom[node]! >= nodeCount || !(retainedBytes[node]! >= 0)) throw new Error('a broken dominator tree');
  distances(graph);
  meaningTree(graph);
  const describer = graph.newDescriber();
  for (let node = 0; node < nodeCount; node++) {
    describer.shape(node);
    describer.entries(node);
    graph.strings.get(graph.nodeName[node]!);
    graph.strings.head(graph.nodeName[node]!, 3);
    for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) describer.label(node, edge);
  }
}

test(`${MUTATIONS} damaged dumps are read or refused, never anything else`, async () => {
  const random = randomNumbers(20_251_122);
  const below = (count: number): number => Math.floor(random() * count);
  const seeds = [smallDump('3.1-traced'), smallDump('3.3-malformed')].map(bytesOf);
  const failures: string[] = [];
  let readWhole = 0;
  let warned = 0;
  let refused = 0;
  for (let run = 0; run < MUTATIONS && failures.length < 5; run++) {
    const seed = seeds[below(seeds.length)]!;
    const from = below(seed.length);
    const length = Math.min(seed.length, 200 + below(3000));
    // A window of lines keeps the runs short.
    const bytes = random() < 0.05 ? seed.slice() : seed.slice(from, from + length);
    for (let times = below(6); times > 0; times--) {
      const at = below(bytes.length);
      const how = below(4);
      if (how === 0) bytes[at] = below(256);
      else if (how === 1) bytes.copyWithin(at, below(bytes.length));
      else if (how === 2) bytes[at] = bytesOf('"{}[],:\\\n0x')[below(11)]!;
      else bytes.fill(0x39, at, at + below(20));
    }
    const partial = random() < 0.5;
    const source =
      random() < 0.5 ? bytesSource(bytes) : choppedSource(bytes, () => 1 + below(below(2) ? 30 : 3000));
    try {
      const { result, bytes: allocated } = await countAllocations(() =>
        readRubyDump(source, { partial }).catch((error: unknown) => error),
      );
      const bound = bytes.length * MAX_BYTES_PER_BYTE + MAX_FIXED_BYTES;
      if (allocated > bound) throw new Error(`${allocated} bytes for a file of ${bytes.length}`);
      if (result instanceof FormatError) {
        refused++;
        if (!(result.offset >= 0 && result.offset <= bytes.length))
          throw new Error(`offset ${result.offset}`);
      } else if (result instanceof Error) {
        throw result;
      } else {
        readWhole++;
        const graph = result as HeapGraph;
        if (graph.warnings.length > 1 || graph.partial) warned++;
        use(graph);
      }
    } catch (error) {
      failures.push(`run ${run}: ${(error as Error).stack}`);
    }
  }
  expect(failures).toEqual([]);
  expect(refused).toBeGreaterThan(MUTATIONS * 0.1);
  expect(readWhole).toBeGreaterThan(MUTATIONS * 0.3);
  expect(warned).toBeGreaterThan(MUTATIONS * 0.2);
}, 120_000);

test('a dump that is cut within a line is refused with the place, and read in part when asked', async () => {
  const dump = fixtureDump('3.3-plain');
  for (let nth = 1; nth <= 10; nth++) {
    let at = Math.floor((dump.length * nth) / 11);
    while (dump[at - 1] === 0x0a || dump[at] === 0x0a) at++;
    const cut = dump.subarray(0, at);
    const error: unknown = await readRubyDump(bytesSource(cut, 'cut.json')).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ offset: at, truncated: true });
    const part = await readRubyDump(bytesSource(cut, 'cut.json'), { partial: true });
    expect(part.partial).toMatchObject({ offset: at });
    expect(part.warnings[0]).toMatch(/^torn dump/);
    use(part);
  }
}, 60_000);

test('references to objects that are not in the dump are counted', async () => {
  const graph = await readRubyDump(
    bytesSource(bytesOf(HEAD + array(2, [3, 4, 9]) + array(3, []) + array(4, []))),
  );
  expect(graph.warnings[0]).toMatch(/^torn dump: 1 reference leads nowhere/);
  const describer = graph.newDescriber();
  expect([...Array(graph.nodeCount).keys()].map((node) => describer.entries(node))).toContain(3);
});

test('other files are no Ruby dumps', async () => {
  for (const text of ['', '\n\n', '{"a":1}\n{"b":2}\n', 'x'.repeat(10_000)]) {
    await expect(readRubyDump(bytesSource(bytesOf(text)))).rejects.toBeInstanceOf(FormatError);
  }
});

test('a chain of 600,000 objects and a line of 12 MB are as good as any', async () => {
  const links = 600_000;
  const lines: string[] = [HEAD];
  for (let at = 2; at < links; at++) lines.push(array(at, [at + 1]));
  lines.push(array(links, []));
  const chain = await readRubyDump(bytesSource(bytesOf(lines.join(''))));
  expect(chain.nodeCount).toBe(links + 2);
  expect(dominators(chain).retainedBytes[3]).toBe((links - 1) * 40);
  expect(distances(chain)[links + 1]).toBe(links);

  const many = Array.from({ length: 700_000 }, (_, at) => 3 + (at % 2));
  const long = HEAD + array(2, many) + array(3, []) + array(4, []);
  expect(long.length).toBeGreaterThan(12_000_000);
  const graph = await readRubyDump(bytesSource(bytesOf(long)));
  expect(graph.edgeCount).toBe(700_000 + 3);
  expect(graph.warnings).toHaveLength(1);
}, 60_000);

test('sizes beyond 4 GB are exact', async () => {
  const huge = array(2, []).replace('"memsize":40', '"memsize":6000000001');
  const graph = await readRubyDump(bytesSource(bytesOf(HEAD + huge)));
  expect(totalBytes(graph)).toBe(6_000_000_501);
});
