import { expect, test } from 'vitest';
import { dominators } from '../../analysis/dominators.ts';
import { meaningTree, NO_PARENT } from '../../analysis/meaning-tree.ts';
import { bytesSource } from '../../base/byte-source.ts';
import { choppedSource, randomNumbers } from '../../base/chopped-source.ts';
import { countAllocations } from '../../base/count-allocations.ts';
import { FormatError } from '../../base/errors.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import { drawDump } from './draw-dump.ts';
import { service } from './drawn-service.ts';
import { readPythonGc } from './read.ts';

/*
 * Ten thousand damaged dumps, the same ones on every run. Each is read, or refused with a place in the file; what was read
 * can be used; and neither takes more memory than the file is worth.
 */

const MUTATIONS = 10_000;
const MAX_BYTES_PER_BYTE = 64;
const MAX_FIXED_BYTES = 1 << 20;
const sound = drawDump(service);

function damaged(random: () => number): Uint8Array {
  let bytes = Uint8Array.from(sound);
  const place = (): number => Math.floor(random() * bytes.length);
  for (let change = Math.ceil(random() * 3); change > 0; change--) {
    const way = random();
    if (way < 0.35) bytes[place()] = Math.floor(random() * 256);
    else if (way < 0.55) bytes[place()]! ^= 1 << Math.floor(random() * 8);
    else if (way < 0.65) bytes = bytes.slice(0, place());
    else if (way < 0.75) {
      const from = place();
      bytes = Uint8Array.from([
        ...bytes.subarray(0, from),
        ...bytes.subarray(from + Math.ceil(random() * 40)),
      ]);
    } else if (way < 0.85) {
      const from = place();
      bytes = Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(Math.max(0, from - 30))]);
    } else if (way < 0.95) bytes.fill(random() < 0.5 ? 0 : 255, place(), place());
    else bytes.copyWithin(place(), place(), place());
    if (bytes.length === 0) break;
  }
  return bytes;
}

function use(graph: HeapGraph): void {
  const { nodeCount, edgeCount, firstEdge, edgeTarget, nodeKind, nodeKinds, edgeKind, edgeKinds } = graph;
  if (firstEdge.length !== nodeCount + 1 || firstEdge[0] !== 0 || firstEdge[nodeCount] !== edgeCount)
    throw new Error('firstEdge does not fit');
  for (let node = 0; node < nodeCount; node++) {
    if (firstEdge[node]! > firstEdge[node + 1]!) throw new Error('firstEdge goes back');
    if (graph.nodeName[node]! >= graph.strings.length) throw new Error('no such name');
    if (nodeKind[node]! >= nodeKinds.length) throw new Error('no such node kind');
  }
  for (let edge = 0; edge < edgeCount; edge++) {
    if (edgeTarget[edge]! >= nodeCount) throw new Error('an edge to nowhere');
    if (edgeKind[edge]! >= edgeKinds.length) throw new Error('no such edge kind');
  }
  if (new Set(graph.nodeId).size !== nodeCount) throw new Error('one id twice');
  const { idom, retainedBytes } = dominators(graph);
  const { parent } = meaningTree(graph);
  const describer = graph.newDescriber();
  for (let node = 0; node < nodeCount; node++) {
    if (idom[node]! >= nodeCount || !(retainedBytes[node]! >= 0)) throw new Error('a broken dominator tree');
    if (node > 0 && parent[node] === NO_PARENT) throw new Error('an object without a path');
    describer.shape(node);
    describer.entries(node);
    for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) describer.label(node, edge);
  }
  for (const node of graph.locations.node) if (node >= nodeCount) throw new Error('a position of nothing');
}

test(`${MUTATIONS} damaged dumps are read or refused, never anything else`, async () => {
  const random = randomNumbers(20_261_122);
  let readWhole = 0;
  let readPartly = 0;
  const failures: string[] = [];
  for (let run = 0; run < MUTATIONS && failures.length < 5; run++) {
    const bytes = damaged(random);
    const partial = random() < 0.5;
    const source =
      random() < 0.5 ? bytesSource(bytes) : choppedSource(bytes, () => 1 + Math.floor(random() * 300));
    try {
      const { result, bytes: allocated } = await countAllocations(() =>
        readPythonGc(source, { partial }).catch((error: unknown) => error),
      );
      if (allocated > bytes.length * MAX_BYTES_PER_BYTE + MAX_FIXED_BYTES)
        throw new Error(`${allocated} bytes for a file of ${bytes.length}`);
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
  expect(readWhole).toBeGreaterThan(MUTATIONS * 0.05);
  expect(readPartly).toBeGreaterThan(MUTATIONS * 0.1);
  expect(readWhole + readPartly).toBeLessThan(MUTATIONS * 0.8);
}, 120_000);
