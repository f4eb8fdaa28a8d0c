import type { Describer } from './description.ts';
import type { SourceLocation } from './source-location.ts';
import type { StringTable } from './string-table.ts';

/**
 * Objects and references of one heap at one moment, as struct of arrays: node `n` has its attributes at index `n`
 * of each node array and its outgoing edges at `firstEdge[n] … firstEdge[n + 1] - 1` of each edge array.
 * Node 0 is the root.
 */
export interface HeapGraph {
  readonly runtime: 'node' | 'ruby' | 'python';
  /** Id of the format that the graph was read from. */
  readonly format: string;
  readonly file: string;

  readonly nodeCount: number;
  readonly edgeCount: number;

  /** Names of the node kinds and edge kinds, by the small number that `nodeKind` and `edgeKind` hold. */
  readonly nodeKinds: readonly string[];
  readonly edgeKinds: readonly string[];

  readonly nodeKind: Uint8Array;
  /** Index into `strings`: class name, function name, or the value of a string node. */
  readonly nodeName: Uint32Array;
  /**
   * Identity that is stable within one process and unique in one dump. V8 counts objects up and never gives an id twice
   * (`idKind` 'serial'). Ruby and Python have addresses only, which are given again once an object is gone ('address'):
   * the id is then `addressId(address, fingerprint)`, so that another class at the same address is another object.
   */
  readonly nodeId: Uint32Array | Float64Array;
  readonly idKind: 'serial' | 'address';
  /** Own size in bytes. Float64 only when an object is larger than 4 GB. */
  readonly selfBytes: Uint32Array | Float64Array;
  /** Detachedness of a DOM node: 0 unknown, 1 attached, 2 detached. */
  readonly detachedness: Uint8Array;
  /** nodeCount + 1 entries. */
  readonly firstEdge: Uint32Array;

  /** Kind in the low nibble (`EDGE_KIND_MASK`), `EDGE_NOT_RETAINING` in the top bit. */
  readonly edgeKind: Uint8Array;
  /** For indexed kinds (`indexedEdgeKinds`) a number, for the others an index into `strings`. */
  readonly edgeName: Uint32Array;
  /** Target node. */
  readonly edgeTarget: Uint32Array;
  /** Bit k is set when edges of kind k carry a number instead of a name. */
  readonly indexedEdgeKinds: number;

  readonly strings: StringTable;
  readonly locations: LocationTable;
  /** Allocation stacks, when the dump was recorded with allocation tracking. */
  readonly allocations: AllocationTable | null;
  /** Allocation-timeline samples: time in µs since the start and the last id given out by then. */
  readonly samples: { readonly timeUs: Float64Array; readonly lastId: Float64Array } | null;
  /** Bytes outside the heap that the runtime itself knows of (newer V8), else 0. */
  readonly extraNativeBytes: number;

  /** Set when only part of the dump could be read. */
  readonly partial: PartialRead | null;
  /** What is wrong with the dump though it could be read, in sentences for the reader: torn, repaired, without names. */
  readonly warnings: readonly string[];
  /** What is known of the process beside its objects; null when nothing is. */
  readonly process: ProcessFacts | null;

  /** Node kinds whose name is the name of a class; the others are classed by their kind alone. */
  readonly namedKinds: ReadonlySet<string>;
  /** How distances are counted and paths are weighed in this runtime. */
  readonly traversal: Traversal;
  readonly scripts: ScriptTable;
  /** Names the steps of paths; caches as it goes. */
  newDescriber(): Describer;
}

/** Bits of an address-made id that tell classes (and string values) apart. */
const FINGERPRINT_BITS = 8;

/**
 * An id from an address and a fingerprint of what stands there: exact, since addresses of user space have 47 bits, are
 * multiples of 8, and doubles hold 53 bits.
 */
export function addressId(address: number, fingerprint: number): number {
  return (address / 8) * (1 << FINGERPRINT_BITS) + (fingerprint & ((1 << FINGERPRINT_BITS) - 1));
}

export function addressOfId(id: number): number {
  return Math.floor(id / (1 << FINGERPRINT_BITS)) * 8;
}

/** `n-1234`, or `n-0x7f…` where ids are addresses: what commands print and take. */
export function handleOf({ idKind, nodeId }: Pick<HeapGraph, 'idKind' | 'nodeId'>, node: number): string {
  const id = nodeId[node]!;
  return idKind === 'serial' || id === 0 ? `n-${id}` : `n-0x${addressOfId(id).toString(16)}`;
}

const HANDLE = /^(?:n-)?(0x[0-9a-f]{1,14})$|^n-(\d+)$/i;

/** True for what `handleOf` gives; a bare address is taken as well. */
export function isHandle(text: string): boolean {
  return HANDLE.test(text);
}

