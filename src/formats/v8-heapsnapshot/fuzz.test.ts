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
import { below, damaged, oneOf, type Seed, soundSnapshots } from './damaged-snapshots.ts';
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

let seeds: Seed[] = [];
beforeAll(() => {
  const path = join(folder, 'real.heapsnapshot');
  execFileSync(process.execPath, ['-e', 'require("v8").writeHeapSnapshot(process.argv[1])', path]);
  seeds = soundSnapshots(readFileSync(path, 'utf8'));
}, 60_000);

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
    const bytes = damaged(oneOf(random, seeds), random);
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
