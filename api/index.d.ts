/** A position in a source file. Lines and columns count from 1, as editors show them. */
interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
/** What an object is, coarsely: enough to tell a program's objects from the engine's. */
type ShapeCategory = "object" | "array" | "closure" | "context" | "string" | "primitive" | "native" | "engine" | "root";
/** A class of objects as a path step names it. Equal text, category and location mean the same shape. */
interface Shape {
  readonly text: string;
  readonly category: ShapeCategory;
  /** Of closures their own position, of instances that of their class. */
  readonly location: SourceLocation | null;
}
/**
* A reference as a path step names it. `text` begins with what kind it is:
* `.name` property, `[]` array slot or numbered entry, `[key]` and `[value]` of a Map, `.*` any key of an object used as
* a map, `$name` closure variable, `#name` internal, `~n` hidden.
*/
type Label = string;
/** Names steps for one dump; texts of different dumps of one runtime are comparable. */
interface Describer {
  label(source: number, edge: number): Label;
  shape(node: number): Shape;
  /** A number that is equal for nodes of one shape within this dump, cheaper than comparing shapes. */
  shapeKey(node: number): number;
  /** The same for labels. */
  labelKey(source: number, edge: number): number;
  /** Entries of a collection as far as they are heap objects; null for what is no collection. */
  entries(node: number): number | null;
}
/** Strings of a dump by index. They stay bytes until asked for. */
interface StringTable {
  readonly length: number;
  /** The string, exact to the last lone surrogate. Out of range gives a placeholder, never an error. */
  get(index: number): string;
  /** Like `get`, but reads no more than about `maxChars` characters: values can be megabytes long. */
  head(index: number, maxChars: number): string;
  /** Length as written in the dump in bytes, never less than the true length of its UTF-8 form; costs nothing. */
  writtenBytes(index: number): number;
}
/**
* Objects and references of one heap at one moment, as struct of arrays: node `n` has its attributes at index `n`
* of each node array and its outgoing edges at `firstEdge[n] … firstEdge[n + 1] - 1` of each edge array.
* Node 0 is the root.
*/
interface HeapGraph {
  readonly runtime: "node" | "ruby" | "python";
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
  /** Identity that is stable within one process and unique in one dump. */
  readonly nodeId: Uint32Array;
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
  readonly samples: {
    readonly timeUs: Float64Array;
    readonly lastId: Float64Array;
  } | null;
  /** Bytes outside the heap that the runtime itself knows of (newer V8), else 0. */
  readonly extraNativeBytes: number;
  /** Set when only part of the dump could be read. */
  readonly partial: PartialRead | null;
  /** How distances are counted and paths are weighed in this runtime. */
  readonly traversal: Traversal;
  readonly scripts: ScriptTable;
  /** Names the steps of paths; caches as it goes. */
  newDescriber(): Describer;
}
/** Scripts by the ids that locations hold. */
interface ScriptTable {
  /** Path or URL as the runtime knew it, without `file://`; null when the dump does not tell. */
  pathOf(scriptId: number): string | null;
  sourceMapUrlOf(scriptId: number): string | null;
}
/** A runtime's own rules for distances from the roots. */
interface Traversal {
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
interface PartialRead {
  readonly offset: number;
  readonly reason: string;
  /** What is missing, in words for the reader. */
  readonly missing: string;
}
/** Source positions of objects: `node` is ascending. Lines and columns count from 0, as V8 writes them. */
interface LocationTable {
  readonly node: Uint32Array;
  readonly scriptId: Uint32Array;
  readonly line: Uint32Array;
  readonly column: Uint32Array;
}
/** A tree of call stacks: a node's stack is the chain of `parent` up to 0, each with a function. */
interface AllocationTable {
  /** Trace-tree node of a heap node, 0 where it is unknown. */
  readonly traceOfNode: Uint32Array;
  readonly parent: Uint32Array;
  readonly functionOf: Uint32Array;
  /** Six numbers a function: id, name, script name (both string indexes), script id, line, column. */
  readonly functions: Uint32Array;
  readonly functionStride: number;
}
/** A kind of plain object, told by the properties that several objects share. */
interface PlainInterface {
  /** `{id, name}` */
  readonly name: string;
  readonly properties: readonly string[];
}
/** The classes of one heap. Class 0 is that of the first node. */
interface ClassNames {
  /** Class by node. */
  readonly classOf: Uint32Array;
  readonly names: readonly string[];
  /** Where the class is written, as far as the dump tells. */
  readonly locations: readonly (SourceLocation | null)[];
  /** What plain objects were told apart by; give it to other dumps of the process so that classes mean the same. */
  readonly interfaces: readonly PlainInterface[];
}
/**
* How objects are classed. `class`: as Chrome DevTools does; plain objects by the properties that they share, classes
* of one name apart by their source position. `constructor`: by the name of the constructor alone.
*/
type ClassedBy = "class" | "constructor";
/** Who keeps whom alive, by node. */
interface DominatorTree {
  /** Immediate dominator of each node; the root's is itself. */
  readonly idom: Uint32Array;
  /** Bytes that would be freed with the node: its own and those of all nodes it dominates. */
  readonly retainedBytes: Float64Array;
}
/**
* Dominators and retained sizes over the retaining edges.
*
* SNCA (Georgiadis, "Linear-Time Algorithms for Dominators and Related Problems", 2005, ch. 2): semidominators with
* path compression, then nearest common ancestors by walking the tree that is already built. No recursion; five
* 32-bit numbers a node and one a retaining reference beside the graph, since arrays that are done with are used
* again. Labels hold semidominator numbers directly, and the tree edge of the depth-first search is left out of the
* predecessor lists, since the parent is known.
*
* Nodes that nothing retains hang from the root; nodes that only an unreachable cycle retains do so one by one, and
* their references count for nothing (DevTools' rules).
*
* @example
* import { dominators, openFile, readHeapSnapshot } from 'stanch';
*
* const graph = await readHeapSnapshot(openFile('C.heapsnapshot'));
* const { idom, retainedBytes } = dominators(graph);
* process.stdout.write(`the root keeps ${retainedBytes[0]} bytes; node 5 hangs from node ${idom[5]}\n`);
*/
declare function dominators(graph: HeapGraph): DominatorTree;
/** An object in a listing. Sizes are bytes. */
interface ObjectSummary {
  /** `n-<id>`: the same object in every snapshot of one process. */
  readonly handle: string;
  /** What to call it: `Session`, `heartbeatHandler()`, `"se…" (36)`. */
  readonly name: string;
  /** Its class, as `Heap.classes` lists it. */
  readonly class: string;
  /** Of functions where they are written, of instances where their class is; null when the dump does not tell. */
  readonly location: SourceLocation | null;
  readonly selfBytes: number;
  /** Bytes that would be freed with it. */
  readonly retainedBytes: number;
  /** References from the program's own roots; null for what only the engine reaches. */
  readonly distance: number | null;
}
/** A reference from or to an object. */
interface ObjectReference {
  /** What holds: `.name`, `[3]`, `[key]`, `$variable`, `#internal`, `?weak`. */
  readonly via: string;
  /** False for weak references and the like: they keep nothing alive. */
  readonly retains: boolean;
  /** The object at the other end. */
  readonly object: ObjectSummary;
}
/** One call on the stack that allocated an object; lines and columns count from 1. */
interface AllocationFrame {
  readonly function: string;
  readonly file: string | null;
  readonly line: number;
  readonly column: number;
}
/** Everything about one object. */
interface ObjectDetails extends ObjectSummary {
  /** What the engine calls it: `object`, `closure`, `string`, `native` … */
  readonly kind: string;
  readonly id: number;
  /** Entries of a collection as far as they are heap objects; null for what is no collection. */
  readonly entries: number | null;
  /** True for a DOM node outside its document; null when the dump does not tell. */
  readonly detached: boolean | null;
  /** The one object without which this one would go; null for the root. */
  readonly dominator: ObjectSummary | null;
  /** Its references, those that retain most first, and how many there are in all. */
  readonly references: readonly ObjectReference[];
  readonly referenceCount: number;
  /** References to it, those nearest to the roots first, and how many there are in all. */
  readonly retainers: readonly ObjectReference[];
  readonly retainerCount: number;
  /** The calls that allocated it, innermost first; null unless the dump was recorded with allocation stacks. */
  readonly allocatedBy: readonly AllocationFrame[] | null;
}
/** One step of a retaining path: an object and the reference by which the step before holds it. */
interface PathStep extends ObjectSummary {
  /** As `ObjectReference.via`; empty at the root. */
  readonly via: string;
  /** Steps left out just before this one, in very long paths. */
  readonly skipped: number;
}
/** Why an object is alive, from the root to the object. */
interface RetainingPath {
  readonly handle: string;
  /** Empty when nothing holds the object. */
  readonly steps: readonly PathStep[];
}
/** One of the different ways in which objects are held. */
interface WayOfHolding {
  /** So many of the objects are held in this way; an object held in several is counted in each. */
  readonly objects: number;
  /** The path of one of them. */
  readonly sample: RetainingPath;
}
/** All ways in which an object or the objects of a class are held. */
interface WaysOfHolding {
  /** Objects asked for. */
  readonly objects: number;
  /** Most objects first. */
  readonly ways: readonly WayOfHolding[];
  /** Ways in all; `ways` may hold fewer. */
  readonly wayCount: number;
}
/** One class of objects in one heap. */
interface HeapClass {
  /** As Chrome DevTools names it: `Session`, `{id, name}`, `Function`, `(string)`, `(compiled code)`. */
  readonly name: string;
  /** Where the class is written, when the dump tells; lines and columns count from 1. */
  readonly location: SourceLocation | null;
  /** Objects that have a size of their own. */
  readonly objects: number;
  /** Bytes of the objects themselves. */
  readonly selfBytes: number;
  /**
  * Bytes that would be freed if all objects of the class went: the sum over those that no other object of the class
  * dominates. Classes hold each other's objects, so these do not add up over classes.
  */
  readonly retainedBytes: number;
}
/** How a `Heap` answers. */
interface HeapOptions {
  /** Show the values of strings and the keys of objects used as maps; otherwise they are masked. */
  showValues?: boolean;
  /** Called once by `close`. */
  onClose?: () => void;
}
/** What `Heap.classes` lists. */
interface ClassQuery {
  /** `class` (as Chrome DevTools; the default) or `constructor` (by name alone). */
  by?: ClassedBy;
  /** Only classes whose name contains this text, upper and lower case alike, or matches it. */
  filter?: string | RegExp;
  /** Largest first by bytes retained (the default), own bytes, or number of objects. */
  sort?: "retained" | "self" | "count";
  limit?: number;
}
/** What `Heap.objects` lists. */
interface ObjectQuery {
  /** Only objects of the class or constructor of this name; all objects without it. */
  class?: string;
  /** Largest first by bytes retained (the default) or own bytes. */
  sort?: "retained" | "self";
  /** At most so many objects (20). */
  limit?: number;
}
/**
* One heap at one moment, with answers about its classes, objects and paths. Answers are computed when first asked
* for and kept: dominators once, distances once. Nothing here reads or prints anything. Sizes are bytes; they,
* distances and class names equal those of Chrome DevTools.
*
* @example
* import { openHeap } from 'stanch';
*
* const heap = await openHeap('B.heapsnapshot');
* for (const { name, objects, retainedBytes } of heap.classes({ limit: 5 })) {
*   process.stdout.write(`${name}: ${objects} objects keep ${retainedBytes} bytes\n`);
* }
* const [largest] = heap.objects({ class: 'Map', limit: 1 });
* if (largest) process.stdout.write(`${heap.path(largest.handle).steps.map((step) => step.name).join(' > ')}\n`);
* heap.close();
*/
declare class Heap {
  readonly graph: HeapGraph;
  private readonly options;
  private readonly computed;
  constructor(graph: HeapGraph, options?: HeapOptions);
  /** Immediate dominators and retained bytes by node. */
  dominators(): DominatorTree;
  /** References from the program's roots by node; negative where nothing leads, from 10^8 on through the engine only. */
  distances(): Int32Array;
  /** Classes with objects, own and retained bytes. */
  classes(query?: ClassQuery): HeapClass[];
  /**
  * The largest objects, of one class or of all.
  *
  * @throws StanchError `no-such-class`
  */
  objects(query?: ObjectQuery): ObjectSummary[];
  /**
  * How many objects of a class or constructor there are.
  *
  * @throws StanchError `no-such-class`
  */
  countOf(name: string): number;
  /**
  * Everything about one object.
  *
  * @param handle `n-<id>`
  * @param options `limit`: at most so many references and retainers (50)
  * @throws StanchError `no-such-object`
  */
  object(handle: string, options?: {
    limit?: number;
  }): ObjectDetails;
  /**
  * Why an object is alive: its best path from the root by meaning, where named references are preferred to the
  * engine's own bookkeeping.
  *
  * @throws StanchError `no-such-object`
  */
  path(handle: string): RetainingPath;
  /**
  * All different ways in which an object, or all objects of a class, are held: paths grouped by shape.
  *
  * @param handleOrClass `n-<id>` or the name of a class
  * @param options `limit`: at most so many ways (20)
  * @throws StanchError `no-such-object` or `no-such-class`
  */
  paths(handleOrClass: string, options?: {
    limit?: number;
  }): WaysOfHolding;
  /** Lets go of the file. Names that were not asked for before can then no longer be read. */
  close(): void;
  /** The classes of all objects, as `classes` counts them. */
  classNames(by?: ClassedBy): ClassNames;
  private nodeOf;
  /** Ascending. Both ways of naming are understood: `{id, name}` as well as `Object`. */
  private nodesOfClass;
  private histogramBy;
  private meaning;
  private describer;
  private parts;
}
/** Objects and their own bytes. */
interface Amount {
  readonly objects: number;
  readonly bytes: number;
}
/** How one class changed between dumps. Bytes are the objects' own. */
interface ClassDiff {
  readonly name: string;
  /** Where the class is written, when the dump tells. */
  readonly location: SourceLocation | null;
  /** By dump, in order of time. */
  readonly objects: readonly number[];
  readonly bytes: readonly number[];
  /** From the first to the last dump; negative where it shrank. */
  readonly grown: Amount;
  /** In the last dump but not in the first; null for dumps of different processes. */
  readonly new: Amount | null;
  /** In the first dump but not in the last. */
  readonly gone: Amount | null;
  /** The newest of the new objects, as `n-<id>`. */
  readonly newest: string | null;
}
/** What changed between two or more dumps of one program. */
interface HeapDiff {
  /** Objects can be told apart by id only within one process. Otherwise there are classes and nothing else. */
  readonly sameProcess: boolean;
  /** By dump, in order of time. */
  readonly objects: readonly number[];
  readonly bytes: readonly number[];
  /** From the first to the last dump; null for dumps of different processes. */
  readonly new: Amount | null;
  readonly gone: Amount | null;
  /** `bytes` are those in the last dump; `grownBytes` what these objects gained themselves. */
  readonly surviving: (Amount & {
    readonly grownBytes: number;
  }) | null;
  /** Most grown bytes first; classes that did not change are left out. */
  readonly classes: readonly ClassDiff[];
}
/**
* Compares two dumps by class and, when they are of one process, by object.
*
* @param before the earlier dump
* @param after the later one
* @example
* import { compareHeaps, openHeap } from 'stanch';
*
* const diff = compareHeaps(await openHeap('A.heapsnapshot'), await openHeap('B.heapsnapshot'));
* for (const { name, grown } of diff.classes.slice(0, 5)) {
*   process.stdout.write(`${name}: ${grown.objects} objects, ${grown.bytes} bytes more\n`);
* }
*/
declare function compareHeaps(before: Heap, after: Heap): HeapDiff;
/**
* Number of references from the program's roots to each node, by breadth-first search with the runtime's own rules:
* 1 for the roots themselves, `SYSTEM_DISTANCE` and more for what only the engine holds, -5 for what nothing reaches.
*
* @example
* import { distances, openFile, readHeapSnapshot } from 'stanch';
*
* const graph = await readHeapSnapshot(openFile('C.heapsnapshot'));
* process.stdout.write(`node 5 is ${distances(graph)[5]} references away\n`);
*/
declare function distances(graph: HeapGraph): Int32Array;
/**
* Where bytes come from: a file, standard input, a browser `File`, a buffer. Readers see nothing else, so that
* they run in a browser worker as they run in Node.
*/
interface ByteSource {
  /** Name for messages: a path, `<stdin>`, a file name. */
  readonly name: string;
  /** Size of the bytes that `chunks` yields; null when it cannot be known (pipes, compressed input). */
  readonly sizeBytes: number | null;
  /** All bytes in order. A chunk is valid only until the next one is asked for. */
  chunks(): AsyncIterable<Uint8Array>;
  /** The bytes from an offset on, where the source has random access. */
  chunksFrom?(offset: number): AsyncIterable<Uint8Array>;
  /** Hands a part of the reading to a second thread that has the same bytes; null where none can be had. */
  startAside?(task: unknown): Aside | null;
  /** Random access, where the source has it. The result is shorter than `length` only at the end of the source. */
  readAt?(offset: number, length: number): Uint8Array;
  close?(): void;
}
/** A part of the reading on a second thread. */
interface Aside {
  /** The next message; null when the thread has ended or failed. */
  next(): Promise<unknown>;
  stop(): void;
}
/**
* A source over bytes that are in memory already.
*
* @example
* import { readFileSync } from 'node:fs';
* import { bytesSource, readHeapSnapshot } from 'stanch';
*
* const graph = await readHeapSnapshot(bytesSource(readFileSync('A.heapsnapshot'), 'A.heapsnapshot'));
* process.stdout.write(`${graph.edgeCount} references\n`);
*/
declare function bytesSource(bytes: Uint8Array, name?: string, chunkBytes?: number): ByteSource;
/**
* A source over a web stream, for example `file.stream()` of a browser `File` or a fetched body.
*
* @example
* import { openAsBlob } from 'node:fs';
* import { readHeapSnapshot, streamSource } from 'stanch';
*
* const file = await openAsBlob('A.heapsnapshot');
* const graph = await readHeapSnapshot(streamSource(file.stream(), 'A.heapsnapshot'));
* process.stdout.write(`${graph.nodeCount} objects\n`);
*/
declare function streamSource(stream: ReadableStream<Uint8Array>, name?: string): ByteSource;
interface StanchErrorOptions {
  code: string;
  /** What the reader can do next, as one sentence. */
  hint?: string;
  exitCode?: number;
  cause?: unknown;
}
/** The one error family that Stanch throws on purpose. Anything else is a bug. */
declare class StanchError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: number;
  constructor(message: string, options: StanchErrorOptions);
}
interface FormatErrorOptions {
  file: string;
  /** Byte offset in the (decompressed) input at which reading stopped making sense. */
  offset: number;
  expected: string;
  found?: string;
  hint?: string;
  cause?: unknown;
  /** True when the input simply ends too early, so that its readable part may still be of use. */
  truncated?: boolean;
}
/** The evidence is not what its format promises. */
declare class FormatError extends StanchError {
  readonly file: string;
  readonly offset: number;
  readonly truncated: boolean;
  constructor(options: FormatErrorOptions);
}
/** How a long call tells where it is. `total` is 0 when it cannot be known beforehand. */
type OnProgress = (step: string, done: number, total: number) => void;
/** Options that every long call takes. */
interface LongCall {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}
/** What a capture was doing when it failed. */
type CaptureStep = "find" | "connect" | "collect-garbage" | "take-snapshot" | "write";
/** Evidence could not be taken from a running process. */
declare class CaptureError extends StanchError {
  /** The process or address that was asked. */
  readonly target: string;
  readonly step: CaptureStep;
  constructor(target: string, step: CaptureStep, reason: string, options?: {
    hint?: string;
    cause?: unknown;
  });
}
/** Where a snapshot goes. */
interface SnapshotOptions {
  /** Where the snapshot goes; it is there whole or not at all, readable by its owner only. */
  file: string;
  signal?: AbortSignal;
  /** Called with `snapshot`, then objects seen so far and objects in all; bytes are not known beforehand. */
  onProgress?: OnProgress;
}
/** Whose snapshot is taken, and where it goes. */
interface CaptureHeapSnapshotOptions extends SnapshotOptions {
  /** `ws://127.0.0.1:9229/<id>`, as Node.js prints it when its inspector starts. */
  webSocketUrl: string;
}
/** A snapshot that was taken: its file, the file's size in bytes, and how long it took. */
interface CapturedSnapshot {
  readonly file: string;
  readonly bytes: number;
  readonly elapsedMs: number;
}
/**
* A connection to a running process that takes several heap snapshots. Between two snapshots that are to be compared
* it must stay open: when an inspector connection ends, V8 forgets the ids of all objects
* (`V8HeapProfilerAgentImpl::disable`; seen in Node.js 18, 20, 22 and 24), and gives new ones.
*
* @example
* import { spawn } from 'node:child_process';
* import { once } from 'node:events';
* import { CaptureSession } from 'stanch';
*
* const service = ['--inspect=127.0.0.1:0', '--eval', 'setInterval(() => {}, 1000)'];
* const child = spawn(process.execPath, service, { stdio: ['ignore', 'ignore', 'pipe'] });
* const [text] = await once(child.stderr, 'data');
* const session = await CaptureSession.connect(/ws:\S+/.exec(text)[0]);
* await session.heapSnapshot({ file: 'first.heapsnapshot' });
* await session.heapSnapshot({ file: 'second.heapsnapshot' });
* await session.close();
* child.kill();
*/
declare class CaptureSession {
  private readonly client;
  private constructor();
  /** @throws CaptureError (step `connect`); when `signal` aborts, its reason */
  static connect(webSocketUrl: string, options?: {
    signal?: AbortSignal;
  }): Promise<CaptureSession>;
  /**
  * Takes a heap snapshot after a garbage collection. The process stands still while V8 builds it and needs memory for
  * it: about as much again as its heap holds.
  *
  * @throws CaptureError with the step that failed; nothing is left behind then. When `signal` aborts, the connection
  *   ends and its reason is thrown.
  */
  heapSnapshot(options: SnapshotOptions): Promise<CapturedSnapshot>;
  /** Ends the connection. */
  close(): Promise<void>;
}
/**
* Takes one heap snapshot of a running process through its inspector, after a garbage collection. To take several that
* are to be compared, use one `CaptureSession`.
*
* @throws CaptureError with the step that failed; nothing is left behind then. When `signal` aborts, its reason is
*   thrown.
* @example
* import { spawn } from 'node:child_process';
* import { once } from 'node:events';
* import { captureHeapSnapshot } from 'stanch';
*
* const service = ['--inspect=127.0.0.1:0', '--eval', 'setInterval(() => {}, 1000)'];
* const child = spawn(process.execPath, service, { stdio: ['ignore', 'ignore', 'pipe'] });
* const [text] = await once(child.stderr, 'data');
* const webSocketUrl = /ws:\S+/.exec(text)[0];
* const { bytes } = await captureHeapSnapshot({ webSocketUrl, file: 'service.heapsnapshot' });
* process.stdout.write(`${bytes} bytes\n`);
* child.kill();
*/
declare function captureHeapSnapshot(options: CaptureHeapSnapshotOptions): Promise<CapturedSnapshot>;
/** Leak patterns, shared by the rules on dumps and on source. Names are part of the contract. */
type Pattern = "unbounded-collection" | "listener-leak" | "stale-closure" | "timer-leak" | "pending-promise" | "slice-retention" | "detached-dom" | "connection-leak" | "native-growth" | "unknown-growth";
/** A line of code and what it has to do with the growth. */
interface FindingLocation {
  file: string;
  line: number;
  /** `adds` members come in here · `allocates` they are made here · `holds` the holder is declared here. */
  role: "adds" | "should-remove" | "allocates" | "holds" | "removes";
}
/** One step of a retaining path. */
interface PathStepView {
  node: string;
  via: string;
  handle?: string;
  /** Whether the object has outlived its use; `why` says how that is known. */
  leaking: "yes" | "no" | "unknown";
  why?: string;
}
/** One suspected cause. */
interface Finding {
  id: string;
  rank: number;
  pattern: Pattern;
  title: string;
  owner: string;
  location: FindingLocation | null;
  alsoSee: FindingLocation[];
  growth: {
    /** Entries that the owner gained from the first to the last dump. */objects: number;
    bytes: number; /** Entries by dump, old ones included where they can be counted. */
    series: number[];
    bytesSeries: number[];
    holders: number;
    perHour: number | null;
    perOperation: number | null;
  };
  /** Bytes that would be freed with the owner; null where several owners share the growth. */
  retainedBytes: number | null;
  members: {
    shape: string;
    objects: number;
    sample: string;
  }[];
  /** Others that hold the same members. */
  alsoHeldBy: string[];
  path: PathStepView[];
  signature: string;
  confidence: number;
  reasons: string[];
  evidence: string[];
  against: string[];
  remedy: {
    summary: string;
    example: string;
    docs: string;
  };
}
/** One dump that a diagnosis rests on. */
interface EvidenceItem {
  id: string;
  label: string;
  kind: "heap-graph";
  format: string;
  file: string;
  sha256: string | null;
  at: string | null;
  bytes: number | null;
  objects: number;
  heapBytes: number;
  partial: string | null;
}
/** `inconclusive` when the evidence does not tell. */
type Verdict = "leak" | "no-leak" | "inconclusive";
/** What `diagnose` answers; the contract's `stanch/diagnosis@1`. */
interface Diagnosis {
  schema: "stanch/diagnosis@1";
  runtime: string;
  verdict: Verdict;
  confidence: number;
  /** The verdict in one or two sentences. */
  summary: string;
  sameProcess: boolean;
  evidence: EvidenceItem[];
  growth: {
    fromBytes: number;
    toBytes: number;
    grownBytes: number;
    shrunkBytes: number;
    explainedBytes: number;
    explainedShare: number;
    unexplained: {
      what: string;
      bytes: number;
    }[];
  };
  findings: Finding[];
  /** Growth that was looked at and is no leak, with the reason. */
  harmless: {
    owner: string;
    bytes: number;
    objects: number;
    why: string;
  }[];
  claims: {
    text: string;
    verdict: "holds" | "contradicted" | "cannot-tell";
    because: string;
  }[];
  next: {
    command: string;
    why: string;
  }[];
}
/** The service's own code: text by path relative to the root, with forward slashes. */
interface SourceTree {
  readonly root: string;
  readonly files: ReadonlyMap<string, string>;
  /** Source maps found beside the code: text by relative path. */
  readonly maps: ReadonlyMap<string, string>;
}
/** One dump to be diagnosed. */
interface DumpInput {
  /** A, B, C… in order of time. */
  label: string;
  file: string;
  sizeBytes: number | null;
  /** ISO time of the capture, when it is known. */
  at: string | null;
  /** SHA-256 of the file, when it was taken. */
  sha256?: string | null;
  /** Reads the dump. */
  load(options: LongCall): Promise<HeapGraph>;
}
/** What may be said to a diagnosis beside its dumps. */
interface DiagnoseOptions extends LongCall {
  /** The service's own code, if it is at hand. */
  source?: SourceTree | null;
  /** At most so many findings (10). */
  top?: number;
  /** Operations that the program did between the first and the last dump, for growth per operation. */
  operations?: number | null;
}
/**
* Names the causes of growth between dumps of one process, oldest first. Two dumps give suspects, three or more a
* verdict.
*
* @throws FormatError when a dump cannot be read
* @example
* import { diagnose, openFile, readHeapSnapshot } from 'stanch';
*
* const dumps = ['A', 'B', 'C'].map((label) => ({
*   label,
*   file: `${label}.heapsnapshot`,
*   sizeBytes: null,
*   at: null,
*   load: (options) => readHeapSnapshot(openFile(`${label}.heapsnapshot`), options),
* }));
* const { verdict, findings } = await diagnose(dumps);
* process.stdout.write(`${verdict}: ${findings.map((finding) => finding.title).join('; ')}\n`);
*/
declare function diagnose(dumps: readonly DumpInput[], options?: DiagnoseOptions): Promise<Diagnosis>;
/** How a dump is read. */
interface ReadOptions extends LongCall {
  /** Use the readable part of a truncated or damaged file; the graph then says what is missing (`graph.partial`). */
  partial?: boolean;
}
/** One dump format that Stanch reads. */
interface HeapFormat {
  /** Stable name, as `v8-heapsnapshot`. */
  readonly id: string;
  /** What people call it. */
  readonly title: string;
  /**
  * How sure the first 4 KB of a file (fewer if it is shorter) are of this format, from 0 to 1. The name is a hint
  * only: content decides. Never throws.
  */
  detect(head: Uint8Array, name: string): number;
  /**
  * Reads the whole dump.
  *
  * @throws FormatError with the byte offset and what was expected there
  */
  read(source: ByteSource, options?: ReadOptions): Promise<HeapGraph>;
}
/**
* Every dump format that Stanch reads. `openHeap` and the commands try them all on the first 4 KB of a file.
*
* @example
* import { FORMATS } from 'stanch';
*
* for (const { id, title } of FORMATS) process.stdout.write(`${id}: ${title}\n`);
*/
declare const FORMATS: readonly HeapFormat[];
/**
* The format of a file, told from its first bytes; null when no format knows it. Never throws.
*
* @param head the first `HEAD_BYTES` of the unpacked file, or all of it if it is shorter
* @param name of the file; only a hint
* @example
* import { readFileSync } from 'node:fs';
* import { detectFormat } from 'stanch';
*
* const format = detectFormat(readFileSync('A.heapsnapshot').subarray(0, 4096), 'A.heapsnapshot');
* process.stdout.write(`${format?.title ?? 'unknown'}\n`);
*/
declare function detectFormat(head: Uint8Array, name: string): HeapFormat | null;
interface ReadOptions$1 extends LongCall {
  /** Use the readable part of a truncated or damaged file. */
  partial?: boolean;
}
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
declare function readHeapSnapshot(source: ByteSource, options?: ReadOptions$1): Promise<HeapGraph>;
/** One dump among the evidence. `diagnose` takes it as it is. */
interface EvidenceDump {
  /** A, B, C … in order of time. */
  readonly label: string;
  /** As it was given; for members of a folder with the folder in front. */
  readonly file: string;
  /** Id of the format. */
  readonly format: string;
  /** Null where it cannot be known (pipes, packed files). */
  readonly sizeBytes: number | null;
  /** When it was taken, if its name says so (ISO 8601). */
  readonly at: string | null;
  /** Reads the dump; may be called more than once. */
  load(options: LongCall): Promise<HeapGraph>;
}
/** A file that was given and cannot be used, and why. */
interface UnreadableEvidence {
  readonly file: string;
  readonly reason: string;
}
/** What is at hand, sorted out. */
interface Evidence {
  /** In order of time, as far as names and times tell; `inOrder` corrects it by what the dumps hold. */
  readonly dumps: readonly EvidenceDump[];
  readonly unreadable: readonly UnreadableEvidence[];
  /** What the reader should know about how the evidence was sorted. */
  readonly notes: readonly string[];
}
/** How evidence is sorted out. */
interface FindEvidenceOptions {
  /** What `-` stands for; `process.stdin` when absent. */
  stdin?: AsyncIterable<Uint8Array> | undefined;
  /** Use the readable part of truncated or damaged files. */
  partial?: boolean | undefined;
  /** Keep the order in which the files were given. */
  asGiven?: boolean | undefined;
}
/**
* Sorts out any mix of files, folders and `-` (standard input): what each one is, told by its content, and in which
* order of time. Files of a folder that are no dumps are passed over; files that were named are not.
*
* @throws StanchError `no-evidence` (exit code 3) when nothing is left
* @example
* import { findEvidence } from 'stanch';
*
* const { dumps, unreadable } = await findEvidence(['C.heapsnapshot', 'A.heapsnapshot', 'B.heapsnapshot']);
* for (const { label, file, sizeBytes } of dumps) process.stdout.write(`${label} ${file} ${sizeBytes}\n`);
* for (const { file, reason } of unreadable) process.stderr.write(`${file}: ${reason}\n`);
*/
declare function findEvidence(paths: readonly string[], options?: FindEvidenceOptions): Promise<Evidence>;
/** How files are compared. */
interface CompareFilesOptions extends LongCall, FindEvidenceOptions {}
/**
* Says what grew between two or more dumps, given as files and folders; what `stanch diff` does. Only one dump is in
* memory with its references at a time.
*
* @returns the difference, with numbers by dump in the order of `evidence.dumps`
* @throws UsageError when only one dump is given; StanchError with exit code 3 when fewer than two can be read
* @example
* import { compareFiles } from 'stanch';
*
* const { diff } = await compareFiles(['A.heapsnapshot', 'B.heapsnapshot', 'C.heapsnapshot']);
* for (const { name, objects } of diff.classes.slice(0, 5)) {
*   process.stdout.write(`${name}: ${objects.join(' -> ')}\n`);
* }
*/
declare function compareFiles(paths: readonly string[], options?: CompareFilesOptions): Promise<{
  diff: HeapDiff;
  evidence: Evidence;
}>;
/** How files are diagnosed. */
interface DiagnoseFilesOptions extends LongCall, FindEvidenceOptions {
  /** Folder of the service's own code: findings then carry file and line in it. */
  source?: string | undefined;
  /** At most so many findings (10). */
  top?: number | undefined;
  /** Operations that the program did between the first and the last dump, for growth per operation. */
  operations?: number | undefined;
}
/**
* Names the causes of growth between dumps of one process, given as files and folders in any order; what
* `stanch diagnose` does.
*
* @returns the diagnosis, and the evidence as it was sorted: what could not be read is there with the reason
* @throws StanchError with exit code 3 when no evidence can be read
* @example
* import { diagnoseFiles } from 'stanch';
*
* const { diagnosis } = await diagnoseFiles(['A.heapsnapshot', 'B.heapsnapshot', 'C.heapsnapshot']);
* process.stdout.write(`${diagnosis.verdict}: ${diagnosis.summary}\n`);
* for (const { rank, title, growth } of diagnosis.findings) {
*   process.stdout.write(`${rank}. ${title}: ${growth.bytes} bytes\n`);
* }
*/
declare function diagnoseFiles(paths: readonly string[], options?: DiagnoseFilesOptions): Promise<{
  diagnosis: Diagnosis;
  evidence: Evidence;
}>;
/**
* Opens a file as a byte source; gz and zst files come unpacked, whatever their name. Pipes (`<(curl …)`) work too, but
* can be read only once.
*
* @throws StanchError `file-unreadable` (exit code 3)
* @example
* import { openFile, readHeapSnapshot } from 'stanch';
*
* const source = openFile('A.heapsnapshot');
* const graph = await readHeapSnapshot(source);
* process.stdout.write(`${graph.nodeCount} objects in ${source.sizeBytes} bytes\n`);
* source.close?.();
*/
declare function openFile(path: string): ByteSource;
/** How `openHeap` reads, and what the heap then shows. */
interface OpenHeapOptions extends ReadOptions {
  /** Show the values of strings and the keys of objects used as maps; otherwise they are masked. */
  showValues?: boolean;
}
/**
* Opens a heap dump, whatever its format and packing (plain, gz, zst).
*
* @param pathOrSource path of a file, or any byte source: `bytesSource(…)`, `streamSource(…)`
* @throws StanchError `file-unreadable` or `format-unknown`, FormatError with the byte offset where the dump is
*   damaged; all have the exit code 3. When `signal` aborts, its reason is thrown.
* @example
* import { openHeap } from 'stanch';
*
* const heap = await openHeap('A.heapsnapshot', {
*   signal: AbortSignal.timeout(60_000),
*   onProgress: (step, done, total) => void `${step}: ${done} of ${total} bytes`,
* });
* process.stdout.write(`${heap.graph.nodeCount} objects\n`);
* heap.close();
*/
declare function openHeap(pathOrSource: string | ByteSource, options?: OpenHeapOptions): Promise<Heap>;
/**
* Reads the code under a folder, links not followed. `node_modules` is read only where it is the folder asked for:
* what a service's dependencies look like is not the question.
*
* @throws StanchError `source-unreadable` when the folder itself cannot be read
* @example
* import { readSourceTree } from 'stanch';
*
* const tree = readSourceTree('.');
* process.stdout.write(`${tree.files.size} files of code\n`);
*/
declare function readSourceTree(root: string): SourceTree;
export {
  type AllocationFrame,
  type Amount,
  type ByteSource,
  bytesSource,
  type CapturedSnapshot,
  CaptureError,
  captureHeapSnapshot,
  type CaptureHeapSnapshotOptions,
  CaptureSession,
  type CaptureStep,
  type ClassDiff,
  type ClassedBy,
  type ClassNames,
  type ClassQuery,
  compareFiles,
  type CompareFilesOptions,
  compareHeaps,
  detectFormat,
  diagnose,
  diagnoseFiles,
  type DiagnoseFilesOptions,
  type DiagnoseOptions,
  type Diagnosis,
  distances,
  dominators,
  type DominatorTree,
  type DumpInput,
  type Evidence,
  type EvidenceDump,
  type EvidenceItem,
  findEvidence,
  type FindEvidenceOptions,
  type Finding,
  type FindingLocation,
  FormatError,
  FORMATS,
  Heap,
  type HeapClass,
  type HeapDiff,
  type HeapFormat,
  type HeapGraph,
  type HeapOptions,
  type LongCall,
  type ObjectDetails,
  type ObjectQuery,
  type ObjectReference,
  type ObjectSummary,
  type OnProgress,
  openFile,
  openHeap,
  type OpenHeapOptions,
  type PathStep,
  type PathStepView,
  type Pattern,
  readHeapSnapshot,
  type ReadOptions,
  readSourceTree,
  type RetainingPath,
  type SnapshotOptions,
  type SourceLocation,
  type SourceTree,
  StanchError,
  streamSource,
  type UnreadableEvidence,
  type Verdict,
  type WayOfHolding,
  type WaysOfHolding,
};