/** The node that a handle names, or -1. */
export function nodeOfHandle(
  { idKind, nodeId }: Pick<HeapGraph, 'idKind' | 'nodeId'>,
  handle: string,
): number {
  const [, address, serial] = HANDLE.exec(handle) ?? [];
  if (address === undefined) return serial === undefined ? -1 : nodeId.indexOf(Number(serial));
  return idKind === 'address' ? nodeId.findIndex((id) => id > 0 && addressOfId(id) === Number(address)) : -1;
}

/** Memory of the process as its own agent wrote it down beside the dump. Bytes; null where it was not told. */
export interface ProcessFacts {
  readonly pid: number | null;
  /** ISO time of the dump. */
  readonly at: string | null;
  /** Version of the runtime, as `3.1.2`. */
  readonly version: string | null;
  readonly rssBytes: number | null;
  /** Resident bytes after the allocator was asked to return what it can (`malloc_trim`), in a copy of the process. */
  readonly rssAfterTrimBytes: number | null;
  /** Name of the allocator: `glibc`, `jemalloc`, `musl`. */
  readonly allocator: string | null;
  /** Settings of allocator and collector that matter, as `MALLOC_ARENA_MAX=2`. */
  readonly settings: readonly string[];
  /** False when the collector was off. */
  readonly collects: boolean | null;
}

/** Scripts by the ids that locations hold. */
export interface ScriptTable {
  /** Path or URL as the runtime knew it, without `file://`; null when the dump does not tell. */
  pathOf(scriptId: number): string | null;
  sourceMapUrlOf(scriptId: number): string | null;
}

/** A runtime's own rules for distances from the roots. */
export interface Traversal {
  /** True for the nodes that count as the program's own roots: distance 1. */
  isUserRoot(node: number): boolean;
  /**
   * A fresh filter for one walk: false for an edge that the walk must not take. It may keep state between calls, so
   * it is asked once for each edge that leads to a node not seen yet, in the order of the file.
   */
  newFilter(): (source: number, edge: number) => boolean;
  /**
   * How far an edge takes a reader from what a programmer knows, 1 to 63; 0 for an edge that holds nothing. Named
   * references cost least, the engine's own bookkeeping most.
   */
  newCost(): (source: number, edge: number) => number;
}

export interface PartialRead {
  readonly offset: number;
  readonly reason: string;
  /** What is missing, in words for the reader. */
  readonly missing: string;
}

/** Source positions of objects: `node` is ascending. Lines and columns count from 0, as V8 writes them. */
export interface LocationTable {
  readonly node: Uint32Array;
  readonly scriptId: Uint32Array;
  readonly line: Uint32Array;
  readonly column: Uint32Array;
}

/** A tree of call stacks: a node's stack is the chain of `parent` up to 0, each with a function. */
export interface AllocationTable {
  /** Trace-tree node of a heap node, 0 where it is unknown. */
  readonly traceOfNode: Uint32Array;
  readonly parent: Uint32Array;
  readonly functionOf: Uint32Array;
  /** Six numbers a function: id, name, script name (both string indexes), script id, line, column (these two count from 1). */
  readonly functions: Uint32Array;
  readonly functionStride: number;
}

export const EDGE_KIND_MASK = 0x0f;
/** The edge does not keep its target alive in the sense of dominators (weak, shortcut, half of an ephemeron). */
export const EDGE_NOT_RETAINING = 0x80;
/** The edge holds nothing by itself: the table's half of an ephemeron. */
export const EDGE_EPHEMERON_TABLE = 0x40;

/** Sum of the own sizes of all nodes in bytes. */
export function totalBytes(graph: HeapGraph): number {
  let sum = 0;
  const { selfBytes } = graph;
  for (let node = 0; node < selfBytes.length; node++) sum += selfBytes[node]!;
  return sum;
}

/** First index in ascending `sorted` whose value is not below `value`. */
function lowerBound(sorted: Uint32Array | Float64Array, value: number, end: number = sorted.length): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of a node's entry in the location table, or -1. */
export function locationOf(graph: HeapGraph, node: number): number {
  const { node: nodes } = graph.locations;
  const at = lowerBound(nodes, node);
  return at < nodes.length && nodes[at] === node ? at : -1;
}

/** Where a closure, or the class of an instance, is written; null where the dump does not tell or does not name the script. */
export function sourceOf(graph: HeapGraph, node: number): SourceLocation | null {
  const at = locationOf(graph, node);
  if (at < 0) return null;
  const { scriptId, line, column } = graph.locations;
  const file = graph.scripts.pathOf(scriptId[at]!);
  return file === null ? null : { file, line: line[at]! + 1, column: column[at]! + 1 };
}
