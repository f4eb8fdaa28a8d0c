import { StanchError } from '../base/errors.ts';
import type { Describer } from '../model/description.ts';
import { type HeapGraph, handleOf, isHandle, nodeOfHandle } from '../model/heap-graph.ts';
import { type ClassedBy, type ClassNames, classNames } from './class-names.ts';
import { distances } from './distances.ts';
import { type DominatorTree, dominators } from './dominators.ts';
import type { ObjectDetails, ObjectSummary, RetainingPath, WaysOfHolding } from './heap-views.ts';
import { type HeapClass, type Histogram, histogram } from './histogram.ts';
import { largest } from './largest.ts';
import { type MeaningTree, meaningTree } from './meaning-tree.ts';
import { objectNames } from './object-names.ts';
import { detailsOf, stepsOf, summaryOf, type ViewParts } from './object-view.ts';
import { bestPath, waysOfHolding } from './paths.ts';
import { similarTo } from './similar.ts';

/** How a `Heap` answers. */
export interface HeapOptions {
  /** Show the values of strings and the keys of objects used as maps; otherwise they are masked. */
  showValues?: boolean;
  /** Called once by `close`. */
  onClose?: () => void;
}

/** What `Heap.classes` lists. */
export interface ClassQuery {
  /** `class` (as Chrome DevTools; the default) or `constructor` (by name alone). */
  by?: ClassedBy;
  /** Only classes whose name contains this text, upper and lower case alike, or matches it. */
  filter?: string | RegExp;
  /** Largest first by bytes retained (the default), own bytes, or number of objects. */
  sort?: 'retained' | 'self' | 'count';
  limit?: number;
}

/** What `Heap.objects` lists. */
export interface ObjectQuery {
  /** Only objects of the class or constructor of this name; all objects without it. */
  class?: string;
  /** Only objects whose own size is at least this. */
  minBytes?: number;
  /** Largest first by bytes retained (the default) or own bytes. */
  sort?: 'retained' | 'self';
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
export class Heap {
  readonly graph: HeapGraph;
  private readonly options: HeapOptions;
  private readonly computed: {
    dominators?: DominatorTree;
    distances?: Int32Array;
    meaning?: MeaningTree;
    describer?: Describer;
    histograms: Map<ClassedBy, { classes: ClassNames; counts: Histogram }>;
    parts?: ViewParts;
  } = { histograms: new Map() };

  constructor(graph: HeapGraph, options: HeapOptions = {}) {
    this.graph = graph;
    this.options = options;
  }

  /** Immediate dominators and retained bytes by node. */
  dominators(): DominatorTree {
    this.computed.dominators ??= dominators(this.graph);
    return this.computed.dominators;
  }

  /** References from the program's roots by node; negative where nothing leads, from 10^8 on through the engine only. */
  distances(): Int32Array {
    this.computed.distances ??= distances(this.graph);
    return this.computed.distances;
  }

  /** Classes with objects, own and retained bytes. */
  classes(query: ClassQuery = {}): HeapClass[] {
    const { filter, sort = 'retained', limit } = query;
    const { classes, counts } = this.histogramBy(query.by ?? 'class');
    const order = { retained: 'retainedBytes', self: 'selfBytes', count: 'objects' } as const;
    const wanted = classFilter(filter);
    return classes.names
      .map((name, at) => ({
        name,
        location: classes.locations[at]!,
        objects: counts.objects[at]!,
        selfBytes: counts.selfBytes[at]!,
        retainedBytes: counts.retainedBytes[at]!,
      }))
      .filter(({ name, objects }) => objects > 0 && wanted(name))
      .sort((a, b) => b[order[sort]] - a[order[sort]] || b.selfBytes - a.selfBytes)
      .slice(0, limit);
  }

  /**
   * The largest objects, of one class or of all.
   *
   * @throws StanchError `no-such-class`
   */
  objects(query: ObjectQuery = {}): ObjectSummary[] {
    const { sort = 'retained', limit = 20 } = query;
    const { graph } = this;
    const size = sort === 'self' ? graph.selfBytes : this.dominators().retainedBytes;
    const nodes = this.nodesOf(query);
    const count = nodes?.length ?? graph.nodeCount - 1;
    const nodeAt = (at: number): number => (nodes ? nodes[at]! : at + 1);
    return largest(count, limit, (at) => size[nodeAt(at)]!).map((at) => summaryOf(this.parts(), nodeAt(at)));
  }

  /**
   * How many objects there are of a class or constructor, or of a size.
   *
   * @throws StanchError `no-such-class`
   */
  countOf(query: string | Pick<ObjectQuery, 'class' | 'minBytes'>): number {
    const asked = typeof query === 'string' ? { class: query } : query;
    return this.nodesOf(asked)?.length ?? this.graph.nodeCount - 1;
  }

  /**
   * Everything about one object.
   *
   * @param handle `n-<id>`
   * @param options `limit`: at most so many references and retainers (50)
   * @throws StanchError `no-such-object`
   */
  object(handle: string, options: { limit?: number } = {}): ObjectDetails {
    return detailsOf(this.parts(), this.nodeOf(handle), options.limit ?? 50);
  }

