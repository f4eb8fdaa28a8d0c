/** Strings of a dump by index. They stay bytes until asked for. */
export interface StringTable {
  readonly length: number;
  /** The string, exact to the last lone surrogate. Out of range gives a placeholder, never an error. */
  get(index: number): string;
  /** Like `get`, but reads no more than about `maxChars` characters: values can be megabytes long. */
  head(index: number, maxChars: number): string;
  /** Length as written in the dump in bytes, never less than the true length of its UTF-8 form; costs nothing. */
  writtenBytes(index: number): number;
}
