/** A position in a source file. Lines and columns count from 1, as editors show them. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `file:line`, as people write it. */
export function locationText(location: SourceLocation): string {
  return `${location.file}:${location.line}`;
}