  /**
   * Why an object is alive: its best path from the root by meaning, where named references are preferred to the
   * engine's own bookkeeping.
   *
   * @throws StanchError `no-such-object`
   */
  path(handle: string): RetainingPath {
    return { handle, steps: stepsOf(this.parts(), bestPath(this.meaning(), this.nodeOf(handle))) };
  }

  /**
   * All different ways in which an object, or all objects of a class, are held: paths grouped by shape.
   *
   * @param handleOrClass `n-<id>` or the name of a class
   * @param options `limit`: at most so many ways (20)
   * @throws StanchError `no-such-object` or `no-such-class`
   */
  paths(handleOrClass: string, options: { limit?: number } = {}): WaysOfHolding {
    const nodes = isHandle(handleOrClass)
      ? Uint32Array.of(this.nodeOf(handleOrClass))
      : this.nodesOfClass(handleOrClass);
    const ways = waysOfHolding(this.graph, this.meaning(), this.describer(), nodes);
    return {
      objects: nodes.length,
      wayCount: ways.length,
      ways: ways.slice(0, options.limit ?? 20).map(({ objects, sample }) => ({
        objects,
        sample: {
          handle: handleOf(this.graph, sample[sample.length - 1]!.node),
          steps: stepsOf(this.parts(), sample),
        },
      })),
    };
  }

  /** Lets go of the file. Names that were not asked for before can then no longer be read. */
  close(): void {
    this.options.onClose?.();
  }

  /** The classes of all objects, as `classes` counts them. */
  classNames(by: ClassedBy = 'class'): ClassNames {
    return this.histogramBy(by).classes;
  }

  /** Ascending; null for all. */
  private nodesOf({
    class: name,
    minBytes = 0,
  }: Pick<ObjectQuery, 'class' | 'minBytes'>): Uint32Array | null {
    const ofClass = name === undefined ? null : this.nodesOfClass(name);
    if (minBytes <= 0) return ofClass;
    const { selfBytes, nodeCount } = this.graph;
    const isLarge = (node: number): boolean => selfBytes[node]! >= minBytes;
    if (ofClass) return ofClass.filter(isLarge);
    const nodes: number[] = [];
    for (let node = 1; node < nodeCount; node++) if (isLarge(node)) nodes.push(node);
    return Uint32Array.from(nodes);
  }

  private nodeOf(handle: string): number {
    const node = nodeOfHandle(this.graph, handle);
    if (node >= 0) return node;
    throw new StanchError(`${this.graph.file}: no object ${handle}`, {
      code: 'no-such-object',
      hint: !isHandle(handle)
        ? 'a handle is n- and a number or an address, as `stanch objects` lists them'
        : 'handles are the same in all dumps of one process; this object may have gone by the time of this dump',
    });
  }

  /** Ascending. Both ways of naming are understood: `{id, name}` as well as `Object`. */
  private nodesOfClass(name: string): Uint32Array {
    for (const by of ['class', 'constructor'] as const) {
      const { classes } = this.histogramBy(by);
      const wanted = new Set(classes.names.flatMap((other, at) => (other === name ? [at] : [])));
      if (wanted.size === 0) continue;
      const nodes: number[] = [];
      for (let node = 0; node < this.graph.nodeCount; node++) {
        if (wanted.has(classes.classOf[node]!) && this.graph.selfBytes[node]! > 0) nodes.push(node);
      }
      if (nodes.length > 0) return Uint32Array.from(nodes);
    }
    const close = similarTo(name, this.histogramBy('class').classes.names);
    throw new StanchError(`${this.graph.file}: no object of class ${name}`, {
      code: 'no-such-class',
      hint: close ? `did you mean ${close}?` : 'list the classes with `stanch objects`',
    });
  }

  private histogramBy(by: ClassedBy): { classes: ClassNames; counts: Histogram } {
    let known = this.computed.histograms.get(by);
    if (!known) {
      const classes = classNames(this.graph, by);
      known = { classes, counts: histogram(this.graph, classes, this.dominators()) };
      this.computed.histograms.set(by, known);
    }
    return known;
  }

  private meaning(): MeaningTree {
    this.computed.meaning ??= meaningTree(this.graph);
    return this.computed.meaning;
  }

  private describer(): Describer {
    this.computed.describer ??= this.graph.newDescriber();
    return this.computed.describer;
  }

  private parts(): ViewParts {
    this.computed.parts ??= {
      graph: this.graph,
      classes: this.classNames(),
      tree: this.dominators(),
      distance: this.distances(),
      names: objectNames(this.graph, this.describer(), this.options.showValues ?? false),
    };
    return this.computed.parts;
  }
}

function classFilter(filter: string | RegExp | undefined): (name: string) => boolean {
  if (filter === undefined) return () => true;
  if (typeof filter === 'string') {
    const lower = filter.toLowerCase();
    return (name) => name.toLowerCase().includes(lower);
  }
  return (name) => name.search(filter) >= 0;
}
