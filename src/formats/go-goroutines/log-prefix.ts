const SPACE = 32;
const TAB = 9;
const ZERO = 48;
const NINE = 57;

/**
 * What a logger put before every line: a time, a container's name, an indent. The header of a goroutine shows it; the
 * following lines have the same with other digits, or with more or fewer of them (RFC 3339 drops zeros at the end).
 */
export class LogPrefix {
  private readonly shape: Uint8Array;
  /** The last piece without digits, `Z stderr F ` for example: where it ends the text begins. */
  private readonly tail: Uint8Array;
  private readonly words: number;

  constructor(bytes: Uint8Array) {
    this.shape = bytes.slice();
    let from = this.shape.length;
    while (from > 0 && !isDigit(this.shape[from - 1]!)) from--;
    this.tail = this.shape.slice(from);
    this.words = new TextDecoder('latin1').decode(bytes).split(' ').length - 1;
  }

  /** Index at which the text of a line begins; the end of the line if only the prefix is there; -1 if it has another one. */
  textStart(bytes: Uint8Array, start: number, end: number): number {
    if (this.fitsAt(bytes, start, end)) return start + this.shape.length;
    if (this.isBlankRest(bytes, start, end)) return end;
    // `Z stderr F ` is found again; a mere space is counted.
    if (this.tail.some((byte) => byte !== SPACE && byte !== TAB)) {
      const limit = Math.min(end, start + this.shape.length + 12) - this.tail.length;
      for (let at = start; at <= limit; at++)
        if (startsWith(bytes, at, this.tail)) return at + this.tail.length;
      return -1;
    }
    if (this.words === 0) return -1;
    let at = start;
    for (let word = 0; word < this.words; word++) {
      while (at < end && bytes[at] !== SPACE) at++;
      if (at === end) return -1;
      at++;
    }
    return at;
  }

  /** ISO time in the prefix, if it has one. */
  get time(): string | null {
    const text = new TextDecoder('latin1').decode(this.shape);
    const match =
      /(\d{4})[-/](\d{2})[-/](\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:?\d{2})?/.exec(text);
    if (!match) return null;
    const [, year, month, day, clock, fraction = '', zone = 'Z'] = match;
    const time = Date.parse(`${year}-${month}-${day}T${clock}.${`${fraction}000`.slice(0, 3)}${zone}`);
    return Number.isNaN(time) ? null : new Date(time).toISOString();
  }

  private fitsAt(bytes: Uint8Array, start: number, end: number): boolean {
    const { shape } = this;
    if (end - start < shape.length) return false;
    for (let at = 0; at < shape.length; at++) {
      const own = shape[at]!;
      const other = bytes[start + at]!;
      if (own !== other && !(isDigit(own) && isDigit(other))) return false;
    }
    return true;
  }

  /** A logger that trims lines leaves less than its own prefix before an empty one. */
  private isBlankRest(bytes: Uint8Array, start: number, end: number): boolean {
    const { shape } = this;
    if (end - start >= shape.length) return false;
    for (let at = 0; at < end - start; at++) {
      const own = shape[at]!;
      const other = bytes[start + at]!;
      if (own !== other && !(isDigit(own) && isDigit(other))) return false;
    }
    for (let at = end - start; at < shape.length; at++)
      if (shape[at] !== SPACE && shape[at] !== TAB) return false;
    return true;
  }
}

function startsWith(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false;
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
