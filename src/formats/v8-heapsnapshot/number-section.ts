import { type Input, invalid, isSpace, type Section } from './input.ts';

const COMMA = 0x2c;
const CLOSE = 0x5d;
const ZERO = 0x30;
const MAX_INT_DIGITS = 9;
const RECORDS_PER_BLOCK = 8192;
export const WIDE = 0xffffffff;

/** Takes whole records of a number section: `values[0 … count - 1]`, count a multiple of the stride. */
export interface RecordConsumer {
  take(values: Uint32Array, count: number): void;
  /** A number of 2^32 or more: `values` holds `WIDE` in its place, and this came just before `take`. */
  wide?(indexInBlock: number, value: number, field: number): void;
}

/**
 * A JSON array of non-negative integers, read in blocks of whole records. This loop sees every byte of the nodes
 * and edges sections, so it does nothing but digits; what the numbers mean is the consumer's matter.
 */
export class NumberSection implements Section {
  done = false;
  private readonly block: Uint32Array;
  private filled = 0;
  private value = 0;
  private wideValue = 0;
  private digits = 0;
  /** A number ended at white space; a comma or the end has to follow. */
  private awaitsComma = false;
  private awaitsNumber = false;
  private started = false;

  constructor(
    private readonly input: Input,
    private readonly name: string,
    private readonly stride: number,
    private readonly consumer: RecordConsumer,
  ) {
    this.block = new Uint32Array(stride * RECORDS_PER_BLOCK);
  }

  feed(chunk: Uint8Array, from: number): number {
    const end = chunk.length;
    const { block } = this;
    const capacity = block.length;
    let at = from;
    let { filled, value, digits } = this;
    while (at < end) {
      let byte = chunk[at]!;
      if (digits > 0 || (byte - ZERO) >>> 0 < 10) {
        if (digits === 0 && this.awaitsComma) throw this.unexpected(at, byte);
        while ((byte - ZERO) >>> 0 < 10) {
          if (digits < MAX_INT_DIGITS) value = Math.imul(value, 10) + (byte - ZERO);
          else this.wideValue = (digits === MAX_INT_DIGITS ? value : this.wideValue) * 10 + (byte - ZERO);
          digits++;
          if (++at === end) {
            this.filled = filled;
            this.value = value;
            this.digits = digits;
            return at;
          }
          byte = chunk[at]!;
        }
        block[filled++] = digits > MAX_INT_DIGITS ? this.wideNumber(filled - 1, at) : value;
        if (filled === capacity) {
          this.consumer.take(block, filled);
          filled = 0;
        }
        value = 0;
        digits = 0;
        this.started = true;
        if (byte === COMMA) {
          at++;
          this.awaitsNumber = true;
          continue;
        }
        this.awaitsNumber = false;
        this.awaitsComma = true;
      } else if (byte === COMMA && this.awaitsComma) {
        this.awaitsComma = false;
        this.awaitsNumber = true;
        at++;
      } else if (isSpace(byte)) {
        at++;
      } else if (byte === CLOSE && (this.awaitsComma || !this.started)) {
        this.filled = filled;
        this.close(at);
        return at + 1;
      } else {
        throw this.unexpected(at, byte);
      }
    }
    this.filled = filled;
    this.value = value;
    this.digits = digits;
    return at;
  }

  /** Hands over the whole records read so far; for a file that ends too early. */
  flush(): void {
    const whole = this.filled - (this.filled % this.stride);
    if (whole > 0) this.consumer.take(this.block, whole);
    this.filled = 0;
  }

  private close(at: number): void {
    if (this.filled % this.stride !== 0) {
      throw invalid(this.input, at, `"${this.name}" to hold whole records of ${this.stride} numbers`);
    }
    this.flush();
    this.done = true;
  }

  private wideNumber(index: number, at: number): number {
    const { wideValue } = this;
    if (wideValue < WIDE) return wideValue;
    if (!this.consumer.wide || !Number.isSafeInteger(wideValue)) {
      throw invalid(this.input, at, `a number below 2^32 in "${this.name}"`);
    }
    this.consumer.wide(index, wideValue, index % this.stride);
    return WIDE;
  }

  private unexpected(at: number, byte: number): Error {
    return invalid(this.input, at, this.awaitsComma ? `',' or ']' in "${this.name}"` : `a number in "${this.name}"`, byte);
  }
}
