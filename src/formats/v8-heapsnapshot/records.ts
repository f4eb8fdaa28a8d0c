import { grownU8, grownU32, U32List } from '../../base/growable.ts';
import { type Input, invalid } from './input.ts';
import type { Layout } from './meta.ts';
import type { RecordConsumer } from './number-section.ts';

/** A number and the comma behind it take two bytes: no file holds more records than its size allows. */
const MIN_BYTES_PER_NUMBER = 2;
const START_CAPACITY = 1 << 16;

/** What the header announces, cut down to what the file's size can hold; growth beyond the start is by doubling. */
function startCapacity(announced: number, stride: number, sizeBytes: number | null): number {
  if (sizeBytes === null) return Math.min(announced, START_CAPACITY);
  return Math.min(announced, Math.floor(sizeBytes / (stride * MIN_BYTES_PER_NUMBER)) + 1);
}

export class NodeRecords implements RecordConsumer {
  count = 0;
  /** Sum of the edge counts of the nodes read so far. */
  edges = 0;
  kind: Uint8Array;
  name: Uint32Array;
  id: Uint32Array;
  selfBytes: Uint32Array | Float64Array;
  detachedness: Uint8Array;
  firstEdge: Uint32Array;
  trace: Uint32Array | null = null;
  maxName = 0;
  private readonly wides: { index: number; value: number }[] = [];

  constructor(
    private readonly input: Input,
    private readonly layout: Layout,
    sizeBytes: number | null,
  ) {
    const capacity = startCapacity(layout.header.node_count, layout.nodeStride, sizeBytes);
    this.kind = new Uint8Array(capacity);
    this.name = new Uint32Array(capacity);
    this.id = new Uint32Array(capacity);
    this.selfBytes = new Uint32Array(capacity);
    this.detachedness = new Uint8Array(capacity);
    this.firstEdge = new Uint32Array(capacity + 1);
  }

  wide(indexInBlock: number, value: number, field: number): void {
    if (field !== this.layout.nodeSelfSize) throw invalid(this.input, 0, 'node fields below 2^32 (only self_size may be more)');
    this.wides.push({ index: indexInBlock, value });
  }

  take(values: Uint32Array, count: number): void {
    const { layout } = this;
    const stride = layout.nodeStride;
    const records = count / stride;
    this.reserve(this.count + records);
    const { kind, name, id, selfBytes, firstEdge } = this;
    const { nodeType, nodeName, nodeId, nodeSelfSize, nodeEdgeCount } = layout;
    const kinds = layout.nodeKinds.length;
    let node = this.count;
    let edges = this.edges;
    let maxName = this.maxName;
    for (let at = 0; at < count; at += stride, node++) {
      const type = values[at + nodeType]!;
      if (type >= kinds) throw this.bad(node, `a node type below ${kinds}`);
      const nameIndex = values[at + nodeName]!;
      if (nameIndex > maxName) maxName = nameIndex;
      kind[node] = type;
      name[node] = nameIndex;
      id[node] = values[at + nodeId]!;
      selfBytes[node] = values[at + nodeSelfSize]!;
      firstEdge[node] = edges;
      edges += values[at + nodeEdgeCount]!;
    }
    if (edges > 0xffffffff) throw this.bad(node, 'fewer than 2^32 edges');
    if (layout.nodeDetachedness >= 0) this.takeDetachedness(values, count);
    if (layout.nodeTrace >= 0) this.takeTrace(values, count);
    this.applyWides();
    this.maxName = maxName;
    this.edges = edges;
    this.count = node;
    firstEdge[node] = edges;
  }

  private takeDetachedness(values: Uint32Array, count: number): void {
    const { nodeStride, nodeDetachedness } = this.layout;
    let node = this.count;
    for (let at = nodeDetachedness; at < count; at += nodeStride, node++) this.detachedness[node] = values[at]!;
  }

  private takeTrace(values: Uint32Array, count: number): void {
    const { nodeStride, nodeTrace } = this.layout;
    let node = this.count;
    for (let at = nodeTrace; at < count; at += nodeStride, node++) {
      const trace = values[at]!;
      if (trace === 0) continue;
      this.trace ??= new Uint32Array(this.kind.length);
      this.trace[node] = trace;
    }
  }

