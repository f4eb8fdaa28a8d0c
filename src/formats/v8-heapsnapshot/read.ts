import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import { breathe, type LongCall } from '../../base/progress.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import { newDescriber } from './describe.ts';
import { DAMAGED_HINT, type Input } from './input.ts';
import { NO_STRINGS } from './lazy-strings.ts';
import { cutEdges, keepNamesInside, lacksNames, partialRead, withLostString } from './partial.ts';
import { SnapshotReader } from './reader.ts';
import { indexedKinds } from './records.ts';
import { scriptTable } from './scripts.ts';
import { applySemantics } from './semantics.ts';
import { allocationTable, locationTable, sampleTable } from './side-tables.ts';
import { v8Traversal } from './traversal.ts';
import { canUseTwoThreads, feedOnTwoThreads } from './two-threads.ts';

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
 * @example
 * import { openFile, readHeapSnapshot } from 'stanch';
 *
 * const graph = await readHeapSnapshot(openFile('A.heapsnapshot'), { partial: true });
 * process.stdout.write(`${graph.nodeCount} objects, ${graph.partial ? graph.partial.missing : 'complete'}\n`);
 */
export async function readHeapSnapshot(source: ByteSource, options: ReadOptions = {}): Promise<HeapGraph> {
  const input: Input = { file: source.name, chunkOffset: 0 };
  const readerOptions = {
    input,
    sizeBytes: source.sizeBytes,
    readAt: source.readAt ? (offset: number, length: number) => source.readAt!(offset, length) : null,
  };
  if (!options.partial && canUseTwoThreads(source)) {
    const reader = new SnapshotReader({ ...readerOptions, edgesElsewhere: true });
    if (await feedOnTwoThreads(source, reader, input, options)) {
      checkNames(reader, source.name);
      return finish(source, reader, null, options);
    }
  }
  const reader = new SnapshotReader(readerOptions);
  let damage: FormatError | null = null;
  try {
    await feedAll(source, reader, input, options);
    checkNames(reader, source.name);
  } catch (error) {
    if (!(options.partial && error instanceof FormatError && reader.nodes)) throw error;
    damage = error;
    reader.flush();
  }
  return finish(source, reader, damage, options);
}

function finish(
  source: ByteSource,
  reader: SnapshotReader,
  damage: FormatError | null,
  options: ReadOptions,
): HeapGraph {
  options.signal?.throwIfAborted();
  const graph = build(source, reader, damage);
  applySemantics(graph);
  return graph;
}

async function feedAll(
  source: ByteSource,
  reader: SnapshotReader,
  input: Input,
  options: ReadOptions,
): Promise<void> {
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
      await breathe(signal);
    }
  }
  onProgress?.('read', read, source.sizeBytes ?? read);
  if (reader.whole) return;
  throw new FormatError({
    file: source.name,
    offset: read,
    expected: reader.awaited,
    found: 'the end of the file',
    hint: 'the snapshot was cut while it was written (a killed process or a full disk); --partial uses what is there',
    truncated: true,
  });
}

const NAMED_KINDS: ReadonlySet<string> = new Set(['object', 'native']);

function build(source: ByteSource, reader: SnapshotReader, damage: FormatError | null): HeapGraph {
  const nodes = reader.nodes!;
  const layout = reader.layout!;
  const nodeCount = nodes.count;
  // Edges without all their nodes would point to the wrong ones; half of the edges is still right.
  const edges = reader.complete.has('nodes') ? reader.edges : null;
  const edgeCount = edges?.count ?? 0;
  const firstEdge = nodes.firstEdge.subarray(0, nodeCount + 1);
  if (edgeCount < nodes.edges) cutEdges(firstEdge, edgeCount);
  const read = reader.strings?.table() ?? NO_STRINGS;
  const strings = damage ? withLostString(read) : read;
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
    idKind: 'serial' as const,
    selfBytes: nodes.selfBytes.subarray(0, nodeCount),
    detachedness: nodes.detachedness.subarray(0, nodeCount),
    firstEdge,
    edgeKind: edges?.kind.subarray(0, edgeCount) ?? new Uint8Array(0),
    edgeName: edges?.name.subarray(0, edgeCount) ?? new Uint32Array(0),
    edgeTarget: edges?.target.subarray(0, edgeCount) ?? new Uint32Array(0),
    indexedEdgeKinds: indexedKinds(layout.edgeKinds),
    strings,
    locations: locationTable(reader.locations.view(), layout, nodeCount),
    allocations: allocationTable(
      reader.traceTree,
      reader.traceFunctions.view(),
      layout,
      nodes.trace?.subarray(0, nodeCount) ?? null,
    ),
    samples: sampleTable(reader.samples.values, layout),
    extraNativeBytes: layout.header.extra_native_bytes ?? 0,
    partial: damage ? partialRead(reader, damage) : null,
    warnings: [],
    process: null,
    namedKinds: NAMED_KINDS,
  };
  if (damage) keepNamesInside(parts);
  const described = { ...parts, traversal: v8Traversal(parts), scripts: scriptTable(parts) };
  return { ...described, newDescriber: () => newDescriber(described) };
}

function checkNames(reader: SnapshotReader, file: string): void {
  if (!lacksNames(reader)) return;
  const { endsAt, length } = reader.strings!;
  const maxName = Math.max(reader.nodes!.maxName, reader.edges!.maxName);
  throw new FormatError({
    file,
    offset: endsAt,
    expected: `more strings, since a node or an edge is named by string ${maxName}`,
    found: `the end of "strings" behind ${length}`,
    hint: DAMAGED_HINT,
  });
}
