/** One line of the text, with where it stands. */
export interface TextLine {
  /** From 1. */
  readonly number: number;
  /** As written, without the line end. */
  readonly raw: string;
  /** Without quote marks, bullets, bold and code marks; in code blocks as written. */
  readonly text: string;
  readonly kind: LineKind;
  /** Number of the block that it belongs to; the lines of one code block or one list have the same. */
  readonly block: number;
  /** Language behind the opening fence, in lower case; '' where none or no code. */
  readonly language: string;
  /** Headings above it, outermost first; in a code block also the comment lines do not count. */
  readonly headings: readonly string[];
}

export type LineKind = 'heading' | 'prose' | 'item' | 'quote' | 'code' | 'comment' | 'table' | 'blank';

/** Lines that belong together: one paragraph, list, table or code block. */
export interface TextBlock {
  readonly index: number;
  readonly kind: 'heading' | 'prose' | 'list' | 'quote' | 'code' | 'table';
  readonly language: string;
  readonly lines: readonly TextLine[];
  /** The last line of prose above it that speaks of it ('' if a heading stands between). */
  readonly caption: string;
  readonly headings: readonly string[];
}

/** An incident text, cut into lines and blocks. Markdown, but plain text works as well. */
export interface IncidentText {
  readonly title: string;
  readonly lines: readonly TextLine[];
  readonly blocks: readonly TextBlock[];
}
