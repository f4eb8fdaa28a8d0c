import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { distances } from '../../analysis/distances.ts';
import { dominators } from '../../analysis/dominators.ts';
import { readHead } from '../../base/byte-source.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import { EDGE_KIND_MASK, totalBytes } from '../../model/heap-graph.ts';
import { openFile } from '../../sources/file.ts';
import { streamingSource } from '../../sources/stream.ts';
import { detectHeapSnapshot } from './detect.ts';
import { readHeapSnapshot } from './read.ts';

/** Snapshots that the V8 of this Node writes, read with its own JSON.parse and with ours. */

const folder = mkdtempSync(join(tmpdir(), 'stanch-real-'));
const plain = join(folder, 'plain.heapsnapshot');
const tracked = join(folder, 'tracked.heapsnapshot');
afterAll(() => rmSync(folder, { recursive: true }));

const PROGRAM = `
  const { Session } = require('node:inspector');
  const { openSync, writeSync } = require('node:fs');
  const { writeHeapSnapshot } = require('node:v8');
  const [plain, tracked] = process.argv.slice(1);
  globalThis.texts = ['"quoted" \\\\ \\u0000 \\ud800 \\u{1f600} \\n', 'x'.repeat(3000)];
  globalThis.cache = new WeakMap([[globalThis.texts, { held: 'by its key' }]]);
  writeHeapSnapshot(plain);
  class Visit { constructor(n) { this.n = n; this.text = 'visit ' + n; } }
  function openVisits(count) { return Array.from({ length: count }, (_, n) => new Visit(n)); }
  const session = new Session();
  session.connect();
  const post = (method, options) => new Promise((resolve) => session.post(method, options, resolve));
  const file = openSync(tracked, 'w');
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ params }) => writeSync(file, params.chunk));
  (async () => {
    await post('HeapProfiler.startTrackingHeapObjects', { trackAllocations: true });
    globalThis.visits = openVisits(50);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await post('HeapProfiler.stopTrackingHeapObjects', { reportProgress: false });
  })();
`;

beforeAll(() => {
  execFileSync(process.execPath, ['-e', PROGRAM, plain, tracked], { stdio: 'ignore' });
}, 60_000);

interface Raw {
  snapshot: {
    meta: { node_fields: string[]; edge_fields: string[] };
    node_count: number;
    edge_count: number;
  };
  nodes: number[];
  edges: number[];
  strings: string[];
}

function expectSame(graph: HeapGraph, raw: Raw): void {
  const { meta, node_count, edge_count } = raw.snapshot;
  const stride = meta.node_fields.length;
  expect(graph.nodeCount).toBe(node_count);
  expect(graph.edgeCount).toBe(edge_count);
  expect(graph.strings.length).toBe(raw.strings.length);
  expect(raw.strings.findIndex((text, index) => graph.strings.get(index) !== text)).toBe(-1);
  const node = (field: string) => (_: number, index: number) =>
    raw.nodes[index * stride + meta.node_fields.indexOf(field)]!;
  const edge = (field: string) => (_: number, index: number) =>
    raw.edges[index * 3 + meta.edge_fields.indexOf(field)]!;
  const same = (ours: ArrayLike<number>, theirs: (none: number, index: number) => number): void => {
    expect(Array.from(ours).findIndex((value, index) => value !== theirs(0, index))).toBe(-1);
  };
  same(graph.nodeKind, node('type'));
  same(graph.nodeName, node('name'));
  same(graph.nodeId, node('id'));
  same(
    Array.from({ length: node_count }, (_, index) => graph.firstEdge[index + 1]! - graph.firstEdge[index]!),
    node('edge_count'),
  );
  same(
    Array.from(graph.edgeKind, (kind) => kind & EDGE_KIND_MASK),
    edge('type'),
  );
  same(graph.edgeName, edge('name_or_index'));
  same(
    Array.from(graph.edgeTarget, (target) => target * stride),
    edge('to_node'),
  );
  expect(totalBytes(graph)).toBe(
    Array.from({ length: node_count }, (_, index) => node('self_size')(0, index)).reduce((a, b) => a + b, 0),
  );
}

