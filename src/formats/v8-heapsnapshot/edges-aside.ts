import type { Input } from './input.ts';
import { layoutOf, type SnapshotHeader } from './meta.ts';
import { NumberSection } from './number-section.ts';
import { EdgeRecords } from './records.ts';

/** What the thread that takes the edges has to know. */
export interface EdgesTask {
  readonly header: SnapshotHeader;
  /** Offset of the first byte behind the `[` of "nodes". */
  readonly nodesOffset: number;
  readonly sizeBytes: number;
}

/** Where the edges end comes first, so that the reader can go on behind them; then the edges. */
export type EdgesMessage =
  | { readonly kind: 'end'; readonly offset: number }
  | { readonly kind: 'edges'; readonly edges: EdgeTable };

export interface EdgeTable {
  readonly count: number;
  readonly maxName: number;
  readonly kind: Uint8Array;
  readonly name: Uint32Array;
  readonly target: Uint32Array;
}

export interface ThreadHost {
  read(into: Uint8Array, offset: number): number;
  newBuffer(bytes: number): Uint8Array;
  post(message: EdgesMessage, transfer: ArrayBuffer[]): void;
}

const CHUNK_BYTES = 1 << 22;
const QUOTE = 0x22;
const HEAD_BYTES = 64;
const TAIL_BYTES = 16;

/**
 * Reads the edges while another thread reads the nodes. Between the start of the nodes and the next section's name
 * there is no quote, so the section is found without reading numbers. Whatever is not as V8 writes it ends the thread
 * without a result: the file is then read again in one piece, and that says what is wrong.
 */
export function readEdgesAside(task: EdgesTask, host: ThreadHost): void {
  const layout = layoutOf(task.header);
  if (typeof layout === 'string') return;
  const buffer = host.newBuffer(CHUNK_BYTES);
  const name = findQuote(task.nodesOffset, host, buffer);
  if (name === null) return;
  const head = /^"edges"\s*:\s*\[/.exec(textAt(name, HEAD_BYTES, host))?.[0];
  if (head === undefined) return;
  const start = name + head.length;
  const next = findQuote(start, host, buffer);
  if (next === null) return;
  const tail = textAt(next - TAIL_BYTES, TAIL_BYTES, host).lastIndexOf(']');
  if (tail < 0) return;
  const end = next - TAIL_BYTES + tail + 1;
  host.post({ kind: 'end', offset: end }, []);

  const input: Input = { file: '', chunkOffset: 0 };
  const expected = { edges: task.header.edge_count, count: task.header.node_count };
  const edges = new EdgeRecords(layout, expected, task.sizeBytes);
  const section = new NumberSection(input, 'edges', layout.edgeStride, edges);
  let at = start;
  while (at < end && !section.done) {
    const count = host.read(buffer, at);
    if (count === 0) return;
    input.chunkOffset = at;
    at += section.feed(buffer.subarray(0, Math.min(count, end - at)), 0);
  }
  // The other thread goes on at `end`: nothing may stand between.
  if (!section.done || at !== end || edges.count !== task.header.edge_count) return;
  const { count, maxName, kind, name: names, target } = edges;
  host.post({ kind: 'edges', edges: { count, maxName, kind, name: names, target } }, [
    kind.buffer as ArrayBuffer,
    names.buffer as ArrayBuffer,
    target.buffer as ArrayBuffer,
  ]);
}

function findQuote(from: number, host: ThreadHost, buffer: Uint8Array): number | null {
  for (let offset = from; ; ) {
    const count = host.read(buffer, offset);
    if (count === 0) return null;
    const at = buffer.indexOf(QUOTE);
    if (at >= 0 && at < count) return offset + at;
    offset += count;
  }
}

function textAt(offset: number, length: number, host: ThreadHost): string {
  const bytes = new Uint8Array(length);
  const count = host.read(bytes, offset);
  return new TextDecoder('latin1').decode(bytes.subarray(0, count));
}
