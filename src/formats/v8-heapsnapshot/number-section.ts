import { type Input, invalid, isDigit, isSpace, type Section } from './input.ts';

const COMMA = 0x2c;
const CLOSE = 0x5d;
const NEWLINE = 0x0a;
const ZERO = 0x30;
const RECORDS_PER_BLOCK = 1024;
/** Stands in a block for a number of 2^32 - 1 or more. */
const WIDE = 0xffffffff;

/** Takes whole records of a number section. */
export interface RecordConsumer {
  /**
   * @param values records one after the other
   * @param count how many of `values` are filled, a multiple of the record length
   * @param wides the true values where `values` holds 2^32 - 1
   * @returns what is wrong with the first bad record, null when all were taken; the records before it were taken
   */
  take(values: Uint32Array, count: number, wides: readonly WideNumber[]): BadNumber | null;
}

export interface WideNumber {
  /** Where in `values`. */
  index: number;
  readonly value: number;
}

export interface BadNumber {
  /** Where in `values`. */
  readonly index: number;
  readonly expected: string;
}

/**
 * A JSON array of non-negative integers, read in blocks of whole records. This loop sees every byte of the nodes
 * and edges sections, so it does nothing but digits; what the numbers mean is the consumer's matter.
 */
export class NumberSection implements Section {
  done = false;
  private readonly block: Uint32Array;
  private filled = 0;
  private wides: WideNumber[] = [];
  private awaited: 'first' | 'number' | 'comma' = 'first';
  /** The number that the last chunk's end cut in two, -1 when there is none. */
  private begun = -1;
  /** Offsets in the file of the block's numbers that began in earlier chunks; a cut number's is the last. */
  private carried: number[] = [];
  /** Where in the chunk the block's other numbers begin. */
  private blockFrom = 0;

  constructor(
    private readonly input: Input,
    private readonly name: string,
    private readonly stride: number,
    private readonly consumer: RecordConsumer,
  ) {
    this.block = new Uint32Array(stride * RECORDS_PER_BLOCK);
  }

  feed(chunk: Uint8Array, from: number): number {
    this.blockFrom = this.begun < 0 ? from : endOfDigits(chunk, from);
    const lastComma = chunk.lastIndexOf(COMMA);
    let at = from;
    while (at < chunk.length) {
      if (at < lastComma && this.awaited === 'number' && this.begun < 0) {
        const next = this.runFast(chunk, at, lastComma);
        if (next > at) {
          at = next;
          continue;
        }
      }
      at = this.step(chunk, at);
      if (this.done) return at;
    }
    this.carryOver(chunk, from);
    return at;
  }

  /** Hands over the whole records read so far; for a file that ends too early. */
  flush(): void {
    this.consumer.take(this.block, this.filled - (this.filled % this.stride), this.wides);
    this.filled = 0;
  }

  /**
   * Numbers of up to nine digits followed by `,` or `\n,`, as V8 writes them; stops before anything else. A number
   * that begins before the chunk's last comma ends before it too, so nothing here asks where the chunk ends. Written
   * out digit by digit since a loop takes half as long again: the processor foresees the length of a number better.
   */
  private runFast(chunk: Uint8Array, from: number, lastComma: number): number {
    const { block } = this;
    const capacity = block.length;
    let filled = this.filled;
    let at = from;
    while (at < lastComma) {
      let value = chunk[at]! - ZERO;
      if (value >>> 0 > 9) break;
      let next = at;
      let digit = 0;
      for (;;) {
        digit = chunk[++next]! - ZERO;
        if (digit >>> 0 > 9) break;
        value = Math.imul(value, 10) + digit;
        digit = chunk[++next]! - ZERO;
        if (digit >>> 0 > 9) break;
        value = Math.imul(value, 10) + digit;
        digit = chunk[++next]! - ZERO;
        if (digit >>> 0 > 9) break;
        value = Math.imul(value, 10) + digit;
        digit = chunk[++next]! - ZERO;
        if (digit >>> 0 > 9) break;
        value = Math.imul(value, 10) + digit;
        digit = chunk[++next]! - ZERO;
        if (digit >>> 0 > 9) break;
        value = Math.imul(value, 10) + digit;
        digit = chunk[++next]! - ZERO;
        if (digit >>> 0 > 9) break;
        value = Math.imul(value, 10) + digit;
        digit = chunk[++next]! - ZERO;
        if (digit >>> 0 > 9) break;
        value = Math.imul(value, 10) + digit;
        digit = chunk[++next]! - ZERO;
        if (digit >>> 0 > 9) break;
        value = Math.imul(value, 10) + digit;
        digit = chunk[++next]! - ZERO;
        break;
      }
      if (digit === COMMA - ZERO) next++;
      else if (digit === NEWLINE - ZERO && chunk[next + 1] === COMMA) next += 2;
      else break;
      block[filled++] = value;
      at = next;
      if (filled === capacity) {
        this.filled = filled;
        this.handOver(chunk, at);
        filled = 0;
      }
    }
    this.filled = filled;
    return at;
  }

