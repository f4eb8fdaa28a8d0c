import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import type { LongCall } from '../../base/progress.ts';
import type { AllocationTable, HeapGraph, LocationTable, PartialRead } from '../../model/heap-graph.ts';
import type { StringTable } from '../../model/string-table.ts';
import { newDescriber } from './describe.ts';
import type { Input } from './input.ts';
import { SnapshotReader } from './reader.ts';
import { indexedKinds } from './records.ts';
import { scriptTable } from './scripts.ts';
import { applySemantics, v8Traversal } from './semantics.ts';

export interface ReadOptions extends LongCall {
  /** Use the readable part of a truncated or damaged file. */
  partial?: boolean;
}

const REPORT_EVERY_BYTES = 1 << 24;

/**
 * Reads a V8 heap snapshot from any byte source. Nothing as large as the file is ever held: nodes and edges go
 * into typed arrays as they pass, strings stay where they are until asked for.
 *
 * @throws FormatError with the byte offset and what was expected there
 */
export async function readHeapSnapshot(source: ByteSource, options: ReadOptions = {}): Promise<HeapGraph> {
  const input: Input = { file: source.name, chunkOffset: 0 };
  const reader = new SnapshotReader({
    input,
    sizeBytes: source.sizeBytes,
    readAt: source.readAt ? (offset, length) => source.readAt!(offset, length) : null,
  });
  let damage: FormatError | null = null;
  try {
    await feedAll(source, reader, input, options);
  } catch (error) {
    if (!(options.partial && error instanceof FormatError && reader.nodes)) throw error;
    damage = error;
    reader.flush();
  }
  options.signal?.throwIfAborted();
  const graph = build(source, reader, input, damage);
  applySemantics(graph);
  return graph;
}

async function feedAll(source: ByteSource, reader: SnapshotReader, input: Input, options: ReadOptions): Promise<void> {
  const { signal, onProgress } = options;
  let reported = 0;
  let read = 0;
  for await (const chunk of source.chunks()) {
    signal?.throwIfAborted();
    input.chunkOffset = read;
    reader.feed(chunk);
    read += chunk.length;
    if (read - reported >= REPORT_EVERY_BYTES) {
      reported = read;
      onProgress?.('read', read, source.sizeBytes ?? 0);
    }
  }
  onProgress?.('read', read, source.sizeBytes ?? read);
  if (reader.finished && reader.nodes && reader.edges && reader.strings) return;
  throw new FormatError({
    file: source.name,
    offset: read,
    expected: reader.finished ? 'sections "nodes", "edges" and "strings"' : `more of "${reader.current}"`,
    found: 'the end of the file',
    hint: 'the snapshot was cut while it was written (a killed process or a full disk); --partial uses what is there',
    truncated: true,
  });
}

function build(source: ByteSource, reader: SnapshotReader, input: Input, damage: FormatError | null): HeapGraph {
  const nodes = reader.nodes!;
  const layout = reader.layout!;
  const nodeCount = nodes.count;
  // Edges without all their nodes would point to the wrong ones; half of the edges is still right.
  const edges = reader.complete.has('nodes') ? reader.edges : null;
  const edgeCount = edges?.count ?? 0;
  const firstEdge = nodes.firstEdge.subarray(0, nodeCount + 1);
  if (edgeCount < nodes.edges) cutEdges(firstEdge, edgeCount);
  const strings = reader.strings?.table() ?? NO_STRINGS;
  if (!damage) checkNames(input, Math.max(nodes.maxName, edges?.maxName ?? 0), strings);
  const parts = {
    runtime: 'node' as const,
    format: 'v8-heapsnapshot',
    file: source.name,
    nodeCount,
    edgeCount,
    nodeKinds: layout.nodeKinds,
    edgeKinds: layout.edgeKinds,
    nodeKind: nodes.kind.subarray(0, nodeCount),
    nodeName: nodes.name.subarray(0, nodeCount),
    nodeId: nodes.id.subarray(0, nodeCount),
    selfBytes: nodes.selfBytes.subarray(0, nodeCount),
    detachedness: nodes.detachedness.subarray(0, nodeCount),
    firstEdge,
    edgeKind: edges?.kind.subarray(0, edgeCount) ?? new Uint8Array(0),
    edgeName: edges?.name.subarray(0, edgeCount) ?? new Uint32Array(0),
    edgeTarget: edges?.target.subarray(0, edgeCount) ?? new Uint32Array(0),
    indexedEdgeKinds: indexedKinds(layout.edgeKinds),
    strings,
    locations: locations(reader, nodeCount),
    allocations: allocations(reader, nodeCount),
    samples: samples(reader),
    extraNativeBytes: layout.header.extra_native_bytes ?? 0,
    partial: damage ? partialRead(reader, damage) : null,
  };
  const described = { ...parts, traversal: v8Traversal(parts), scripts: scriptTable(parts) };
  return { ...described, newDescriber: () => newDescriber(described) };
}

