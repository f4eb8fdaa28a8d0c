import type { SourceLocation } from './source-location.ts';

/** What an object is, coarsely: enough to tell a program's objects from the engine's. */
export type ShapeCategory =
  | 'object'
  | 'array'
  | 'closure'
  | 'context'
  | 'string'
  | 'primitive'
  | 'native'
  | 'engine'
  | 'root';

/** A class of objects as a path step names it. Equal text, category and location mean the same shape. */
export interface Shape {
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
export type Label = string;

/** Names steps for one dump; texts of different dumps of one runtime are comparable. */
export interface Describer {
  label(source: number, edge: number): Label;
  shape(node: number): Shape;
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