describe('a snapshot that V8 has just written', () => {
  test('is recognised by its head', async () => {
    expect(detectHeapSnapshot(await readHead(openFile(plain), 4096))).toBe(1);
  });

  test('is what JSON.parse makes of it', async () => {
    const source = openFile(plain);
    const raw = JSON.parse(readFileSync(plain, 'utf8')) as Raw;
    expectSame(await readHeapSnapshot(source), raw);
    // V8 itself ends strings at a NUL.
    expect(raw.strings.some((text) => text.startsWith('"quoted" \\ '))).toBe(true);
    source.close?.();
  });

  test('is the same from a stream, from gz and from zst', async () => {
    const raw = JSON.parse(readFileSync(plain, 'utf8')) as Raw;
    expectSame(await readHeapSnapshot(streamingSource(createReadStream(plain), '<stdin>')), raw);
    const packed = join(folder, 'packed');
    writeFileSync(packed, gzipSync(readFileSync(plain)));
    expectSame(await readHeapSnapshot(openFile(packed)), raw);
    if (spawnSync('zstd', ['-q', '-f', plain, '-o', packed]).status === 0) {
      expectSame(await readHeapSnapshot(openFile(packed)), raw);
      expectSame(await readHeapSnapshot(streamingSource(createReadStream(packed), '<stdin>')), raw);
    }
  }, 30_000);

  test('gives each object one dominator and the root all bytes', async () => {
    const graph = await readHeapSnapshot(openFile(plain));
    const { idom, retainedBytes } = dominators(graph);
    expect(retainedBytes[0]).toBe(totalBytes(graph));
    expect(idom.every((above, node) => above < graph.nodeCount && (above !== node || node === 0))).toBe(true);
    // All but a few are reached.
    const reached = distances(graph).filter((distance) => distance >= 0).length;
    expect(reached).toBeGreaterThan(graph.nodeCount * 0.99);
  });

  test('has the positions of its functions, in files that it names', async () => {
    const { locations, scripts } = await readHeapSnapshot(openFile(plain));
    const paths = Array.from(locations.scriptId, (id) => scripts.pathOf(id));
    expect(paths.length).toBeGreaterThan(100);
    expect(paths.filter((path) => path !== null).length).toBeGreaterThan(paths.length * 0.95);
    expect(paths.some((path) => path?.startsWith('node:internal/'))).toBe(true);
  });

  test('cut in the middle of its edges still has its objects', async () => {
    const cut = join(folder, 'cut.heapsnapshot');
    writeFileSync(cut, readFileSync(plain));
    truncateSync(cut, readFileSync(plain, 'latin1').indexOf('"edges"') + 100_000);
    await expect(readHeapSnapshot(openFile(cut))).rejects.toMatchObject({ code: 'format-truncated' });
    const graph = await readHeapSnapshot(openFile(cut), { partial: true });
    expect(graph.nodeCount).toBe((await readHeapSnapshot(openFile(plain))).nodeCount);
    expect(graph.edgeCount).toBeGreaterThan(1000);
    expect(graph.partial?.missing).toContain('references after the first');
    dominators(graph);
  });
});

describe('a snapshot with allocation tracking', () => {
  test('is what JSON.parse makes of it', async () => {
    expectSame(await readHeapSnapshot(openFile(tracked)), JSON.parse(readFileSync(tracked, 'utf8')) as Raw);
  });

  test('tells which functions allocated an object', async () => {
    const graph = await readHeapSnapshot(openFile(tracked));
    const { allocations, nodeName, strings, nodeKinds, nodeKind } = graph;
    const { traceOfNode, parent, functionOf, functions, functionStride } = allocations!;
    const objects = nodeKinds.indexOf('object');
    const visits = Array.from(nodeName.keys()).filter(
      (node) =>
        nodeKind[node] === objects && strings.get(nodeName[node]!) === 'Visit' && traceOfNode[node] !== 0,
    );
    expect(visits.length).toBe(50);
    const stack: string[] = [];
    for (let trace = traceOfNode[visits[0]!]!; trace !== 0; trace = parent[trace]!) {
      stack.push(strings.get(functions[functionOf[trace]! * functionStride + 1]!));
    }
    expect(stack).toContain('openVisits');
    expect(stack.at(-1)).toBe('(root)');
  });

  test('has the samples of its timeline', async () => {
    const { samples, nodeId } = await readHeapSnapshot(openFile(tracked));
    const { timeUs, lastId } = samples!;
    expect(timeUs.length).toBeGreaterThanOrEqual(2);
    expect(timeUs.every((time, index) => index === 0 || time >= timeUs[index - 1]!)).toBe(true);
    expect(timeUs.at(-1)!).toBeGreaterThan(100_000);
    expect(lastId.at(-1)!).toBeLessThanOrEqual(
      (nodeId as Uint32Array).reduce((a, b) => Math.max(a, b)) + 1_000_000,
    );
  });
});
