/** A position in a source file. Lines and columns count from 1, as editors show them. */
interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
/** What an object is, coarsely: enough to tell a program's objects from the engine's. */
type ShapeCategory = "object" | "array" | "closure" | "context" | "string" | "primitive" | "native" | "engine" | "root";
/** A class of objects as a path step names it. Equal text, category and location mean the same shape. */
interface Shape$1 {
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
  shape(node: number): Shape$1;
  /** A number that is equal for nodes of one shape within this dump, cheaper than comparing shapes. */
  shapeKey(node: number): number;
  /** The same for labels. */
  labelKey(source: number, edge: number): number;
  /** Entries of a collection (where the dump does not tell, as far as they are heap objects); null for what is none. */
  entries(node: number): number | null;
  /**
  * Bytes of a node's own size that are in use, where the dump tells: collections and texts take room in steps, so that their size
  * stands still for long and then doubles. Null where it does not tell.
  */
  usedBytes?(node: number): number | null;
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
  /**
  * Identity that is stable within one process and unique in one dump. V8 counts objects up and never gives an id twice
  * (`idKind` 'serial'). Ruby and Python have addresses only, which are given again once an object is gone ('address'):
  * the id is then `addressId(address, fingerprint)`, so that another class at the same address is another object.
  */
  readonly nodeId: Uint32Array | Float64Array;
  readonly idKind: "serial" | "address";
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
/** Memory of the process as its own agent wrote it down beside the dump. Bytes; null where it was not told. */
interface ProcessFacts {
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
  /** Six numbers a function: id, name, script name (both string indexes), script id, line, column (these two count from 1). */
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
  /** Only objects whose own size is at least this. */
  minBytes?: number;
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
  * How many objects there are of a class or constructor, or of a size.
  *
  * @throws StanchError `no-such-class`
  */
  countOf(query: string | Pick<ObjectQuery, "class" | "minBytes">): number;
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
  /** Ascending; null for all. */
  private nodesOf;
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
/** What happened, as far as it matters to memory. */
type EventKind = "deploy" | "restart" | "oom-kill" | "alert" | "scale" | "limit-change" | "log" | "other";
/** Dated events in the order of time: one entry of each array is one event. */
interface EventStream {
  /** File, URL or process that it was read from. */
  readonly source: string;
  /** Milliseconds since 1970 UTC, ascending; several events may share one time. */
  readonly times: Float64Array;
  readonly kinds: readonly EventKind[];
  /** What was said: a commit, a version, a log line. */
  readonly texts: readonly string[];
  /** Facts of each event: pod, level, version. Empty where there are none. */
  readonly labels: readonly Readonly<Record<string, string>>[];
}
/** Base units: bytes, seconds, shares from 0 to 1, and plain counts. */
type Unit = "bytes" | "seconds" | "share" | "count";
/** What the numbers are: a level that goes up and down, or a total that only grows and restarts at zero. */
type SeriesKind = "gauge" | "counter" | "unknown";
/** Numbers over time: one metric of one thing. Struct of arrays; nothing is interpolated, a gap is a missing point. */
interface Series {
  /** As its source names it: `container_memory_working_set_bytes`, `heap_used_mb`. */
  readonly name: string;
  /** What tells it from others of the same name: pod, instance, column group. */
  readonly labels: Labels;
  /** Unit of `values`, which are in base units (bytes, seconds, share from 0 to 1); null when unknown. */
  readonly unit: Unit | null;
  readonly kind: SeriesKind;
  /** File, URL or process that it was read from. */
  readonly source: string;
  /** Milliseconds since 1970 UTC, strictly ascending, finite. Without dates in the source: from the first point. */
  readonly times: Float64Array;
  /** One value for each time, finite. */
  readonly values: Float64Array;
}
type Labels = Readonly<Record<string, string>>;
/** What one reading gives: all its series, dated events beside them, and what the reader should know. */
interface SeriesSet {
  readonly series: readonly Series[];
  readonly events: readonly EventStream[];
  /** What was left out or taken for granted, in plain words. */
  readonly notes: readonly string[];
}
/** Whether an activity moves with the growth. */
interface Correlate {
  readonly metric: string;
  /** Pearson's r of the differences at the best lag. */
  readonly r: number;
  readonly on: "differences";
  /** So much later does the growth follow the activity. */
  readonly lagSeconds: number;
  /** Pairs of differences; fewer count where neighbours are alike. */
  readonly n: number;
  readonly effectiveN: number;
  /** Adjusted over all metrics and lags after Benjamini and Hochberg. */
  readonly p: number;
  readonly verdict: "related" | "unrelated" | "unknown";
  /** Growth for one more of the activity, with 95 % bounds; null unless related. In units of the target by unit of the activity. */
  readonly perOperation: {
    readonly value: number;
    readonly low: number;
    readonly high: number;
  } | null;
}
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
* Values attributed to call stacks: the model behind Go's pprof, goroutine text, V8 `.heapprofile`, tracemalloc, memray and
* jemalloc. Struct of arrays; the nouns and their meaning are those of profile.proto
* (https://github.com/google/pprof/blob/main/proto/profile.proto), so that nothing of one is lost.
*
* How the tables hang together: sample → stack → locations (leaf first) → lines (inlined callee first) → function → strings.
* A goroutine dump is one sample a goroutine: the value 1 of `goroutine/count`, and labels for id, state, minutes, creator.
*/
interface StackProfile {
  readonly runtime: ProfileRuntime;
  /** Id of the format that the profile was read from: `pprof`, `go-heap-text`, `v8-heapprofile`, … */
  readonly format: string;
  readonly file: string;
  /** Every name of the profile; `strings[0]` is the empty string. */
  readonly strings: readonly string[];
  /** What is measured: the columns of `values`. Never empty. */
  readonly sampleTypes: readonly ValueType[];
  readonly sampleCount: number;
  /**
  * Value `t` of sample `s` at `s * sampleTypes.length + t`. The formats hold int64: up to ±2^53 a value is exact, beyond
  * that it is the nearest double (off by less than 1 in 10^15; only delays in nanoseconds get so far) and is counted in
  * `roundedValues`.
  */
  readonly values: Float64Array;
  readonly roundedValues: number;
  /** The stack of each sample. Several samples may share one (other labels, other sizes). */
  readonly sampleStack: Uint32Array;
  /** Labels of sample `s` are entries `firstLabel[s] … firstLabel[s + 1] - 1` of `labels`. */
  readonly firstLabel: Uint32Array;
  readonly labels: LabelTable;
  /** Different stacks; the locations of stack `k` are `stackLocation[firstFrame[k] … firstFrame[k + 1] - 1]`, leaf first. */
  readonly stackCount: number;
  readonly firstFrame: Uint32Array;
  readonly stackLocation: Uint32Array;
  readonly locations: LocationRows;
  readonly lines: LineRows;
  readonly functions: FunctionRows;
  readonly mappings: readonly Mapping[];
  /** What is counted between two samples, as `space/bytes`; null when the profile does not say. */
  readonly periodType: ValueType | null;
  /** Events between two samples: bytes for sampled heaps, nanoseconds for CPU; 0 when unknown. */
  readonly period: number;
  /** When the profile was taken, in ns since 1970; 0n when unknown. A bigint because a double is off by 128 ns here. */
  readonly timeNanos: bigint;
  /** How long it was measured; 0 for a moment or when unknown. */
  readonly durationNanos: number;
  /** Regular expressions of frames to leave out below user code, and of those to keep anyway; '' for none. */
  readonly dropFrames: string;
  readonly keepFrames: string;
  readonly comments: readonly string[];
  /** Name of the sample type to show first; '' means the last one. */
  readonly defaultSampleType: string;
  readonly docUrl: string;
  /** Figures of the whole process that came with the profile, by the name the runtime gives them ("Stack", "MaxRSS"). */
  readonly figures: ReadonlyMap<string, number>;
  /** What is odd about the profile though it could be read, in sentences for the reader. */
  readonly warnings: readonly string[];
}
type ProfileRuntime = "go" | "node" | "python" | "ruby" | "native";
/** A measured quantity and its unit, as `inuse_space` in `bytes`. */
interface ValueType {
  readonly type: string;
  readonly unit: string;
}
/** Labels of samples: a text or a number with a unit. `key`, `text` and `unit` index `strings`. */
interface LabelTable {
  readonly key: Uint32Array;
  /** The value of a text label; `NUMERIC` says that the label is the number in `number`. */
  readonly text: Uint32Array;
  readonly number: Float64Array;
  /** Unit of a numeric label; 0 when none is given. */
  readonly unit: Uint32Array;
}
/** Places in code. One place has several lines when calls were inlined there. */
interface LocationRows {
  readonly count: number;
  /** Instruction address; 0 where the runtime has none. */
  readonly address: BigUint64Array;
  /** Index into `mappings`, or `NONE`. */
  readonly mapping: Uint32Array;
  /** count + 1 entries into `lines`. A location without lines has not been symbolised. */
  readonly firstLine: Uint32Array;
  /** 1 when other locations were folded into this one. */
  readonly folded: Uint8Array;
}
/** Lines of locations, the innermost inlined function first. */
interface LineRows {
  /** Index into `functions`, or `NONE`. */
  readonly function: Uint32Array;
  /** Line number; 0 when unknown. */
  readonly line: Float64Array;
  readonly column: Float64Array;
}
/** Functions; names and files index `strings`. */
interface FunctionRows {
  readonly count: number;
  readonly name: Uint32Array;
  /** Name as the linker knows it (mangled), else the same as `name` or 0. */
  readonly systemName: Uint32Array;
  readonly file: Uint32Array;
  readonly startLine: Float64Array;
}
/** A piece of a binary in memory. */
interface Mapping {
  readonly start: bigint;
  readonly limit: bigint;
  readonly offset: bigint;
  readonly file: string;
  /** Tells builds apart: two profiles with other build ids are of other programs. '' when unknown. */
  readonly buildId: string;
  readonly hasFunctions: boolean;
  readonly hasFilenames: boolean;
  readonly hasLineNumbers: boolean;
  readonly hasInlineFrames: boolean;
}
/** How two profiles are compared. */
interface DiffOptions {
  /**
  * Scale the later profile so that it sums up to what the base does (`-normalize`): compares how it is spread, not how much there is.
  */
  normalise?: boolean;
  /**
  * `compare` (default; pprof's `-diff_base`): samples of the base keep a label and shares are of the base.
  * `subtract` (pprof's `-base`): for counters that only rise in one process; what is left is what came between.
  */
  mode?: "compare" | "subtract";
}
/**
* What changed from `base` to `after`, as a profile with the base's values negated. `top` then gives growth by function or line.
*
* @throws UsageError when the profiles have no sample type in common
* @example
* import { diffProfiles, openFile, readPprof, topOfProfile } from 'stanch';
*
* const [base, after] = await Promise.all(['base.pb.gz', 'heap.pb.gz'].map((file) => readPprof(openFile(file))));
* for (const { name, flat } of topOfProfile(diffProfiles(base, after)).rows) process.stdout.write(`${flat} ${name}\n`);
*/
declare function diffProfiles(base: StackProfile, after: StackProfile, options?: DiffOptions): StackProfile;
/**
* Stacks of one sample type as folded text (`main.main;main.work 42`), which flame graph tools read: outermost frame first, one line a
* stack, samples of the same stack summed, labels left out. Differences give negative values.
*
* @param type column of the profile's values
* @example
* import { openFile, readPprof, toFolded } from 'stanch';
*
* process.stdout.write(toFolded(await readPprof(openFile('heap.pb.gz')), 1));
*/
declare function toFolded(profile: StackProfile, type: number): string;
/** What https://www.speedscope.app reads (https://www.speedscope.app/file-format-schema.json); to be written as JSON. */
interface SpeedscopeFile {
  $schema: "https://www.speedscope.app/file-format-schema.json";
  name: string;
  exporter: string;
  activeProfileIndex: number;
  shared: {
    frames: SpeedscopeFrame[];
  };
  profiles: SpeedscopeProfile[];
}
interface SpeedscopeFrame {
  name: string;
  file?: string;
  line?: number;
}
interface SpeedscopeProfile {
  type: "sampled";
  name: string;
  unit: "none" | "nanoseconds" | "microseconds" | "milliseconds" | "seconds" | "bytes";
  startValue: number;
  endValue: number;
  /** Frames, outermost first. */
  samples: number[][];
  weights: number[];
}
/**
* A profile for speedscope: one of its profiles a sample type, labels left out. Speedscope knows no negative weights: what shrank in a
* difference becomes a profile of its own with the values turned round.
*
* @param active column to show first
* @example
* import { openFile, readPprof, toSpeedscope } from 'stanch';
*
* const file = toSpeedscope(await readPprof(openFile('heap.pb.gz')), 1);
* process.stdout.write(`${file.profiles.length} profiles\n`);
*/
declare function toSpeedscope(profile: StackProfile, active: number): SpeedscopeFile;
/**
* One profile of several: values of samples with the same stack and labels are summed, samples that sum up to nothing are
* left out. Places are the same when function, line and address within the same binary are, so that profiles of one build can be merged
* though it was loaded at other addresses.
*
* @throws UsageError when they have no sample type in common
* @example
* import { mergeProfiles, openFile, readPprof } from 'stanch';
*
* const profiles = await Promise.all(['base.pb.gz', 'heap.pb.gz'].map((file) => readPprof(openFile(file))));
* process.stdout.write(`${mergeProfiles(profiles).sampleCount} samples\n`);
*/
declare function mergeProfiles(profiles: readonly StackProfile[]): StackProfile;
/** Regular expressions over function names, files and binaries; each is used when given. */
interface FrameFilter {
  /** Keep samples with at least one such frame. */
  focus?: string;
  /** Drop samples with any such frame. */
  ignore?: string;
  /** Take such frames out of the stacks. */
  hide?: string;
  /** Take all other frames out of the stacks. */
  show?: string;
  /** Cut what called the outermost such frame; samples without one go. */
  showFrom?: string;
}
/**
* Which samples by their labels. Each is an expression like pprof's `-tagfocus`:
* `key=regexp,regexp` (the label has a value that one of them matches), `regexp,regexp` (each matches some "key:value"),
* `32kb`, `:64kb`, `4mb:`, `12kb:64mb` and the same after `key=` (a numeric label is, is at most, is at least, lies between; without
* a unit the bare number is compared).
*/
interface LabelFilter {
  tagFocus?: string;
  tagIgnore?: string;
}
/** What counts as one row of a table: a function, a function of one file, a file, a line of a function, an instruction. */
type Granularity = "functions" | "filefunctions" | "files" | "lines" | "addresses";
interface NodeName {
  /** Function name; '' when rows are files or the code has no symbols. */
  readonly function: string;
  readonly file: string;
  /** 0 when rows are not lines. */
  readonly line: number;
  readonly address: bigint;
  /** The binary of code without symbols. */
  readonly binary: string;
}
/** What a table shows, and in which order. */
interface TopOptions extends FrameFilter, LabelFilter {
  /** Name or number of the sample type; the profile's default when left out. */
  sampleType?: string;
  /** What a row is; functions when left out. */
  granularity?: Granularity;
  sortBy?: "flat" | "cum";
  /** Leave out rows whose cumulative value is below this share of all; 0 when left out (pprof: 0.005). */
  minShare?: number;
  /** At most so many rows; all when left out. */
  maxRows?: number;
}
/** What the samples taken say of a figure; only for sampled profiles. */
interface Evidence$1 {
  /** Samples really taken behind the value. Below `MIN_RAW_SAMPLES` they are not enough. */
  readonly rawFlat: number;
  readonly rawCum: number;
  /** Standard error of the value, in its unit. */
  readonly flatError: number;
  readonly cumError: number;
}
/** One function, file or line. */
interface TopRow extends NodeName {
  /** The row's name in one line of text. */
  readonly name: string;
  /** Value of the code itself. */
  readonly flat: number;
  /** Value of the code and all it calls. */
  readonly cum: number;
  readonly evidence: Evidence$1 | null;
}
/** Rows of a profile, largest first. */
interface TopTable {
  readonly sampleType: ValueType;
  /** All there is before filters: sum of absolute values; in a difference, of the base alone. Shares are of this. */
  readonly total: number;
  /** Sum of `flat` over all rows shown. */
  readonly shown: number;
  readonly rows: readonly TopRow[];
  /** Rows left out because their cumulative value is below `minShare`. */
  readonly dropped: number;
  /** Rows before `maxRows`. */
  readonly rowCount: number;
}
/**
* Functions, files or lines by what they use, as `go tool pprof -top` counts it: `flat` goes to the innermost frame, `cum` once to
* every row of a stack.
*
* @throws UsageError for an unknown sample type or a broken expression
* @example
* import { openFile, readPprof, topOfProfile } from 'stanch';
*
* const { rows } = topOfProfile(await readPprof(openFile('heap.pb.gz')), { granularity: 'lines', maxRows: 5 });
* for (const { name, flat, cum } of rows) process.stdout.write(`${flat} ${cum} ${name}\n`);
*/
declare function top(profile: StackProfile, options?: TopOptions): TopTable;
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
  /**
  * Where the snapshot goes; it is there whole or not at all, readable by its owner only. A name that ends in `.gz` has it packed on
  * the way, to about a sixth.
  */
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
  /** Of the file as it is stored, in hexadecimal. */
  readonly sha256: string;
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
/** Which agent is asked. */
interface PythonDumpOptions {
  /** Address of the service or of the agent's own port; the path is the agent's. */
  readonly url: string;
  readonly token: string;
  /** The worker that shall write it, by the pid that its agent tells; without it, whichever answers. */
  readonly pid?: number;
  readonly signal?: AbortSignal;
}
/** What the agent says of a dump (`docs/agents/python.md`). */
interface PythonDump {
  /** Path on the machine of the process. */
  readonly file: string;
  readonly mode: "fork" | "process";
  readonly objects: number;
  /** How long the service stood still; null where the dump was written in the process, beside its work. */
  readonly stopMs: number | null;
}
/**
* Has the agent in a Python process write an object graph from a forked child.
*
* @throws CaptureError when nobody answers, the token is wrong, or the agent refuses (with the reason)
* @example
* import { capturePythonDump } from 'stanch';
*
* const { SERVICE_URL: url, STANCH_TOKEN: token } = process.env;
* if (url && token) process.stdout.write(`${(await capturePythonDump({ url, token })).file}\n`);
*/
declare function capturePythonDump(options: PythonDumpOptions): Promise<PythonDump>;
/** Which process is asked, and how it shall dump. */
interface RubyDumpOptions {
  readonly pid: number;
  /** Its pid as itself sees it, where that is another one: within a container. */
  readonly pidInside?: number;
  /** The agent's private folder; its default when absent. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Leave the contents of strings out. */
  readonly values?: boolean;
  readonly gz?: boolean;
}
/**
* Has the agent in a Ruby process write a heap dump from a forked child: the process itself stops only for the fork (some
* 0.05 ms a MB). Returns the path of the dump; the names file lies beside it.
*
* @throws CaptureError when the process has no agent, its agent refuses (with the reason), or no dump comes in time
* @example
* import { captureRubyDump } from 'stanch';
*
* const pid = Number(process.env.WORKER_PID);
* if (pid > 0) process.stdout.write(`${await captureRubyDump({ pid })}\n`);
*/
declare function captureRubyDump(options: RubyDumpOptions): Promise<string>;
/** Whether what is left open can be what grows. */
interface LedgerFit {
  /** Left open, as a share of what grew in number; 1 is a perfect fit, Infinity when nothing grew. */
  readonly countShare: number;
  /** Bytes per thing left open if it were all of the growth. */
  readonly bytesEach: number | null;
  readonly verdict: "fits" | "too-few" | "too-many";
}
/** Openings less closings of one kind, over time, against a growth. */
interface SeriesLedger {
  readonly opened: string;
  readonly closed: string;
  /** More opened than closed in the time that they share. */
  readonly leftOpen: number;
  readonly leftOpenPerHour: number;
  /** Against a growing count, where one is given. */
  readonly count: LedgerFit | null;
  /** Bytes for each left open, if it were all of the growth; null when nothing is left open. */
  readonly bytesEach: number | null;
  /** Whether what is left open in a step moves with the growth. */
  readonly moves: Correlate;
  readonly verdict: "explains" | "cannot-explain" | "unknown";
}
/** Why it is thought that a new process began. */
type RestartSign = "start-time" | "counter-reset" | "restart-count" | "event" | "drop";
/** Leak patterns, shared by the rules on dumps and on source. Names are part of the contract. */
type Pattern = "unbounded-collection" | "listener-leak" | "stale-closure" | "timer-leak" | "pending-promise" | "slice-retention" | "detached-dom" | "connection-leak" | "native-growth" | "shared-mutable-default" | "class-variable-growth" | "singleton-state" | "goroutine-stuck" | "goroutine-runaway" | "context-not-cancelled" | "response-body-not-closed" | "reference-cycle" | "task-leak" | "file-descriptor-leak" | "thread-local-growth" | "string-duplication" | "fragmentation" | "unknown-growth";
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
  kind: "heap-graph" | "stack-profile" | "goroutines";
  format: string;
  file: string;
  sha256: string | null;
  at: string | null;
  bytes: number | null;
  objects: number;
  heapBytes: number;
  partial: string | null;
  /** What is wrong with the dump though it could be read. */
  warnings?: string[];
  /** Memory of the process beside its objects, where it was written down with the dump. */
  process?: ProcessFacts | null;
}
/** Where the memory of the process went, beyond the objects of its heap. Bytes; series by dump. */
interface ProcessAccount {
  rssBytes: number[];
  rssAfterTrimBytes: number[] | null;
  heapBytes: number[];
  /** Free memory that the allocator kept; null when nobody asked it. */
  allocatorBytes: number | null;
  /** Memory that is neither objects nor free. */
  nativeBytes: number | null;
  /** What most of the growth beyond the objects is. */
  kind: "objects" | "allocator" | "native" | "unknown";
  text: string;
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
  /** Null when the dumps do not tell the memory of the process. */
  process?: ProcessAccount | null;
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
/** How the numbers go. The first seven are leaks, the others are not. */
type Shape = "linear" | "accelerating" | "staircase" | "sawtooth-rising" | "restart-loop" | "limit-plateau" | "diurnal-rising" | "warm-up" | "cache-fill" | "plateau" | "flat" | "diurnal" | "step" | "spike" | "load-driven" | "page-cache" | "random-walk";
/** A number and its 95 % interval. */
interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}
interface Segment {
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly kind: "warm-up" | "steady" | "leak" | "restart" | "gap";
}
/** What `stanch confirm` says of one series. Times are ISO 8601; null stands for "there is none". */
interface Confirmation {
  readonly schema: "stanch/confirm@1";
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly source: string;
  /** Of the rate and of the floor; null when unknown. */
  readonly unit: Unit | null;
  readonly verdict: Verdict;
  /** Null when there is too little to say. */
  readonly shape: Shape | null;
  /** Growth of the leaking part, units an hour. */
  readonly ratePerHour: Interval | null;
  readonly timeToLimit: {
    readonly limitBytes: number;
    readonly hours: number;
    readonly low: number;
    readonly high: number | null;
  } | null;
  /** Null if it began before the data, or there is no leak. */
  readonly onset: string | null;
  /** The deploy within reach of the onset. */
  readonly onsetEvent: string | null;
  readonly segments: readonly Segment[];
  readonly restarts: readonly {
    readonly at: string;
    readonly sign: RestartSign;
    readonly event: string | null;
  }[];
  readonly correlates: readonly Correlate[];
  /** Openings less closings, against the growth. */
  readonly ledgers?: readonly SeriesLedger[];
  readonly reasons: readonly string[];
  readonly missing: readonly string[];
  /** The floor that the verdict rests on, for drawing. */
  readonly floor: {
    readonly times: readonly number[];
    readonly values: readonly number[];
  };
  readonly window: {
    readonly from: string;
    readonly to: string;
    readonly samples: number;
    readonly stepSeconds: number;
  };
}
/** What is confirmed: one memory series, and all that is known beside it. */
interface ConfirmInput {
  readonly memory: Series;
  /** Other series of the same process: requests, collections, start times, other kinds of memory. */
  readonly others?: readonly Series[];
  readonly events?: readonly EventStream[];
  /** In the unit of the memory; taken from a limit among `others` when absent. */
  readonly limit?: number | null;
  /** A process that was watched for less than this shows its start or its sleep: minutes clear nobody, and accuse only when memory doubles (10 minutes). */
  readonly leastMs?: number | undefined;
  /** Where the data begin that this is a part of, milliseconds since 1970: what leaks and begins later has begun then. */
  readonly dataFromMs?: number | undefined;
}
/**
* Says whether a memory series shows a leak, how fast, until when and since when, or what is missing to tell. Nothing in it
* depends on units or on names beyond the roles of `metric-roles.ts`.
*
* @example
* import { confirm, readCsv, openFile } from 'stanch';
*
* const { series } = await readCsv(openFile('memory.csv'));
* const { verdict, ratePerHour, reasons } = confirm({ memory: series[0], others: series.slice(1) });
* process.stdout.write(`${verdict} ${ratePerHour?.value} ${reasons.join('; ')}\n`);
*/
declare function confirm(input: ConfirmInput): Confirmation;
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
/**
* The goroutines of one moment, as Go's stack text tells them. It is the raw material of a `StackProfile` (see
* `goroutineProfile` in `analysis/goroutines`) and keeps beside it what a profile has no column for: ids, creators, states.
* Struct of arrays, one row a goroutine in the order of the text.
*/
interface GoroutineDump {
  readonly format: "go-goroutines";
  readonly file: string;
  /** Which dump of the file this is, from 0. */
  readonly part: number;
  /** Byte offset of its first goroutine. */
  readonly offset: number;
  readonly count: number;
  /** Goroutine ids. Never reused within a process; up to 2^53 exact. 0 is a scheduler stack (`g0`), no goroutine. */
  readonly id: Float64Array;
  /** Index into `states`. */
  readonly state: Uint16Array;
  /** "N minutes" as printed, 0 where nothing is. A hint: the runtime sets the clock at the end of a GC cycle. */
  readonly waitMinutes: Uint32Array;
  /** Sum of `GOROUTINE_*` bits. */
  readonly flags: Uint8Array;
  /** Index into `labelSets`; 0 is the empty set. */
  readonly labelSet: Uint32Array;
  /** Index into the stacks: frames are `stackFrame[firstFrame[k] … firstFrame[k + 1] - 1]`, innermost first. */
  readonly stack: Uint32Array;
  /** Index into `creations`; 0 when the text names none (the main goroutine, ids of the runtime). */
  readonly creation: Uint32Array;
  /** Id of the goroutine that ran the `go` statement; 0 when unknown (Go 1.20 and older do not print it). */
  readonly creatorId: Float64Array;
  readonly states: readonly string[];
  readonly labelSets: readonly (readonly GoroutineLabel[])[];
  readonly stackCount: number;
  readonly firstFrame: Uint32Array;
  /** Index into `frames`. */
  readonly stackFrame: Uint32Array;
  readonly frames: readonly GoFrame[];
  /** The `go` statements; `creations[0]` stands for "unknown". */
  readonly creations: readonly GoFrame[];
  /** What ended the process, for a crash or a signal. */
  readonly cause: string | null;
  /** ISO time in the log prefix of the first goroutine's line; null when there is none. */
  readonly at: string | null;
  /** Where the text stops short; null when it is whole as far as one can tell. */
  readonly cut: GoroutineCut | null;
  /** Lines within goroutines that are not of the format. */
  readonly unreadable: {
    readonly lines: number;
    readonly firstLine: number;
    readonly offset: number;
  } | null;
  /** Goroutines that were printed twice (`GOTRACEBACK=crash`), counted once. */
  readonly repeated: number;
}
/** A text that ends in the middle of a goroutine. */
interface GoroutineCut {
  readonly offset: number;
  /** True at exactly 64 MiB, where the runtime itself stops without a word. */
  readonly atLimit: boolean;
}
interface GoFrame {
  /** Full name with package and receiver: `net/http.(*conn).serve`. */
  readonly function: string;
  /** As compiled in: absolute, or relative to the module with `-trimpath`. '' when unknown. */
  readonly file: string;
  /** 0 when unknown. */
  readonly line: number;
  /** Offset of the instruction in the function (`+0x7f`) where it was first met; other builds have others. -1 when unknown. */
  readonly pcOffset: number;
}
interface GoroutineLabel {
  readonly key: string;
  readonly value: string;
}
/** One piece of evidence from a Go process: a goroutine dump or a profile. */
interface GoInput {
  /** A, B, C… in order of time. Inputs with one label are of one moment. */
  readonly label: string;
  readonly file: string;
  readonly sizeBytes: number | null;
  /** ISO time of the capture, when it is known. */
  readonly at: string | null;
  readonly sha256?: string | null;
  /** Stack text, as `readGoroutines` gives it. */
  readonly dump?: GoroutineDump;
  /** Goroutine, goroutineleak or heap profile. */
  readonly profile?: StackProfile;
}
/** Figures of a moment that did not come with a profile: from runtime/metrics, expvar, a scrape of /metrics. */
interface MemoryFigures {
  /** `/memory/classes/heap/objects:bytes` + `unused`, `go_memstats_heap_inuse_bytes` */
  readonly heapInUseBytes?: number;
  /** `/memory/classes/heap/stacks:bytes`, `go_memstats_stack_inuse_bytes` */
  readonly stackBytes?: number;
  /** `/memory/classes/heap/free:bytes` */
  readonly idleBytes?: number;
  /** `/memory/classes/metadata/*`, `other`, `profiling/buckets` */
  readonly runtimeBytes?: number;
  /** `process_resident_memory_bytes`, VmRSS */
  readonly rssBytes?: number;
}
/** What may be said to a diagnosis beside its captures. */
interface DiagnoseGoOptions extends LongCall {
  /** The service's own code, if it is at hand. */
  source?: SourceTree | null;
  /** At most so many findings (10). */
  top?: number;
  /** Operations that the program did between the first and the last capture, for growth per operation. */
  operations?: number | null;
  /** Memory figures by label, where they were measured apart from the captures. */
  memory?: Readonly<Record<string, MemoryFigures>>;
}
/**
* Names the goroutines that gather in a Go service, and the lines whose allocations do: captures of one process, oldest first. Two
* captures show what grows and which goroutines stay; a third one after the load has gone tells a leak from clients.
*
* @example
* import { diagnoseGoroutines, openFile, readGoroutines } from 'stanch';
*
* const inputs = [];
* for (const label of ['A', 'B', 'C']) {
*   const [dump] = await readGoroutines(openFile(`${label}.txt`));
*   inputs.push({ label, file: `${label}.txt`, sizeBytes: null, at: null, dump });
* }
* const { verdict, findings } = diagnoseGoroutines(inputs);
* process.stdout.write(`${verdict}: ${findings.map((finding) => finding.title).join('; ')}\n`);
*/
declare function diagnoseGoroutines(inputs: readonly GoInput[], options?: DiagnoseGoOptions): Diagnosis;
/** How a table is read. */
interface CsvOptions extends LongCall {
  /** Keep rows before this time out, milliseconds since 1970. */
  sinceMs?: number | undefined;
  /** Samples held at once, of all columns (4 million); of a longer table the lower of neighbours stay. */
  mostSamples?: number | undefined;
}
/**
* Reads a table of numbers over time: a head line, a column of times (ISO 8601, epoch seconds, milliseconds, micro- or nanoseconds, time since
* the beginning, or the time of day), one series for each other column. Columns of words (`pod`, `instance`) become labels and part the rows into
* series of their own, labels in a head (`rss{pod="a"}`) those of its series; a column `event` becomes dated events. Rows may come in any
* order where they are dated; cells that are empty or `NaN` are gaps.
*
* @throws FormatError with the byte offset when there is no head line, or no row with a time
* @example
* import { openFile, readCsv } from 'stanch';
*
* const { series } = await readCsv(openFile('memory.csv'));
* for (const { name, values } of series) process.stdout.write(`${name}: ${values.length} samples\n`);
*/
declare function readCsv(source: ByteSource, options?: CsvOptions): Promise<SeriesSet>;
/** How a dump is read. */
interface ReadOptions extends LongCall {
  /** Use the readable part of a truncated or damaged file; the graph then says what is missing (`graph.partial`). */
  partial?: boolean;
  /** The file beside the dump that tells names and facts of the process, for formats that have one. */
  companion?: ByteSource | null;
}
interface AnyFormat {
  /** Stable name, as `v8-heapsnapshot`. */
  readonly id: string;
  /** What people call it. */
  readonly title: string;
  /**
  * How sure the first 4 KB of a file (fewer if it is shorter) are of this format, from 0 to 1. The name is a hint
  * only: content decides. Never throws.
  */
  detect(head: Uint8Array, name: string): number;
}
/** One format of heap dumps that Stanch reads. */
interface HeapFormat extends AnyFormat {
  readonly kind: "heap-graph";
  /**
  * Reads the whole dump.
  *
  * @throws FormatError with the byte offset and what was expected there
  */
  read(source: ByteSource, options?: ReadOptions): Promise<HeapGraph>;
  /** Paths at which the companion of the dump `path` may lie, best first. */
  companions?(path: string): string[];
}
/** One format of profiles (values by call stack) that Stanch reads. */
interface ProfileFormat extends AnyFormat {
  readonly kind: "stack-profile";
  /**
  * Reads the whole profile.
  *
  * @throws FormatError with the byte offset and what was expected there
  */
  read(source: ByteSource, options?: LongCall): Promise<StackProfile>;
}
/** The text in which a runtime writes its goroutines; one file may hold several dumps. */
interface GoroutineFormat extends AnyFormat {
  readonly kind: "goroutines";
  /**
  * Reads all dumps of the file.
  *
  * @throws FormatError with the byte offset and what was expected there
  */
  read(source: ByteSource, options?: LongCall): Promise<GoroutineDump[]>;
}
/** One format of evidence. */
type EvidenceFormat = HeapFormat | ProfileFormat | GoroutineFormat;
/**
* Reads Go's stack text: `goroutine?debug=2`, the tracebacks of panics, fatal errors and SIGQUIT, alone or anywhere in a log
* or a report. Several dumps in one text come back in their order; they begin where an id comes again.
*
* A text that stops short is read as far as it goes and says so (`cut`); damaged lines within goroutines are counted
* (`unreadable`).
*
* @throws FormatError when there is no goroutine in the text
* @example
* import { openFile, readGoroutines } from 'stanch';
*
* const [dump] = await readGoroutines(openFile('A.txt'));
* process.stdout.write(`${dump.count} goroutines in ${dump.stackCount} stacks\n`);
*/
declare function readGoroutines(source: ByteSource, options?: LongCall): Promise<GoroutineDump[]>;
/**
* Every format of dumps and profiles that Stanch reads. `openHeap` and the commands try them all on the first 4 KB of a file.
*
* @example
* import { FORMATS } from 'stanch';
*
* for (const { id, kind, title } of FORMATS) process.stdout.write(`${id} (${kind}): ${title}\n`);
*/
declare const FORMATS: readonly EvidenceFormat[];
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
declare function detectFormat(head: Uint8Array, name: string): EvidenceFormat | null;
/**
* Reads one JSON object a line, each with a time: every number in it is a sample (nested ones by their path, `memory.rss`), every
* short text a label. `{metric, value, time}` and VictoriaMetrics' export lines (`{metric, values, timestamps}`) are understood too.
*
* @throws FormatError with the byte offset when no line holds a time and a number
* @example
* import { openFile, readJsonLines } from 'stanch';
*
* const { series } = await readJsonLines(openFile('samples.jsonl'));
* for (const { name, values } of series) process.stdout.write(`${name}: ${values.length} samples\n`);
*/
declare function readJsonLines(source: ByteSource, options?: LongCall): Promise<SeriesSet>;
/**
* Reads an export of memray: `memray transform csv --leaks` gives `inuse_objects` and `inuse_space` with whole stacks and the
* labels `allocator`, `tid`, `thread`; `memray stats --json` gives `alloc_objects` and `alloc_space` of the few largest
* places, with everything else in one further sample, so that the totals are memray's.
*
* @throws FormatError with the byte offset; for memray's own capture file, the command that exports it
* @example
* import { openFile, readMemray } from 'stanch';
*
* const profile = await readMemray(openFile('leaks.csv'));
* process.stdout.write(`${profile.sampleCount} stacks\n`);
*/
declare function readMemray(source: ByteSource, options?: LongCall): Promise<StackProfile>;
/** How exposition text is read. */
interface OpenMetricsOptions extends LongCall {
  /** Time of samples that bear none, milliseconds since 1970: when the scrape was taken. */
  scrapedAtMs?: number | undefined;
}
/**
* Reads Prometheus' text format 0.0.4 or OpenMetrics 1.0: one scrape, or many with timestamps one behind the other (as `promtool
* tsdb dump-openmetrics` or repeated `curl >>` give). Timestamps are milliseconds in the one and seconds in the other; size tells.
* Scrapes without timestamps that repeat a series are put one second apart, and a note says so.
*
* @throws FormatError with the byte offset when no line is a sample
* @example
* import { openFile, readOpenMetrics } from 'stanch';
*
* const { series } = await readOpenMetrics(openFile('metrics.txt'), { scrapedAtMs: Date.now() });
* for (const { name, values } of series) process.stdout.write(`${name} ${values[0]}\n`);
*/
declare function readOpenMetrics(source: ByteSource, options?: OpenMetricsOptions): Promise<SeriesSet>;
/**
* Reads a pprof profile (profile.proto), packed with gzip or plain. Every field of the format is read; unknown ones are passed over.
*
* @throws FormatError with the byte offset in the unpacked profile and what was expected there
* @example
* import { openFile, readPprof, topOfProfile } from 'stanch';
*
* const profile = await readPprof(openFile('heap.pb.gz'));
* for (const { name, flat } of topOfProfile(profile, { maxRows: 5 }).rows) process.stdout.write(`${flat} ${name}\n`);
*/
declare function readPprof(source: ByteSource, options?: LongCall): Promise<StackProfile>;
/**
* A profile as profile.proto packed with gzip, as every tool expects the file.
*
* @example
* import { writeFileSync } from 'node:fs';
* import { openFile, packPprof, readProfileText } from 'stanch';
*
* writeFileSync('goroutine.pb.gz', await packPprof(await readProfileText(openFile('goroutine-debug1.txt'))));
*/
declare function packPprof(profile: StackProfile): Promise<Uint8Array>;
/**
* Reads pprof's legacy text forms: `heap profile:` with MemStats, `NAME profile: total` with labels, `--- mutex:` and `--- contention:`.
*
* @throws FormatError with the byte offset of the line that makes no sense
* @example
* import { openFile, readProfileText } from 'stanch';
*
* const { sampleTypes, sampleCount } = await readProfileText(openFile('goroutine-debug1.txt'));
* process.stdout.write(`${sampleCount} stacks of ${sampleTypes[0].type}\n`);
*/
declare function readProfileText(source: ByteSource, options?: LongCall): Promise<StackProfile>;
/** A position in the service's code. */
interface Place {
  readonly file: string;
  readonly line: number;
}
/** What a cycle of objects that nothing else holds takes. */
interface LooseCycles {
  objects: number;
  bytes: number;
}
/** A function behind `functools.lru_cache`. */
interface LruCache {
  readonly node: number;
  /** Name of the wrapped function; '' when it is not written in Python. */
  readonly name: string;
  readonly place: Place | null;
  readonly entries: number;
  /** null for `maxsize=None`. */
  readonly maxEntries: number | null;
  readonly hits: number;
  readonly misses: number;
}
/** An asyncio task and where it waits. */
interface AsyncioTask {
  readonly node: number;
  readonly coroutineNode: number | null;
  readonly name: string;
  readonly isDone: boolean;
  readonly coroutine: string;
  readonly startedAt: Place | null;
  /** Frames of the chain of awaits, outermost first: the last is the line that waits. */
  readonly stack: readonly {
    readonly name: string;
    readonly place: Place | null;
  }[];
  /** Class of what is awaited; '' when that is a coroutine without a frame. */
  readonly waitsFor: string;
}
/** What the agent knew beside the objects. Bytes; null where it was not told. */
interface PythonFacts {
  readonly implementation: string;
  /** `fork`: one moment. `process`: other threads went on, so that the dump may be torn. */
  readonly mode: string;
  readonly withValues: boolean;
  readonly startedAtSeconds: number | null;
  readonly gc: {
    readonly enabled: boolean | null; /** Objects that `gc.freeze` has taken out of the collector's sight. */
    readonly frozen: number;
    readonly thresholds: readonly number[]; /** Objects in `gc.garbage`. */
    readonly garbage: number; /** `gc.set_debug` flags: 32 (SAVEALL, part of DEBUG_LEAK) is a leak by itself. */
    readonly debug: number;
  };
  /** Open descriptors by what they are: `socket`, `pipe`, `file`, `eventpoll`, … */
  readonly descriptors: ReadonlyMap<string, number>;
  readonly threadCount: number;
  /** Python's own allocator and that of C, as they counted in the copy of the process. */
  readonly pymalloc: {
    readonly usedBytes: number;
    readonly freeBytes: number;
    readonly arenaBytes: number;
  } | null;
  readonly malloc: {
    readonly arenaBytes: number;
    readonly usedBytes: number;
    readonly freeBytes: number;
    readonly mappedBytes: number;
  } | null;
  readonly tracemallocFrames: number | null;
  readonly lruCaches: readonly LruCache[];
  readonly tasks: readonly AsyncioTask[];
  /** Cycles that no known root leads to: garbage not collected yet, or held by C code. */
  readonly looseCycles: LooseCycles;
  readonly danglingReferences: number;
}
/** A graph with what is known of Python beside it. */
interface PythonHeapGraph extends HeapGraph {
  readonly python: PythonFacts;
}
interface ReadOptions$2 extends LongCall {
  /** Use the readable part of a truncated or damaged file. */
  partial?: boolean;
}
/**
* Reads a dump of the Python agent (`docs/formats/python-gc.md`). Beside the graph there is what the agent knew of the
* interpreter: caches, tasks, the collector (`graph.python`).
*
* @throws FormatError with the byte offset and what was expected there
* @example
* import { openFile, readPythonGc } from 'stanch';
*
* const graph = await readPythonGc(openFile('C.pygc'));
* process.stdout.write(`${graph.nodeCount} objects, ${graph.python.lruCaches.length} caches\n`);
*/
declare function readPythonGc(source: ByteSource, options?: ReadOptions$2): Promise<PythonHeapGraph>;
/** What a pickle may make us keep. An honest snapshot stays far below each. */
interface PickleLimits {
  /** Values on the stack. A batch of a list has 1,000, a traceback at most 65,535. */
  readonly stack: number;
  readonly marks: number;
  readonly memo: number;
  readonly tuples: number;
  /** Bytes of one text; the longest are file names. */
  readonly textBytes: number;
  /** Lists, dicts and objects: a snapshot has one list, two dicts and two objects. */
  readonly containers: number;
  /** Bytes of a whole number. */
  readonly intBytes: number;
}
/** How a snapshot is read. */
interface TracemallocOptions extends LongCall {
  /** Lower or higher bounds than the built-in ones, which honest files stay far below. */
  limits?: Partial<PickleLimits>;
}
/**
* Reads a pickle written by `tracemalloc.Snapshot.dump` (Python 3.6 to 3.14) as a profile of live memory: `inuse_objects` in
* blocks, `inuse_space` in bytes. Labels of each sample: `domain` (0 is Python's own memory), `bytes` (size of one
* block) and, since Python 3.9, `total_nframe` (frames before the traceback was cut). Figures: `traces`,
* `traceback_limit`. The pickle is never executed.
*
* @throws FormatError naming the opcode, class or shape that no snapshot has, and its byte offset
* @example
* import { openFile, readTracemalloc } from 'stanch';
*
* const profile = await readTracemalloc(openFile('A.pickle'));
* process.stdout.write(`${profile.sampleCount} groups of blocks\n`);
*/
declare function readTracemalloc(source: ByteSource, {
  signal,
  onProgress,
  limits
}?: TracemallocOptions): Promise<StackProfile>;
/** How a Ruby dump is read. */
interface RubyReadOptions extends ReadOptions {
  /** The file of names that the Stanch agent wrote beside the dump. */
  names?: ByteSource | null;
}
/**
* Reads what `ObjectSpace.dump_all` of Ruby 2.7 and later wrote, from any byte source. Lines may be of any length; nothing as large
* as the file is held: values of strings stay where they are until asked for.
*
* Malformed lines, references that lead nowhere and missing names are told in `graph.warnings`.
*
* @throws FormatError with the byte offset when the file is no such dump or ends within a line
* @example
* import { openFile, readRubyDump } from 'stanch';
*
* const graph = await readRubyDump(openFile('C.json'), { names: openFile('C.names.jsonl') });
* process.stdout.write(`${graph.nodeCount} objects, ${graph.warnings.join('; ')}\n`);
*/
declare function readRubyDump(source: ByteSource, options?: RubyReadOptions): Promise<HeapGraph>;
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
/** What is known of a piece of evidence before it is read. */
interface EvidenceFile {
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
}
/** One dump among the evidence. `diagnose` takes it as it is. */
interface EvidenceDump extends EvidenceFile {
  /** Reads the dump; may be called more than once. */
  load(options: LongCall): Promise<HeapGraph>;
}
/** What a profile's file holds: goroutine text may hold several dumps. */
type ProfileContent = {
  readonly kind: "stack-profile";
  readonly profile: StackProfile;
} | {
  readonly kind: "goroutines";
  readonly dumps: readonly GoroutineDump[];
};
/** One profile or goroutine dump among the evidence; those of one moment have one label. */
interface EvidenceProfile extends EvidenceFile {
  load(options: LongCall): Promise<ProfileContent>;
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
  /** In order of time. */
  readonly profiles: readonly EvidenceProfile[];
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
interface CompareFilesOptions extends LongCall, FindEvidenceOptions {
  /** What `paths` are, where they were sorted out before: a pipe can be read only once. */
  found?: Evidence;
}
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
/** How often things were done, by name; the first name is the operation. */
type OperationCounts = Readonly<Record<string, number>>;
/** A service that a scenario has started. */
interface RunningService {
  /** Whose memory is measured: a pid, or the address of an inspector, a pprof handler or an agent. */
  readonly target: number | string;
  /** Where its users reach it. */
  readonly url?: string;
  /** For the endpoint of its agent; `STANCH_TOKEN` when absent. */
  readonly token?: string;
  /** Ends it, and all that it has started. */
  stop(): Promise<void>;
}
/** What the functions of a scenario are told. */
interface ScenarioContext {
  /** What `start` has given, or `--start`; null when the service was running already. */
  readonly service: RunningService | null;
  /** Aborts when the run is interrupted: pass it on to what waits. */
  readonly signal: AbortSignal;
  /** How many operations go on at the same time. */
  readonly concurrency: number;
}
/** A page of a browser, as playwright-core has it. */
type BrowserPage = any;
/**
* What `stanch run` does again and again: the exports of a module, or its default export. `operation`, `round` or `browser` is needed; all
* else may be absent.
*/
interface Scenario {
  /** What one operation is called, in the singular: `join`. */
  readonly name?: string;
  /** Does it once. `index` goes on from round to round, so that each can be another user. */
  operation?(index: number, context: ScenarioContext): unknown;
  /**
  * Does it `operations` times, for drivers that keep connections. What it returns is counted instead: how often each thing was done in
  * this round; the first is the operation.
  */
  round?(operations: number, context: ScenarioContext): Promise<OperationCounts | undefined>;
  /** Does it once in a page of a browser. Without a target the pages themselves are measured. */
  browser?(page: BrowserPage, index: number, context: ScenarioContext): unknown;
  /** Before the first round, after `start`. */
  setup?(context: ScenarioContext): unknown;
  /** After the last one, in any case. */
  teardown?(context: ScenarioContext): unknown;
  /** Starts the service; with `--bisect`, that of the checkout in `directory`. */
  start?(context: Pick<ScenarioContext, "signal"> & {
    readonly directory?: string;
  }): Promise<RunningService>;
  /** Whose memory is measured, when the scenario does not start it. */
  readonly target?: number | string;
  /** The service's checkout: findings then carry file and line in it. */
  readonly source?: string;
  /** Has the service collect its garbage where Stanch cannot. */
  collectGarbage?(context: ScenarioContext): unknown;
  /** Defaults of `--ops`, `--rounds` and `--concurrency`. */
  readonly ops?: number;
  readonly rounds?: number;
  readonly concurrency?: number;
}
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
* Reads the code under a folder, links not followed. `node_modules` and `vendor` are read only where they are the
* folder asked for.
*
* @throws StanchError `source-unreadable` when the folder itself cannot be read
* @example
* import { readSourceTree } from 'stanch';
*
* const tree = readSourceTree('.');
* process.stdout.write(`${tree.files.size} files of code\n`);
*/
declare function readSourceTree(root: string): SourceTree;
/** One side of a comparison: a memory series, and what was measured beside it. */
interface SeriesSide {
  readonly memory: Series;
  readonly others?: readonly Series[];
  /** Restarts and deploys. */
  readonly events?: readonly EventStream[];
  /** In the unit of the memory. */
  readonly limit?: number | null;
  /** Operations over the whole of the series; counted by a series among `others` when absent. */
  readonly operations?: number | null;
}
/** The growth before the fix, where no series of it was kept. */
interface KnownRate {
  readonly ratePerHour: Interval;
  readonly unit: Unit | null;
  readonly source: string;
  readonly operationsPerHour?: number | null;
}
type FixVerdict = "fixed" | "still-leaking" | "not-enough-data";
/** What an hour is: an hour, or the operations of a mean hour. */
type Clock = "time" | "work";
/** How one side grew, without restarts and warm-up. Rates are in units of the metric an hour, with 95 % intervals. */
interface SideGrowth {
  readonly ratePerHour: Interval | null;
  /** Null when it is not known how much was done. */
  readonly perOperation: Interval | null;
  readonly operationsPerHour: number | null;
  /** What `stanch confirm` says of this side by itself. */
  readonly verdict: Verdict;
  readonly shape: Shape | null;
  /** All that was seen, and the part of it that was judged. */
  readonly hours: number;
  readonly judgedHours: number;
  readonly samples: number;
  readonly source: string;
}
/** The comparison of two series. */
interface SeriesVerification {
  readonly verdict: FixVerdict;
  readonly metric: string;
  readonly unit: Unit | null;
  /** By which clock both sides were compared: what the leak before went by. */
  readonly clock: Clock;
  readonly before: SideGrowth;
  readonly after: SideGrowth;
  /** What is left of the leak: the rate after over the rate before, at equal load; null when that cannot be told. */
  readonly remaining: Interval | null;
  /** Growth below this is not a leak any more, units an hour. */
  readonly thresholdPerHour: number;
  readonly tolerance: number;
  /** The smallest leak that the data after the fix would have shown: 95 of 100 times, at the 5 % level. Units an hour. */
  readonly smallestLeakPerHour: number | null;
  /** Hours after the warm-up that it takes to be sure; null when no length of time would do. */
  readonly neededHours: number | null;
  /** Load after over load before; null when one of them is not known. */
  readonly loadRatio: number | null;
  readonly reasons: readonly string[];
  readonly missing: readonly string[];
}
/** How sure one has to be, and of what. */
interface VerifySeriesOptions {
  /** What may be left of the leak, as a share of its rate before (0.1). */
  readonly tolerance?: number | undefined;
  /** Less than this says nothing, however quiet it is (10 minutes). */
  readonly leastHours?: number | undefined;
}
/**
* Compares the growth of a service before and after a fix. `fixed` needs the upper end of the 95 % interval of what is left below the
* tolerance (a test of equivalence: that nothing was seen does not suffice), `still-leaking` a leak that was seen, all else is
* `not-enough-data` with the time that it would take.
*
* @example
* import { openFile, readCsv, verifySeries } from 'stanch';
*
* const [before, after] = await Promise.all(
*   ['memory.csv', 'memory.csv'].map(async (file) => (await readCsv(openFile(file))).series),
* );
* const { verdict, reasons } = verifySeries({ memory: before[0] }, { memory: after[0] });
* process.stdout.write(`${verdict}: ${reasons.join('; ')}\n`);
*/
declare function verifySeries(before: SeriesSide | KnownRate, after: SeriesSide, options?: VerifySeriesOptions): SeriesVerification;
export {
  type AllocationFrame,
  type Amount,
  type BrowserPage,
  type ByteSource,
  bytesSource,
  type CapturedSnapshot,
  CaptureError,
  captureHeapSnapshot,
  type CaptureHeapSnapshotOptions,
  capturePythonDump,
  captureRubyDump,
  CaptureSession,
  type CaptureStep,
  type ClassDiff,
  type ClassedBy,
  type ClassNames,
  type ClassQuery,
  compareFiles,
  type CompareFilesOptions,
  compareHeaps,
  confirm,
  type Confirmation,
  type ConfirmInput,
  type Correlate,
  type CsvOptions,
  detectFormat,
  diagnose,
  diagnoseFiles,
  type DiagnoseFilesOptions,
  type DiagnoseGoOptions,
  diagnoseGoroutines,
  type DiagnoseOptions,
  type Diagnosis,
  type DiffOptions,
  diffProfiles,
  distances,
  dominators,
  type DominatorTree,
  type DumpInput,
  type Evidence,
  type EvidenceDump,
  type EvidenceFile,
  type EvidenceFormat,
  type EvidenceItem,
  type EvidenceProfile,
  findEvidence,
  type FindEvidenceOptions,
  type Finding,
  type FindingLocation,
  FormatError,
  FORMATS,
  type GoInput,
  type GoroutineDump,
  type GoroutineFormat,
  Heap,
  type HeapClass,
  type HeapDiff,
  type HeapFormat,
  type HeapGraph,
  type HeapOptions,
  type KnownRate,
  type LongCall,
  type MemoryFigures,
  mergeProfiles,
  type ObjectDetails,
  type ObjectQuery,
  type ObjectReference,
  type ObjectSummary,
  type OnProgress,
  openFile,
  openHeap,
  type OpenHeapOptions,
  type OpenMetricsOptions,
  type OperationCounts,
  packPprof,
  type PathStep,
  type PathStepView,
  type Pattern,
  type ProcessAccount,
  type ProcessFacts,
  type ProfileContent,
  type ProfileFormat,
  type PythonDump,
  type PythonDumpOptions,
  type PythonFacts,
  type PythonHeapGraph,
  readCsv,
  readGoroutines,
  readHeapSnapshot,
  readJsonLines,
  readMemray,
  readOpenMetrics,
  type ReadOptions,
  readPprof,
  readProfileText,
  readPythonGc,
  readRubyDump,
  readSourceTree,
  readTracemalloc,
  type RetainingPath,
  type RubyDumpOptions,
  type RubyReadOptions,
  type RunningService,
  type Scenario,
  type ScenarioContext,
  type Series,
  type SeriesSet,
  type SeriesSide,
  type SeriesVerification,
  type SideGrowth,
  type SnapshotOptions,
  type SourceLocation,
  type SourceTree,
  type SpeedscopeFile,
  type StackProfile,
  StanchError,
  streamSource,
  toFolded,
  top as topOfProfile,
  type TopOptions,
  type TopRow,
  type TopTable,
  toSpeedscope,
  type TracemallocOptions,
  type UnreadableEvidence,
  type Verdict,
  verifySeries,
  type VerifySeriesOptions,
  type WayOfHolding,
  type WaysOfHolding,
};