const NO_STRINGS: StringTable = { length: 0, get: () => '(lost string)', head: () => '(lost string)', writtenBytes: () => 0 };

function cutEdges(firstEdge: Uint32Array, edgeCount: number): void {
  for (let node = 0; node < firstEdge.length; node++) {
    if (firstEdge[node]! > edgeCount) firstEdge[node] = edgeCount;
  }
}

function checkNames(input: Input, maxName: number, strings: StringTable): void {
  if (maxName < strings.length || maxName === 0) return;
  throw new FormatError({
    file: input.file,
    offset: input.chunkOffset,
    expected: `more than ${maxName} strings, since a node or an edge is named by string ${maxName}`,
    found: `${strings.length}`,
    hint: 'the file is damaged; take it again, or try --partial',
  });
}

/** Drops positions of nodes that do not exist and sorts the rest by node. */
function locations(reader: SnapshotReader, nodeCount: number): LocationTable {
  const flat = reader.flat.locations.view();
  const { nodeStride, locationStride: stride } = reader.layout!;
  const order: number[] = [];
  let sorted = true;
  let last = -1;
  for (let at = 0; at + stride <= flat.length; at += stride) {
    const node = flat[at]! / nodeStride;
    if (!Number.isInteger(node) || node >= nodeCount) continue;
    sorted &&= node > last;
    last = node;
    order.push(at);
  }
  if (!sorted) order.sort((a, b) => flat[a]! - flat[b]!);
  return {
    node: Uint32Array.from(order, (at) => flat[at]! / nodeStride),
    scriptId: Uint32Array.from(order, (at) => flat[at + 1]!),
    line: Uint32Array.from(order, (at) => flat[at + 2]!),
    column: Uint32Array.from(order, (at) => flat[at + 3]!),
  };
}

function allocations(reader: SnapshotReader, nodeCount: number): AllocationTable | null {
  const tree = reader.traceTree;
  const trace = reader.nodes!.trace;
  if (!tree || !trace || tree.ids.length === 0) return null;
  const ids = tree.ids.view();
  let maxId = 0;
  for (const id of ids) maxId = Math.max(maxId, id);
  // A tree has as many ids as nodes; ids far beyond that are damage, and must not size an array.
  const size = Math.min(maxId, ids.length * 4 + 1024) + 1;
  const parent = new Uint32Array(size);
  const functionOf = new Uint32Array(size);
  ids.forEach((id, index) => {
    if (id >= size) return;
    parent[id] = tree.parents.view()[index]!;
    functionOf[id] = tree.functions.view()[index]!;
  });
  return {
    traceOfNode: trace.subarray(0, nodeCount),
    parent,
    functionOf,
    functions: reader.flat.trace_function_infos.view(),
    functionStride: reader.layout!.header.meta.trace_function_info_fields?.length ?? 6,
  };
}

function samples(reader: SnapshotReader): HeapGraph['samples'] {
  const flat = reader.flat.samples.view();
  if (flat.length < 2) return null;
  const count = flat.length >>> 1;
  return {
    timeUs: Float64Array.from({ length: count }, (_, index) => flat[2 * index]!),
    lastId: Float64Array.from({ length: count }, (_, index) => flat[2 * index + 1]!),
  };
}

function partialRead(reader: SnapshotReader, damage: FormatError): PartialRead {
  const { nodes, edges, strings, complete } = reader;
  const missing: string[] = [];
  if (!complete.has('nodes')) {
    missing.push(`nodes after the first ${nodes!.count} of ${reader.layout!.header.node_count}, and all references`);
  } else if (!complete.has('edges')) {
    missing.push(`references after the first ${edges?.count ?? 0} of ${reader.layout!.header.edge_count}`);
  }
  if (!complete.has('strings')) missing.push(`names after the first ${strings?.length ?? 0}`);
  if (!complete.has('locations')) missing.push('source positions');
  return { offset: damage.offset, reason: damage.message, missing: missing.join('; ') };
}
