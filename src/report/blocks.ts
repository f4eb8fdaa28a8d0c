/** A piece of a line, and how it is meant. */
export type Inline =
  | string
  | { readonly code: string }
  | { readonly strong: string }
  | { readonly dim: string }
  | { readonly tone: 'bad' | 'good' | 'warn'; readonly text: string };

export type Text = Inline | readonly Inline[];

export interface BlockColumn {
  readonly title: string;
  readonly align?: 'right';
}

/** What a section says, without a look: writers decide how it is shown. */
export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: Text }
  | { readonly kind: 'fields'; readonly fields: readonly (readonly [string, Text])[] }
  | {
      readonly kind: 'table';
      readonly caption: string;
      readonly columns: readonly BlockColumn[];
      readonly rows: readonly (readonly Text[])[];
    }
  | { readonly kind: 'list'; readonly items: readonly Text[] }
  | { readonly kind: 'code'; readonly code: string }
  /** Something that is to be done, and what for. */
  | { readonly kind: 'command'; readonly command: string; readonly why: string };

export function heading(text: string): Block {
  return { kind: 'heading', text };
}

export function paragraph(...text: readonly Inline[]): Block {
  return { kind: 'paragraph', text };
}

/** Fields whose value is null are left out. */
export function fields(...given: readonly (readonly [string, Text | null])[]): Block {
  return {
    kind: 'fields',
    fields: given.filter((each): each is readonly [string, Text] => each[1] !== null),
  };
}

/** A table; columns whose title begins with `>` are aligned on the right, those without anything in them are left out. */
export function table(caption: string, titles: readonly string[], rows: readonly (readonly Text[])[]): Block {
  const columns = titles.map(
    (title): BlockColumn => (title.startsWith('>') ? { title: title.slice(1), align: 'right' } : { title }),
  );
  const used = columns.map((_, at) => rows.some((row) => plain(row[at] ?? '') !== ''));
  const kept = <Each>(cells: readonly Each[]): Each[] => cells.filter((_, at) => used[at]);
  return { kind: 'table', caption, columns: kept(columns), rows: rows.map(kept) };
}

export function list(items: readonly Text[]): Block {
  return { kind: 'list', items };
}

export function inlines(text: Text): readonly Inline[] {
  return Array.isArray(text) ? (text as readonly Inline[]) : [text as Inline];
}

/** The words alone. */
export function plain(text: Text): string {
  return inlines(text)
    .map((each) => {
      if (typeof each === 'string') return each;
      if ('code' in each) return each.code;
      if ('strong' in each) return each.strong;
      return 'dim' in each ? each.dim : each.text;
    })
    .join('');
}
