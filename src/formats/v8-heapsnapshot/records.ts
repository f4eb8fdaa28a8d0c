import { grownU8, grownU32, U32List } from '../../base/growable.ts';
import type { Layout } from './meta.ts';
import type { BadNumber, RecordConsumer, WideNumber } from './number-section.ts';

/** A number and the comma behind it take two bytes: no file holds more records than its size allows. */
const MIN_BYTES_PER_NUMBER = 2;
/** Multiplying is faster than dividing; so much more lifts a quotient that came out too low, below 2^32 / 64. */
const ROUNDING = 1e-6;
/** V8 writes 0 to 2; DevTools looks at these bits only. */
const DETACHEDNESS_MASK = 3;
const START_CAPACITY = 1 << 14;

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

  constructor(
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

  take(values: Uint32Array, count: number, wides: readonly WideNumber[]): BadNumber | null {
    const { layout } = this;
    const stride = layout.nodeStride;
    this.reserve(this.count + count / stride);
    const { kind, name, id, selfBytes, firstEdge } = this;
    const { nodeType, nodeName, nodeId, nodeSelfSize, nodeEdgeCount } = layout;
    const kinds = layout.nodeKinds.length;
    const badWide = wides.find(({ index, value }) => !this.mayBeWide(index, value));
    const limit = Math.min(count, badWide ? badWide.index - (badWide.index % stride) : count);
    let bad: BadNumber | null =
      badWide && badWide.index < count ? { index: badWide.index, expected: 'a number below 2^32' } : null;
    let node = this.count;
    let edges = this.edges;
    let maxName = this.maxName;
    for (let at = 0; at < limit; at += stride, node++) {
      const type = values[at + nodeType]!;
      if (type >= kinds) {
        bad = { index: at + nodeType, expected: `a node type below ${kinds}, not ${type},` };
        break;
      }
      const nameIndex = values[at + nodeName]!;
      if (nameIndex > maxName) maxName = nameIndex;
      kind[node] = type;
      name[node] = nameIndex;
      id[node] = values[at + nodeId]!;
      selfBytes[node] = values[at + nodeSelfSize]!;
      firstEdge[node] = edges;
      edges += values[at + nodeEdgeCount]!;
      if (edges > 0xffffffff) {
        edges -= values[at + nodeEdgeCount]!;
        bad = { index: at + nodeEdgeCount, expected: 'fewer than 2^32 edges in all' };
        break;
      }
    }
    const taken = (node - this.count) * stride;
    if (layout.nodeDetachedness >= 0) this.takeDetachedness(values, taken);
    if (layout.nodeTrace >= 0) this.takeTrace(values, taken);
    if (wides.length > 0) this.takeWides(wides, taken);
    this.maxName = maxName;
    this.edges = edges;
    this.count = node;
    firstEdge[node] = edges;
    return bad;
  }

  private mayBeWide(index: number, value: number): boolean {
    return index % this.layout.nodeStride === this.layout.nodeSelfSize && Number.isSafeInteger(value);
  }

  private takeDetachedness(values: Uint32Array, count: number): void {
    const { nodeStride, nodeDetachedness } = this.layout;
    const { detachedness } = this;
    let node = this.count;
    for (let at = nodeDetachedness; at < count; at += nodeStride, node++)
      detachedness[node] = values[at]! & DETACHEDNESS_MASK;
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

  private takeWides(wides: readonly WideNumber[], count: number): void {
    for (const { index, value } of wides) {
      if (index >= count) continue;
      if (!(this.selfBytes instanceof Float64Array)) this.selfBytes = new Float64Array(this.selfBytes);
      this.selfBytes[this.count + Math.floor(index / this.layout.nodeStride)] = value;
    }
  }

  private reserve(needed: number): void {
    if (needed <= this.kind.length) return;
    const expected = this.layout.header.node_count;
    this.kind = grownU8(this.kind, needed, expected);
    const capacity = this.kind.length;
    this.detachedness = grownU8(this.detachedness, capacity, capacity);
    this.name = grownU32(this.name, capacity, capacity);
    this.id = grownU32(this.id, capacity, capacity);
    const sizes =
      this.selfBytes instanceof Float64Array ? new Float64Array(capacity) : new Uint32Array(capacity);
    sizes.set(this.selfBytes);
    this.selfBytes = sizes;
    this.firstEdge = grownU32(this.firstEdge, capacity + 1, capacity + 1);
    if (this.trace) this.trace = grownU32(this.trace, capacity, capacity);
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
    private readonly layout: Layout,
    private readonly nodes: { readonly edges: number; readonly count: number },
    sizeBytes: number | null,
  ) {
    const capacity = startCapacity(nodes.edges, layout.edgeStride, sizeBytes);
    this.kind = new Uint8Array(capacity);
    this.name = new Uint32Array(capacity);
    this.target = new Uint32Array(capacity);
    this.indexedKinds = indexedKinds(layout.edgeKinds);
  }

  take(values: Uint32Array, count: number): BadNumber | null {
    const { layout, indexedKinds } = this;
    const stride = layout.edgeStride;
    const announced = this.nodes.edges;
    const limit = Math.min(count, (announced - this.count) * stride);
    this.reserve(this.count + limit / stride);
    const { kind, name, target } = this;
    const { edgeType, edgeName, edgeTarget, nodeStride } = layout;
    const kinds = layout.edgeKinds.length;
    const perStride = 1 / nodeStride;
    const nodeCount = this.nodes.count;
    let bad: BadNumber | null =
      limit < count
        ? { index: limit, expected: `no more than ${announced} edges, as the nodes' edge counts add up to,` }
        : null;
    let edge = this.count;
    let maxName = this.maxName;
    for (let at = 0; at < limit; at += stride, edge++) {
      const type = values[at + edgeType]!;
      const nameOrIndex = values[at + edgeName]!;
      const to = values[at + edgeTarget]!;
      const node = (to * perStride + ROUNDING) >>> 0;
      if (type >= kinds) {
        bad = { index: at + edgeType, expected: `an edge type below ${kinds}, not ${type},` };
        break;
      }
      if (node >= nodeCount || Math.imul(node, nodeStride) >>> 0 !== to) {
        const targets = `a multiple of ${nodeStride} below ${nodeCount * nodeStride}`;
        bad = { index: at + edgeTarget, expected: `${targets} as target of an edge, not ${to},` };
        break;
      }
      if (nameOrIndex > maxName && ((indexedKinds >>> type) & 1) === 0) maxName = nameOrIndex;
      kind[edge] = type;
      name[edge] = nameOrIndex;
      target[edge] = node;
    }
    this.maxName = maxName;
    this.count = edge;
    return bad;
  }

  private reserve(needed: number): void {
    if (needed <= this.kind.length) return;
    const announced = this.nodes.edges;
    this.kind = grownU8(this.kind, needed, announced);
    const capacity = this.kind.length;
    this.name = grownU32(this.name, capacity, capacity);
    this.target = grownU32(this.target, capacity, capacity);
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

/** A flat list of numbers: locations, samples, function infos. Higher numbers than 2^32 - 1 stand as that. */
export class FlatRecords implements RecordConsumer {
  private readonly list = new U32List();

  take(values: Uint32Array, count: number): null {
    this.list.pushAll(values.subarray(0, count));
    return null;
  }

  view(): Uint32Array {
    return this.list.view();
  }
}

/** Samples of an allocation timeline: times in µs pass 2^32 after 71 minutes. */
export class SampleRecords implements RecordConsumer {
  readonly values: number[] = [];

  take(values: Uint32Array, count: number, wides: readonly WideNumber[]): null {
    const before = this.values.length;
    for (let at = 0; at < count; at++) this.values.push(values[at]!);
    for (const { index, value } of wides) if (index < count) this.values[before + index] = value;
    return null;
  }
}
