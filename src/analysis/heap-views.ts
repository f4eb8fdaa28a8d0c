import type { SourceLocation } from '../model/source-location.ts';

/** An object in a listing. Sizes are bytes. */
export interface ObjectSummary {
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
export interface ObjectReference {
  /** What holds: `.name`, `[3]`, `[key]`, `$variable`, `#internal`, `?weak`. */
  readonly via: string;
  /** False for weak references and the like: they keep nothing alive. */
  readonly retains: boolean;
  /** The object at the other end. */
  readonly object: ObjectSummary;
}

/** One call on the stack that allocated an object; lines and columns count from 1. */
export interface AllocationFrame {
  readonly function: string;
  readonly file: string | null;
  readonly line: number;
  readonly column: number;
}

/** Everything about one object. */
export interface ObjectDetails extends ObjectSummary {
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
export interface PathStep extends ObjectSummary {
  /** As `ObjectReference.via`; empty at the root. */
  readonly via: string;
  /** Steps left out just before this one, in very long paths. */
  readonly skipped: number;
}

/** Why an object is alive, from the root to the object. */
export interface RetainingPath {
  readonly handle: string;
  /** Empty when nothing holds the object. */
  readonly steps: readonly PathStep[];
}

/** One of the different ways in which objects are held. */
export interface WayOfHolding {
  /** So many of the objects are held in this way; an object held in several is counted in each. */
  readonly objects: number;
  /** The path of one of them. */
  readonly sample: RetainingPath;
}

/** All ways in which an object or the objects of a class are held. */
export interface WaysOfHolding {
  /** Objects asked for. */
  readonly objects: number;
  /** Most objects first. */
  readonly ways: readonly WayOfHolding[];
  /** Ways in all; `ways` may hold fewer. */
  readonly wayCount: number;
}
