import type { StringTable } from '../../model/string-table.ts';

/** Names of the graph, each once. Index 0 is the empty string. */
export class StringPool implements StringTable {
  private readonly texts: string[] = [''];
  private readonly indexes: Map<string, number> = new Map([['', 0]]);

  get length(): number {
    return this.texts.length;
  }

  index(text: string): number {
    let index = this.indexes.get(text);
    if (index === undefined) {
      index = this.texts.length;
      this.texts.push(text);
      this.indexes.set(text, index);
    }
    return index;
  }

  get(index: number): string {
    return this.texts[index] ?? '(lost string)';
  }

  head(index: number, maxChars: number): string {
    return this.get(index).slice(0, maxChars);
  }

  /** No code unit takes more than three bytes in UTF-8. */
  writtenBytes(index: number): number {
    return this.get(index).length * 3;
  }
}
