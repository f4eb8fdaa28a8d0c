import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// The built package: the second thread runs only there.
import { dominators, type HeapGraph, openFile, readHeapSnapshot } from '../dist/index.js';

const NODES = 900_000;
const HEADER = {
  meta: {
    node_fields: ['type', 'name', 'id', 'self_size', 'edge_count', 'detachedness'],
    node_types: [
      ['hidden', 'array', 'string', 'object', 'synthetic'],
      'string',
      'number',
      'number',
      'number',
      'number',
    ],
    edge_fields: ['type', 'name_or_index', 'to_node'],
    edge_types: [
      ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'],
      'string_or_number',
      'node',
    ],
    location_fields: ['object_index', 'script_id', 'line', 'column'],
  },
  node_count: NODES,
  edge_count: 2 * (NODES - 1),
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stanch-two-threads-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A binary tree in which each node is also held by the root, in a file large enough for two threads. */
function write(name: string, edgeOf: (edge: string, index: number) => string = (edge) => edge): string {
  const file = join(folder, name);
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, `{"snapshot":${JSON.stringify(HEADER)},\n"nodes":[`);
  let text = '';
  const flush = (force: boolean) => {
    if (!force && text.length < 1 << 20) return;
    writeSync(descriptor, text);
    text = '';
  };
  for (let node = 0; node < NODES; node++) {
    const children = [2 * node + 1, 2 * node + 2].filter((child) => child < NODES).length;
    const edges = node === 0 ? children + NODES - 1 : children;
    text += `${node === 0 ? '' : '\n,'}${node === 0 ? 4 : 3},${1 + (node % 3)},${1_000_001 + 2 * node},${16 + (node % 100_000)},${edges},0`;
    flush(false);
  }
  text += '],\n"edges":[';
  let index = 0;
  const edge = (kind: number, label: number, target: number) => {
    text += `${index === 0 ? '' : '\n,'}${edgeOf(`${kind},${label},${target * 6}`, index)}`;
    index++;
    flush(false);
  };
  for (let node = 0; node < NODES; node++) {
    for (const child of [2 * node + 1, 2 * node + 2]) if (child < NODES) edge(2, 1 + (child % 3), child);
    if (node === 0) for (let child = 1; child < NODES; child++) edge(1, child, child);
  }
  text += `],\n"trace_function_infos":[],\n"trace_tree":[],\n"samples":[],\n"locations":[${6},7,8,9],\n"strings":["","a","b","c"]}`;
  flush(true);
  closeSync(descriptor);
  return file;
}

const alone = (file: string) => {
  const { startAside: _left, ...source } = openFile(file);
  return source;
};

const columns = [
  'nodeKind',
  'nodeName',
  'nodeId',
  'selfBytes',
  'firstEdge',
  'edgeKind',
  'edgeName',
  'edgeTarget',
] as const;

describe('reading on two threads', () => {
  it('gives the same graph as reading on one', async () => {
    const file = write('good.heapsnapshot');
    expect(statSync(file).size).toBeGreaterThan(48_000_000);
    let started = 0;
    const source = openFile(file);
    const watched = {
      ...source,
      startAside: (task: unknown) => {
        started++;
        return source.startAside!(task);
      },
    };
    const two: HeapGraph = await readHeapSnapshot(watched);
    const one: HeapGraph = await readHeapSnapshot(alone(file));
    expect(started).toBe(1);
    for (const column of columns)
      expect(Buffer.compare(bytesOf(two[column]), bytesOf(one[column])), column).toBe(0);
    expect([...two.locations.scriptId]).toEqual([...one.locations.scriptId]);
    expect(two.strings.get(3)).toBe('c');
    expect(dominators(two).retainedBytes[0]).toBe(dominators(one).retainedBytes[0]);
  });

  it('says the same as one thread of an edge to nowhere', async () => {
    const file = write('nowhere.heapsnapshot', (edge, index) =>
      index === 1_000_000 ? '2,1,99999996' : edge,
    );
    const messageOf = (promise: Promise<unknown>) =>
      promise.then(
        () => 'read',
        (error: Error) => error.message,
      );
    const message = await messageOf(readHeapSnapshot(openFile(file)));
    expect(message).toContain('not 99999996');
    expect(message).toBe(await messageOf(readHeapSnapshot(alone(file))));
  });
});

function bytesOf(array: Uint8Array | Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