  /** Any number, a comma, the end or white space; knows what is wrong. */
  private step(chunk: Uint8Array, from: number): number {
    const byte = chunk[from]!;
    if (this.begun >= 0 || (isDigit(byte) && this.awaited !== 'comma')) return this.number(chunk, from);
    let at = from + 1;
    if (byte === COMMA && this.awaited === 'comma') this.awaited = 'number';
    else if (byte === CLOSE && this.awaited !== 'number') this.close(chunk, from);
    else if (isSpace(byte)) while (at < chunk.length && isSpace(chunk[at]!)) at++;
    else throw this.unexpected(from, byte);
    return at;
  }

  private number(chunk: Uint8Array, from: number): number {
    const end = endOfDigits(chunk, from);
    let value = Math.max(this.begun, 0);
    for (let at = from; at < end; at++) value = value * 10 + (chunk[at]! - ZERO);
    if (end === chunk.length) {
      this.begun = value;
      return end;
    }
    this.begun = -1;
    this.awaited = 'comma';
    if (value >= WIDE) this.wides.push({ index: this.filled, value });
    this.block[this.filled++] = Math.min(value, WIDE);
    if (this.filled === this.block.length) this.handOver(chunk, end);
    return end;
  }

  private close(chunk: Uint8Array, at: number): void {
    if (this.filled % this.stride !== 0) {
      throw invalid(this.input, at, `"${this.name}" to hold whole records of ${this.stride} numbers`);
    }
    this.handOver(chunk, at);
    this.done = true;
  }

  /** Gives the block's whole records to the consumer; the numbers of a record that has only begun stay. */
  private handOver(chunk: Uint8Array, at: number): void {
    const { block, filled } = this;
    const whole = filled - (filled % this.stride);
    const bad = this.consumer.take(block, whole, this.wides);
    if (bad) {
      this.filled = 0;
      throw invalid(this.input, this.placeOf(bad.index, chunk), `${bad.expected} in "${this.name}"`);
    }
    block.copyWithin(0, whole, filled);
    this.filled = filled - whole;
    if (this.wides.length > 0) {
      this.wides = this.wides.filter(({ index }) => index >= whole);
      for (const wide of this.wides) wide.index -= whole;
    }
    this.carried = [];
    this.blockFrom = at;
  }

  /** At the end of a chunk whole records go; of the numbers that stay the offsets are kept, for errors. */
  private carryOver(chunk: Uint8Array, from: number): void {
    const first = this.filled - (this.filled % this.stride);
    const end = this.filled + (this.begun < 0 ? 0 : 1);
    const offsets: number[] = [];
    let at = chunk.length;
    for (let index = end - 1; index >= first; index--) {
      while (at > from && !isDigit(chunk[at - 1]!)) at--;
      while (at > from && isDigit(chunk[at - 1]!)) at--;
      offsets.unshift(this.carried[index] ?? this.input.chunkOffset + at);
    }
    this.handOver(chunk, chunk.length);
    this.carried = offsets;
  }

  /** Where a number of the block begins, relative to the chunk; found by reading the chunk's part of the block again. */
  private placeOf(index: number, chunk: Uint8Array): number {
    const carried = this.carried[index];
    if (carried !== undefined) return carried - this.input.chunkOffset;
    let at = startOfDigits(chunk, this.blockFrom);
    for (let left = index - this.carried.length; left > 0; left--) {
      at = startOfDigits(chunk, endOfDigits(chunk, at));
    }
    return at;
  }

  private unexpected(at: number, byte: number): Error {
    const expected = this.awaited === 'comma' ? "',' or ']'" : 'a number';
    return invalid(this.input, at, `${expected} in "${this.name}"`, byte);
  }
}

function endOfDigits(chunk: Uint8Array, from: number): number {
  let at = from;
  while (at < chunk.length && isDigit(chunk[at]!)) at++;
  return at;
}

function startOfDigits(chunk: Uint8Array, from: number): number {
  let at = from;
  while (at < chunk.length && !isDigit(chunk[at]!)) at++;
  return at;
}
