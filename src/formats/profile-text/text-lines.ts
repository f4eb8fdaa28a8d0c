import { FormatError } from '../../base/errors.ts';

/** Walks the lines of a text and knows where each stands in the file. */
export class TextLines {
  /** The line read last, without its end. */
  line = '';
  private start = 0;
  private next = 0;

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {}

  /** Moves on to the next line; false at the end. */
  advance(): boolean {
    if (this.next >= this.text.length) return false;
    this.start = this.next;
    let end = this.text.indexOf('\n', this.start);
    this.next = end === -1 ? this.text.length : end + 1;
    if (end === -1) end = this.text.length;
    if (end > this.start && this.text.charCodeAt(end - 1) === 0x0d) end--;
    this.line = this.text.slice(this.start, end);
    return true;
  }

  /** Steps back, so that `advance` gives this line once more. */
  back(): void {
    this.next = this.start;
  }

  /** An error in this line. A last line without its end was cut. */
  error(expected: string): FormatError {
    const isCut = this.next === this.text.length && !this.text.endsWith('\n');
    return new FormatError({
      file: this.file,
      offset: new TextEncoder().encode(this.text.slice(0, this.start)).length,
      expected,
      found: JSON.stringify(this.line.slice(0, 80)),
      truncated: isCut,
      ...(isCut ? { hint: 'the profile was cut while it was written or copied; take it again' } : {}),
    });
  }
}
