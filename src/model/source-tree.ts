/** The service's own code: text by path relative to the root, with forward slashes. */
export interface SourceTree {
  readonly root: string;
  readonly files: ReadonlyMap<string, string>;
  /** Source maps found beside the code: text by relative path. */
  readonly maps: ReadonlyMap<string, string>;
}
