/** Growth that is known and harmless. The reason is told to the reader; nothing is hidden without one. */
export interface KnownGrowth {
  /** Tried on the path of the members, ` → ` between steps, as `.label Class`. */
  readonly path?: RegExp;
  /** Tried on the file of the class or function that holds the members, with `/` between folders. */
  readonly owner?: RegExp;
  readonly why: string;
  /** Runtime versions for which this was seen. */
  readonly seen: string;
}