  private applyWides(): void {
    if (this.wides.length === 0) return;
    const sizes = Float64Array.from(this.selfBytes);
    for (const { index, value } of this.wides) sizes[this.count + Math.floor(index / this.layout.nodeStride)] = value;
    this.selfBytes = sizes;
    this.wides.length = 0;
  }

  private reserve(needed: number): void {
    if (needed <= this.kind.length) return;
    const expected = this.layout.header.node_count;
    this.kind = grownU8(this.kind, needed, expected);
    this.detachedness = grownU8(this.detachedness, needed, expected);
    this.name = grownU32(this.name, needed, expected);
    this.id = grownU32(this.id, needed, expected);
    const sizes = this.selfBytes instanceof Float64Array ? new Float64Array(this.kind.length) : new Uint32Array(this.kind.length);
    sizes.set(this.selfBytes);
    this.selfBytes = sizes;
    this.firstEdge = grownU32(this.firstEdge, this.kind.length + 1, this.kind.length + 1);
    if (this.trace) {
      const trace = new Uint32Array(this.kind.length);
      trace.set(this.trace);
      this.trace = trace;
    }
  }

  private bad(node: number, expected: string): Error {
    return invalid(this.input, 0, `node ${node} to have ${expected}`);
  }
}

export class EdgeRecords implements RecordConsumer {
  count = 0;
  kind: Uint8Array;
  name: Uint32Array;
  target: Uint32Array;
  maxName = 0;
  private readonly indexedKinds: number;

  constructor(
    private readonly input: Input,
    private readonly layout: Layout,
    private readonly nodes: NodeRecords,
    sizeBytes: number | null,
  ) {
    const capacity = startCapacity(nodes.edges, layout.edgeStride, sizeBytes);
    this.kind = new Uint8Array(capacity);
    this.name = new Uint32Array(capacity);
    this.target = new Uint32Array(capacity);
    this.indexedKinds = indexedKinds(layout.edgeKinds);
  }

  take(values: Uint32Array, count: number): void {
    const { layout, indexedKinds } = this;
    const stride = layout.edgeStride;
    const announced = this.nodes.edges;
    const end = this.count + count / stride;
    if (end > announced) throw invalid(this.input, 0, `${announced} edges, as the nodes' edge counts add up to, not more`);
    if (end > this.kind.length) {
      this.kind = grownU8(this.kind, end, announced);
      this.name = grownU32(this.name, end, announced);
      this.target = grownU32(this.target, end, announced);
    }
    const { kind, name, target } = this;
    const { edgeType, edgeName, edgeTarget, nodeStride } = layout;
    const kinds = layout.edgeKinds.length;
    const nodeCount = this.nodes.count;
    let edge = this.count;
    let maxName = this.maxName;
    for (let at = 0; at < count; at += stride, edge++) {
      const type = values[at + edgeType]!;
      if (type >= kinds) throw this.bad(edge, `a type below ${kinds}`);
      const nameOrIndex = values[at + edgeName]!;
      if (nameOrIndex > maxName && ((indexedKinds >>> type) & 1) === 0) maxName = nameOrIndex;
      const to = values[at + edgeTarget]!;
      const node = Math.floor(to / nodeStride);
      if (node * nodeStride !== to || node >= nodeCount) {
        throw this.bad(edge, `a target that is a multiple of ${nodeStride} below ${nodeCount * nodeStride}, found ${to}`);
      }
      kind[edge] = type;
      name[edge] = nameOrIndex;
      target[edge] = node;
    }
    this.maxName = maxName;
    this.count = edge;
  }

  private bad(edge: number, expected: string): Error {
    return invalid(this.input, 0, `edge ${edge} to have ${expected}`);
  }
}

/** Element and hidden edges carry an index; all others a string. */
export function indexedKinds(edgeKinds: readonly string[]): number {
  let mask = 0;
  edgeKinds.forEach((kind, index) => {
    if (kind === 'element' || kind === 'hidden') mask |= 1 << index;
  });
  return mask;
}

/** A flat list of numbers: locations, samples, function infos. Numbers of 2^32 or more are kept as 2^32 - 1. */
export class FlatRecords implements RecordConsumer {
  private readonly list = new U32List();

  take(values: Uint32Array, count: number): void {
    for (let at = 0; at < count; at++) this.list.push(values[at]!);
  }

  wide(): void {}

  view(): Uint32Array {
    return this.list.view();
  }
}
