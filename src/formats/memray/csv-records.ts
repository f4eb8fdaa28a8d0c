const QUOTE = 0x22;
const NEWLINE = 0x0a;

/** The fields of one record and where it begins. */
export interface CsvRecord {
  readonly offset: number;
  readonly fields: string[];
}

/**
 * Cuts CSV as Python's `csv.writer` makes it (RFC 4180) into records, chunk by chunk: a field with commas, quotes or line breaks
 * stands in quotes, and a quote in it is doubled.
 */
export class CsvRecords {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: false });
  private rest: Uint8Array = new Uint8Array(0);
  private base = 0;
  /** Bytes of `rest` that were searched already, and whether they end inside quotes. */
  private searched = 0;
  private quoted = false;

  *feed(chunk: Uint8Array): Generator<CsvRecord> {
    const bytes = new Uint8Array(this.rest.length + chunk.length);
    bytes.set(this.rest);
    bytes.set(chunk, this.rest.length);
    let start = 0;
    for (let at = this.searched; at < bytes.length; at++) {
      if (bytes[at] === QUOTE) this.quoted = !this.quoted;
      else if (bytes[at] === NEWLINE && !this.quoted) {
        yield { offset: this.base + start, fields: this.fieldsOf(bytes.subarray(start, at)) };
        start = at + 1;
      }
    }
    this.rest = bytes.slice(start);
    this.searched = this.rest.length;
    this.base += start;
  }

  /** What stands behind the last line break: text that was cut off, or the last record of a file without one. */
  *end(): Generator<CsvRecord> {
    if (this.rest.length > 0) yield { offset: this.base, fields: this.fieldsOf(this.rest) };
  }

  /** Bytes that wait for the end of their record. */
  get pendingBytes(): number {
    return this.rest.length;
  }

  get isInsideQuotes(): boolean {
    return this.quoted;
  }

  private fieldsOf(record: Uint8Array): string[] {
    const text = this.decoder.decode(record).replace(/\r$/, '');
    if (!text.includes('"')) return text.split(',');
    const fields: string[] = [];
    const field = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/gy;
    for (let match = field.exec(text); match !== null; match = field.exec(text)) {
      fields.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
      if (match[3] === '') break;
    }
    return fields;
  }
}
